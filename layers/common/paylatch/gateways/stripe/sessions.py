"""Stripe's Checkout Sessions and payment intents, converted to the values of the gateway port."""

from paylatch.domain.currencies import NO_CURRENCY
from paylatch.domain.payment import Capture
from paylatch.gateways import fields
from paylatch.gateways.fields import Document, UnknownStatus
from paylatch.gateways.stack_reference import read_names
from paylatch.gateways.stripe.money import from_stripe
from paylatch.ports import FoundAttempt, SessionReport, SessionState

SETTLED = frozenset({"paid", "no_payment_required"})
UNPAID = "unpaid"
_SESSION_PREFIX = "cs_"
# The states of a completed session with a delayed payment. Without an intent nothing has failed yet.
_INTENTS: dict[str | None, SessionState] = {
    None: SessionState.IN_PROGRESS,
    "processing": SessionState.IN_PROGRESS,
    "requires_action": SessionState.IN_PROGRESS,
    "requires_confirmation": SessionState.IN_PROGRESS,
    "requires_capture": SessionState.IN_PROGRESS,
    # Stripe paid the session and is about to report it.
    "succeeded": SessionState.IN_PROGRESS,
    "requires_payment_method": SessionState.CLOSED,
    "canceled": SessionState.CLOSED,
}
INTENT_STATUSES = frozenset(filter(None, _INTENTS))


def report_of(session: Document) -> SessionReport:
    """The state of a session, from the session with its payment intent expanded; disputes are not included."""
    status, payment_status = fields.word(session, "status"), fields.word(session, "payment_status")
    if status == "complete" and payment_status in SETTLED:
        return SessionReport(SessionState.PAID, capture_of(session))
    if payment_status != UNPAID or status not in ("open", "expired", "complete"):
        raise UnknownStatus(f"a session is {status} and {payment_status}")
    if status != "complete":
        return SessionReport(SessionState.OPEN if status == "open" else SessionState.CLOSED)
    return SessionReport(_state_of_delayed(fields.optional_word(intent_of(session), "status")))


def _state_of_delayed(intent_status: str | None) -> SessionState:
    if intent_status not in _INTENTS:
        raise UnknownStatus(f"a payment intent is {intent_status}")
    return _INTENTS[intent_status]


def capture_of(session: Document) -> Capture:
    """The payment of a paid session. A missing amount counts as 0, so that a person looks at it."""
    intent = session.get("payment_intent")
    payment_id = intent if isinstance(intent, str) else intent_of(session).get("id")
    named = {"payment_id": payment_id or session.get("id")}
    code = fields.currency(session, "currency") if session.get("currency") else NO_CURRENCY
    amount = fields.minor_units(session, "amount_total") if session.get("amount_total") is not None else 0
    returned = from_stripe(refunded(intent_of(session)), code)
    return Capture(fields.word(named, "payment_id"), from_stripe(amount, code), code, returned)


def names_session(payment_id: str) -> bool:
    """Whether the payment is known by its session, because the session has no payment intent; see `capture_of`."""
    return payment_id.startswith(_SESSION_PREFIX)


def intent_of(session: Document) -> Document:
    """The session's payment intent, where it was expanded; else an empty one."""
    return _expanded(session, "payment_intent")


def refunded(intent: Document) -> int:
    """The refunded amount of an intent with its charge expanded, in Stripe's units, pending refunds included."""
    charge = _expanded(intent, "latest_charge")
    return fields.minor_units(charge, "amount_refunded") if charge.get("amount_refunded") is not None else 0


def is_disputed(intent: Document) -> bool:
    """Whether there is or was a dispute of an intent with its charge expanded."""
    return _expanded(intent, "latest_charge").get("disputed") is True


def attempt_of(document: Document, stack: str) -> FoundAttempt:
    """The attempt of a session, payment intent, charge or refund. Raises `NotOurs`.

    Read from the metadata alone, which needs a key of the account to set; a payer can choose a
    `client_reference_id`.
    """
    metadata = _expanded(document, "metadata")
    return read_names(metadata.get("attempt_id"), metadata.get("stack"), stack)


def names_anybody(document: Document) -> bool:
    """Whether its metadata names an owner; disputes and refunds made by hand have no metadata of the payment."""
    metadata = _expanded(document, "metadata")
    return bool(metadata.get("stack")) or fields.attempt_id(metadata.get("attempt_id")) is not None


def _expanded(document: Document, name: str) -> Document:
    part = document.get(name)
    return part if isinstance(part, dict) else {}
