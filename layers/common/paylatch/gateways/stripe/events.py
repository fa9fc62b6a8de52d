"""Stripe's events, converted to the values of the gateway port."""

from collections.abc import Callable, Mapping
from dataclasses import replace

from paylatch.domain.currencies import NO_CURRENCY
from paylatch.domain.payment import Capture
from paylatch.gateways import fields
from paylatch.gateways.fields import Document
from paylatch.gateways.stack_reference import NotOurs
from paylatch.gateways.stripe.disputes import dispute_of, intent_id_of
from paylatch.gateways.stripe.money import from_stripe
from paylatch.gateways.stripe.refunds import REFUND_STATES
from paylatch.gateways.stripe.sessions import SETTLED, UNPAID, attempt_of, capture_of, names_anybody
from paylatch.ports import ForeignPayment, FoundAttempt, GatewayEvent, GatewayEventKind, RefundState

# Reads an event from an object, the Stripe event, and the object's attempt id, which is empty where it has none.
Reader = Callable[[Document, Document, str], GatewayEvent | None]

# A later event reports the outcome of a refund that is pending or waits for the payer.
_REFUND_EVENT_KINDS = {RefundState.DONE: GatewayEventKind.REFUNDED, RefundState.FAILED: GatewayEventKind.REFUND_FAILED}
# A dispute, or a refund made by hand, usually has no metadata: only the payment shows its owner.
_NAMED_BY_PAYMENT = ("refund.", "charge.refund.", "charge.dispute.")


def gateway_events_of(event: Document, *, live: bool, stack: str) -> tuple[GatewayEvent, ...]:
    """The statements of an event about a payment; none where the event concerns something else."""
    kind = fields.word(event, "type")
    read = _READERS.get(kind)
    if read is None:
        return ()
    document = fields.part(fields.part(event, "data"), "object")
    try:
        _require_our_account(event, document, live)
        found = _attempt_of(kind, document, stack)
        gateway_event = _notice(read, document, event, found)
    except NotOurs as foreign:
        return (_foreign(kind, document, str(foreign)),)
    return (gateway_event,) if gateway_event else ()


def _require_our_account(event: Document, document: Document, live: bool) -> None:
    # A platform's endpoint also receives events of its connected accounts, which name the account, and of both modes.
    # Stripe's events and objects both have the mode; other servers with its API may leave it out of the event.
    if event.get("account") is not None:
        raise NotOurs("it is a connected account's")
    if event.get("livemode", document.get("livemode")) is not live:
        raise NotOurs("it is not of this key's mode")


def _attempt_of(kind: str, document: Document, stack: str) -> FoundAttempt:
    if kind.startswith(_NAMED_BY_PAYMENT) and not names_anybody(document):
        return FoundAttempt("")
    return attempt_of(document, stack)


def _notice(read: Reader, document: Document, event: Document, found: FoundAttempt) -> GatewayEvent | None:
    try:
        gateway_event = read(document, event, found.attempt_id)
    except fields.Malformed as malformed:
        if not found.stack_named:
            raise NotOurs(f"it names no stack, and {malformed}") from malformed
        if found.attempt_id and not isinstance(malformed, fields.UnknownStatus):
            raise
        payment = Capture(intent_id_of(document) or "", 0, NO_CURRENCY)
        gateway_event = GatewayEvent(GatewayEventKind.UNKNOWN, found.attempt_id, payment, cause=str(malformed))
    stated_at = fields.epoch_timestamp(event, "created")
    return replace(gateway_event, stated_at=stated_at, stack_named=found.stack_named) if gateway_event else None


def _foreign(kind: str, document: Document, cause: str) -> GatewayEvent:
    intent = document.get("payment_intent")
    payment = ForeignPayment(
        kind,
        cause,
        payment_id=fields.text_as_given(document, "id" if intent is None else "payment_intent"),
        amount=fields.text_as_given(document, "amount") or fields.text_as_given(document, "amount_total"),
        currency=fields.text_as_given(document, "currency"),
    )
    return GatewayEvent(GatewayEventKind.FOREIGN, "", foreign=payment)


def _completed(session: Document, _: Document, attempt_id: str) -> GatewayEvent:
    payment_status = fields.word(session, "payment_status")
    if payment_status in SETTLED:
        return GatewayEvent(GatewayEventKind.PAID, attempt_id, capture_of(session))
    if payment_status != UNPAID:
        raise fields.UnknownStatus(f"a session's payment_status is {payment_status}")
    return GatewayEvent(GatewayEventKind.IN_PROGRESS, attempt_id)


def _plainly(kind: GatewayEventKind) -> Reader:
    return lambda _document, _event, attempt_id: GatewayEvent(kind, attempt_id)


def _expired(session: Document, event: Document, attempt_id: str) -> GatewayEvent:
    # Stripe sends the same event for a session that timed out and for one that a call expired.
    ended, limit = fields.epoch_timestamp(event, "created"), fields.epoch_timestamp(session, "expires_at")
    ran_out = ended is not None and limit is not None and ended >= limit
    return GatewayEvent(GatewayEventKind.EXPIRED if ran_out else GatewayEventKind.CLOSED, attempt_id)


def _refund_changed(refund: Document, _: Document, attempt_id: str) -> GatewayEvent | None:
    payment_id = intent_id_of(refund)
    if payment_id is None or refund.get("status") is None:
        return None
    kind = _REFUND_EVENT_KINDS.get(fields.known(REFUND_STATES, refund, "status"))
    if kind is None:
        return None
    code = fields.currency(refund, "currency")
    refund_id = fields.refund_id_in(_metadata(refund).get("refund_id"), attempt_id)
    if attempt_id and refund_id:
        amount = from_stripe(fields.minor_units(refund, "amount"), code)
        return GatewayEvent(kind, attempt_id, Capture(payment_id, amount, code), refund_id=refund_id)
    if not attempt_id and kind is GatewayEventKind.REFUNDED:
        # Made by hand: `charge.refunded` reports it too, and names the attempt.
        return None
    return GatewayEvent(GatewayEventKind.MONEY_RETURNED, attempt_id, Capture(payment_id, 0, code))


def _charge_refunded(charge: Document, event: Document, attempt_id: str) -> GatewayEvent | None:
    payment_id = intent_id_of(charge)
    if payment_id is None or fields.is_refund_of(_idempotency_key(event), attempt_id):
        # Our own refunds have events of their own; this event can arrive while such a refund is still pending.
        return None
    code = fields.currency(charge, "currency")
    amount, returned = fields.minor_units(charge, "amount"), fields.minor_units(charge, "amount_refunded")
    capture = Capture(payment_id, from_stripe(amount, code), code, from_stripe(returned, code))
    return GatewayEvent(GatewayEventKind.MONEY_RETURNED, attempt_id, capture)


def _disputed(document: Document, _: Document, attempt_id: str) -> GatewayEvent | None:
    dispute = dispute_of(document)
    if dispute is None:
        return None
    return GatewayEvent(GatewayEventKind.DISPUTED, attempt_id, dispute=dispute)


def _metadata(document: Document) -> Document:
    metadata = document.get("metadata")
    return metadata if isinstance(metadata, Mapping) else {}


def _idempotency_key(event: Document) -> object:
    request = event.get("request")
    return request.get("idempotency_key") if isinstance(request, Mapping) else None


_READERS: dict[str, Reader] = {
    "checkout.session.completed": _completed,
    "checkout.session.async_payment_succeeded": _completed,
    "checkout.session.async_payment_failed": _plainly(GatewayEventKind.DECLINED),
    "checkout.session.expired": _expired,
    "payment_intent.payment_failed": _plainly(GatewayEventKind.TRY_FAILED),
    "charge.refunded": _charge_refunded,
    "charge.refund.updated": _refund_changed,
    "refund.created": _refund_changed,
    "refund.updated": _refund_changed,
    "refund.failed": _refund_changed,
    "charge.dispute.created": _disputed,
    "charge.dispute.updated": _disputed,
    "charge.dispute.closed": _disputed,
    "charge.dispute.funds_withdrawn": _disputed,
    "charge.dispute.funds_reinstated": _disputed,
}
