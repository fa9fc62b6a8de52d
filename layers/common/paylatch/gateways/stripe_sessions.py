"""What Stripe's Checkout Sessions and payment intents say, in the words of the port."""

from paylatch.domain.currencies import NO_CURRENCY
from paylatch.domain.payment import Capture
from paylatch.gateways import fields
from paylatch.gateways.fields import Document, Malformed
from paylatch.gateways.stripe_money import from_stripe
from paylatch.ports import SessionReport, SessionState

SETTLED = frozenset({"paid", "no_payment_required"})
# A completed session whose delayed payment is in one of these will not be paid any more.
_FAILED_INTENTS = frozenset({"requires_payment_method", "canceled"})


def report_of(session: Document) -> SessionReport:
    """What became of a session, from the session with its payment intent expanded; disputes are not looked at."""
    status = fields.word(session, "status")
    if status == "open":
        return SessionReport(SessionState.OPEN)
    if status == "expired":
        return SessionReport(SessionState.CLOSED)
    if status != "complete":
        raise Malformed(f"a session is {status}")
    if fields.word(session, "payment_status") not in SETTLED:
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
    """The attempt that a session, payment intent, charge or refund belongs to, if it is one of ours.

    By its metadata alone, which nobody without a key of the account can set; a payer chooses a `client_reference_id`.
    """
    metadata = document.get("metadata")
    return fields.attempt_id(metadata.get("attempt_id")) if isinstance(metadata, dict) else None


def _expanded(document: Document, name: str) -> Document:
    part = document.get(name)
    return part if isinstance(part, dict) else {}
