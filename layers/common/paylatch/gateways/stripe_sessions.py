"""What Stripe's Checkout Sessions and events say, in the words of the port."""

from collections.abc import Callable

from paylatch.domain.currencies import NO_CURRENCY
from paylatch.domain.payment import Capture
from paylatch.gateways import fields
from paylatch.gateways.fields import Document, Malformed
from paylatch.gateways.stripe_money import from_stripe
from paylatch.ports import Notice, NoticeKind, SessionReport, SessionState

_SETTLED = frozenset({"paid", "no_payment_required"})
# A completed session whose delayed payment is in one of these will not be paid any more.
_FAILED_INTENTS = frozenset({"requires_payment_method", "canceled"})
# What a refund that is pending, or waits for the payer, comes to is told by a later event.
_REFUND_NOTICES = {
    "succeeded": NoticeKind.REFUNDED,
    "failed": NoticeKind.REFUND_FAILED,
    "canceled": NoticeKind.REFUND_FAILED,
}


def report_of(session: Document) -> SessionReport:
    """What became of a session, from the session with its payment intent expanded; disputes are not looked at."""
    status = fields.word(session, "status")
    if status == "open":
        return SessionReport(SessionState.OPEN)
    if status == "expired":
        return SessionReport(SessionState.CLOSED)
    if status != "complete":
        raise Malformed(f"a session is {status}")
    if fields.word(session, "payment_status") not in _SETTLED:
        failed = intent_of(session).get("status") in _FAILED_INTENTS
        return SessionReport(SessionState.CLOSED if failed else SessionState.IN_PROGRESS)
    return SessionReport(SessionState.PAID, capture_of(session))


def capture_of(session: Document) -> Capture:
    """The money of a paid session. An amount that is missing counts as nothing, so that a person looks at it."""
    intent = session.get("payment_intent")
    payment_id = intent if isinstance(intent, str) else intent_of(session).get("id")
    named = {"payment_id": payment_id or session.get("id")}
    code = fields.currency(session, "currency") if session.get("currency") else NO_CURRENCY
    amount = fields.minor_units(session, "amount_total") if session.get("amount_total") is not None else 0
    returned = from_stripe(refunded(intent_of(session)), code)
    return Capture(fields.word(named, "payment_id"), from_stripe(amount, code), code, returned)


def intent_of(session: Document) -> Document:
    """The session's payment intent, where it was expanded; else an empty one."""
    return _expanded(session, "payment_intent")


def refunded(intent: Document) -> int:
    """What was refunded of an intent whose charge was expanded, in Stripe's units; refunds on their way count."""
    charge = _expanded(intent, "latest_charge")
    return fields.minor_units(charge, "amount_refunded") if charge.get("amount_refunded") is not None else 0


def is_disputed(intent: Document) -> bool:
    """Whether there is or was a dispute about an intent whose charge was expanded."""
    return _expanded(intent, "latest_charge").get("disputed") is True


def attempt_of(document: Document) -> str | None:
    """The attempt that a session, payment intent, charge or refund belongs to, if it is one of ours."""
    metadata = document.get("metadata")
    named = metadata.get("attempt_id") if isinstance(metadata, dict) else None
    return fields.attempt_id(named) or fields.attempt_id(document.get("client_reference_id"))


def notices_of(event: Document) -> tuple[Notice, ...]:
    """What an event says about one of our attempts; nothing where it is about something else."""
    read = _READERS.get(fields.word(event, "type"))
    if read is None:
        return ()
    document = fields.part(fields.part(event, "data"), "object")
    attempt_id = attempt_of(document)
    notice = read(document, attempt_id) if attempt_id else None
    return (notice,) if notice else ()


def _completed(session: Document, attempt_id: str) -> Notice:
    if fields.word(session, "payment_status") not in _SETTLED:
        return Notice(NoticeKind.IN_PROGRESS, attempt_id)
    return Notice(NoticeKind.PAID, attempt_id, capture_of(session))


def _plainly(kind: NoticeKind) -> Callable[[Document, str], Notice]:
    return lambda _, attempt_id: Notice(kind, attempt_id)


def _refund_changed(refund: Document, attempt_id: str) -> Notice | None:
    kind = _REFUND_NOTICES.get(fields.optional_word(refund, "status") or "")
    # A refund that somebody made by hand may be a part; the next question about ours tells when it is whole.
    if kind is None or not fields.part(refund, "metadata").get("refund_id"):
        return None
    return Notice(kind, attempt_id, _returned(refund))


def _returned(document: Document) -> Capture:
    code = fields.currency(document, "currency")
    amount = from_stripe(fields.minor_units(document, "amount"), code)
    return Capture(fields.word(document, "payment_intent"), amount, code)


def _expanded(document: Document, name: str) -> Document:
    part = document.get(name)
    return part if isinstance(part, dict) else {}


_READERS: dict[str, Callable[[Document, str], Notice | None]] = {
    "checkout.session.completed": _completed,
    "checkout.session.async_payment_succeeded": _completed,
    "checkout.session.async_payment_failed": _plainly(NoticeKind.CLOSED),
    "checkout.session.expired": _plainly(NoticeKind.EXPIRED),
    "payment_intent.payment_failed": _plainly(NoticeKind.TRY_FAILED),
    # Not `charge.refunded`: a charge is called that while its refund is still pending.
    "charge.refund.updated": _refund_changed,
    "refund.created": _refund_changed,
    "refund.updated": _refund_changed,
    "refund.failed": _refund_changed,
}
