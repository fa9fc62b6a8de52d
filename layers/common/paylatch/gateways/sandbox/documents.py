"""The sandbox gateway's JSON, converted to the values of the gateway port. Raises `Malformed` for invalid documents."""

from collections.abc import Mapping
from dataclasses import replace
from typing import Any

from paylatch.domain.payment import Capture, Dispute, DisputeStatus
from paylatch.domain.timestamps import as_text, from_text
from paylatch.gateways.fields import (
    Document,
    Malformed,
    UnknownStatus,
    currency,
    known,
    minor_units,
    part,
    refund_id_in,
    text_as_given,
    timestamp,
    word,
)
from paylatch.gateways.stack_reference import NotOurs, read_names
from paylatch.ports import (
    ForeignPayment,
    FoundAttempt,
    GatewayEvent,
    GatewayEventKind,
    RefundState,
    Session,
    SessionReport,
    SessionRequest,
    SessionState,
    VoidAnswer,
    VoidKind,
)

_EVENT_KINDS = {
    "payment.succeeded": GatewayEventKind.PAID,
    "payment.failed": GatewayEventKind.TRY_FAILED,
    "payment.processing": GatewayEventKind.IN_PROGRESS,
    "session.expired": GatewayEventKind.EXPIRED,
    "session.closed": GatewayEventKind.CLOSED,
    "session.declined": GatewayEventKind.DECLINED,
    "refund.succeeded": GatewayEventKind.REFUNDED,
    "refund.failed": GatewayEventKind.REFUND_FAILED,
    "payment.refunded": GatewayEventKind.MONEY_RETURNED,
    "dispute.opened": GatewayEventKind.DISPUTED,
    "dispute.won": GatewayEventKind.DISPUTED,
    "dispute.lost": GatewayEventKind.DISPUTED,
}
_ABOUT_MONEY = frozenset(
    {GatewayEventKind.PAID, GatewayEventKind.REFUNDED, GatewayEventKind.REFUND_FAILED, GatewayEventKind.MONEY_RETURNED}
)
_DISPUTES = {status.value: status for status in DisputeStatus}
_STATES = {
    "open": SessionState.OPEN,
    "in_progress": SessionState.IN_PROGRESS,
    "paid": SessionState.PAID,
    "closed": SessionState.CLOSED,
    "expired": SessionState.CLOSED,
}
_VOIDS = {kind.value: kind for kind in VoidKind if kind is not VoidKind.PROCESSING}
_REFUNDS = {state.value: state for state in (RefundState.DONE, RefundState.PENDING, RefundState.FAILED)}


def opening(request: SessionRequest, shop: str, stack: str) -> dict[str, Any]:
    """The body of `POST /sessions`."""
    return {
        "attempt_id": request.attempt_id,
        "order_id": request.order_id,
        "amount": request.amount,
        "currency": request.currency,
        "expires_at": as_text(request.expires_at),
        "return_url": request.return_url,
        "callback_url": request.callback_url,
        "description": request.reference,
        "shop": shop,
        "stack": stack,
    }


def opened_session(document: Document) -> Session:
    """The answer to `POST /sessions`."""
    pay_url = document.get("pay_url")
    if not isinstance(pay_url, str) or not pay_url.startswith(("https://", "http://")):
        raise Malformed("pay_url is not an address")
    return Session(session_id=word(document, "session_id"), pay_url=pay_url)


def session_report(document: Document) -> SessionReport:
    """The answer to `GET /sessions/{attempt_id}`."""
    state = known(_STATES, document, "status")
    return SessionReport(state, _capture(document) if state is SessionState.PAID else None)


def void_answer(document: Document) -> VoidAnswer:
    """The answer to `POST /sessions/{attempt_id}/void`."""
    kind = known(_VOIDS, document, "result")
    capture = _capture(document) if kind is VoidKind.ALREADY_PAID else None
    until = from_text(word(document, "until")) if kind is VoidKind.NOT_VOIDABLE else None
    return VoidAnswer(kind, capture, until)


def payment_capture(document: Document) -> Capture:
    """The money in the answer to `GET /payments/{payment_id}`."""
    return _capture(document)


def payment_attempt(document: Document, stack: str) -> FoundAttempt:
    """The attempt in the answer to `GET /payments/{payment_id}`. Raises `NotOurs`."""
    return read_names(document.get("attempt_id"), document.get("stack"), stack)


def refund_state(document: Document) -> RefundState:
    """The answer to both calls about refunds."""
    return known(_REFUNDS, document, "status")


def gateway_events(document: Document, stack: str) -> tuple[GatewayEvent, ...]:
    """The statement of one callback; none for an unknown type, which a later release may add."""
    type_, data = word(document, "type"), part(document, "data")
    if type_ not in _EVENT_KINDS:
        return ()
    try:
        return (_notice(type_, document, payment_attempt(data, stack)),)
    except NotOurs as foreign:
        return (_foreign(type_, data, str(foreign)),)


def _notice(type_: str, document: Document, found: FoundAttempt) -> GatewayEvent:
    stated_at = timestamp(document, "timestamp")
    try:
        statement = _statement(_EVENT_KINDS[type_], part(document, "data"), found.attempt_id)
    except UnknownStatus as unknown:
        statement = GatewayEvent(GatewayEventKind.UNKNOWN, found.attempt_id, cause=str(unknown))
    except Malformed as malformed:
        if found.stack_named:
            raise
        raise NotOurs(f"it names no stack, and {malformed}") from malformed
    return replace(statement, stated_at=stated_at, stack_named=found.stack_named)


def _statement(kind: GatewayEventKind, data: Document, attempt_id: str) -> GatewayEvent:
    capture = _capture(data) if kind in _ABOUT_MONEY else None
    dispute = listed_dispute(data) if kind is GatewayEventKind.DISPUTED else None
    refund_id = refund_id_in(data.get("refund_id"), attempt_id)
    return GatewayEvent(kind, attempt_id, capture, dispute=dispute, refund_id=refund_id)


def _foreign(type_: str, data: Document, cause: str) -> GatewayEvent:
    payment = data.get("payment")
    stated = payment if isinstance(payment, Mapping) else {}
    names = (text_as_given(stated, name) for name in ("payment_id", "amount", "currency"))
    return GatewayEvent(GatewayEventKind.FOREIGN, "", foreign=ForeignPayment(type_, cause, *names))


def listed_dispute(data: Document) -> Dispute:
    """The dispute in a callback or a statement."""
    dispute, payment = part(data, "dispute"), part(data, "payment")
    return Dispute(
        dispute_id=word(dispute, "dispute_id"),
        payment_id=word(payment, "payment_id"),
        amount=minor_units(dispute, "amount"),
        currency=currency(payment, "currency"),
        status=known(_DISPUTES, dispute, "status"),
        evidence_due=timestamp(dispute, "evidence_due"),
    )


def _capture(document: Document) -> Capture:
    payment = part(document, "payment")
    returned = minor_units(payment, "returned") if "returned" in payment else 0
    return Capture(word(payment, "payment_id"), minor_units(payment, "amount"), currency(payment, "currency"), returned)
