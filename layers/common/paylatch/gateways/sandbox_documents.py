"""What the sandbox gateway's JSON means in the words of the port.

A document that is not understood raises `DocumentError` and nothing else.
"""

from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from typing import Any

from paylatch.domain.moments import as_text, from_text
from paylatch.domain.payment import Capture
from paylatch.ports import (
    Notice,
    NoticeKind,
    RefundState,
    Session,
    SessionReport,
    SessionRequest,
    SessionState,
    VoidAnswer,
    VoidKind,
)

Document = Mapping[str, Any]

_NOTICES = {
    "payment.succeeded": NoticeKind.PAID,
    "payment.failed": NoticeKind.TRY_FAILED,
    "payment.processing": NoticeKind.IN_PROGRESS,
    "session.expired": NoticeKind.EXPIRED,
    "session.closed": NoticeKind.CLOSED,
    "refund.succeeded": NoticeKind.REFUNDED,
}
_STATES = {
    "open": SessionState.OPEN,
    "in_progress": SessionState.IN_PROGRESS,
    "paid": SessionState.PAID,
    "closed": SessionState.CLOSED,
    "expired": SessionState.CLOSED,
}


class DocumentError(Exception):
    """The document does not say what it should."""


def opening(request: SessionRequest, shop: str) -> dict[str, Any]:
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
    }


def opened_session(document: Document) -> Session:
    """The answer to `POST /sessions`."""
    with _understood():
        return Session(session_id=_text(document["session_id"]), pay_url=_text(document["pay_url"]))


def session_report(document: Document) -> SessionReport:
    """The answer to `GET /sessions/{attempt_id}`."""
    with _understood():
        state = _STATES[document["status"]]
        capture = _capture(document["payment"]) if state is SessionState.PAID else None
        return SessionReport(state, capture)


def void_answer(document: Document) -> VoidAnswer:
    """The answer to `POST /sessions/{attempt_id}/void`."""
    with _understood():
        kind = VoidKind(document["result"])
        capture = _capture(document["payment"]) if kind is VoidKind.ALREADY_PAID else None
        until = from_text(document["until"]) if kind is VoidKind.NOT_VOIDABLE else None
        return VoidAnswer(kind, capture, until)


def refund_state(document: Document) -> RefundState:
    """The answer to both calls about refunds."""
    with _understood():
        return RefundState(document["status"])


def notices(document: Any) -> tuple[Notice, ...]:
    """The statement of one callback; a type that did not exist when this was written says nothing."""
    with _understood():
        kind = _NOTICES.get(document["type"])
        return (_notice(kind, document["data"]),) if kind else ()


def _notice(kind: NoticeKind, data: Document) -> Notice:
    moved_money = kind in (NoticeKind.PAID, NoticeKind.REFUNDED)
    return Notice(
        kind=kind,
        attempt_id=_text(data["attempt_id"]),
        session_id=_text(data["session_id"]),
        capture=_capture(data["payment"]) if moved_money else None,
    )


def _capture(payment: Document) -> Capture:
    amount = payment["amount"]
    if type(amount) is not int:
        raise TypeError("amount is not an integer")
    return Capture(payment_id=_text(payment["payment_id"]), amount=amount, currency=_text(payment["currency"]))


def _text(value: Any) -> str:
    if not isinstance(value, str) or not value:
        raise TypeError("not a text")
    return value


@contextmanager
def _understood() -> Iterator[None]:
    try:
        yield
    except (KeyError, TypeError, ValueError, AttributeError) as error:
        raise DocumentError(f"not understood: {error!r}") from error
