"""Refunds at Stripe, by payment intent, found by the refund id in their metadata."""

from typing import Any

from paylatch.domain.errors import Transient
from paylatch.domain.payment import Refund
from paylatch.gateways import fields
from paylatch.gateways.fields import Document
from paylatch.gateways.stripe.calls import NAME, RefusedWith, StripeCalls
from paylatch.gateways.stripe.money import to_stripe
from paylatch.gateways.stripe.payments import StripePayments
from paylatch.ports import RefundState

REFUND_STATES = {
    "succeeded": RefundState.DONE,
    "pending": RefundState.PENDING,
    "requires_action": RefundState.PENDING,
    "failed": RefundState.FAILED,
    "canceled": RefundState.FAILED,
}

_RETURNED_BEFORE = "charge_already_refunded"
# A refusal that time can resolve: new payments fund the account.
_PASSING = frozenset({"balance_insufficient", "insufficient_funds"})


class StripeRefunds:
    """Refunds by payment intent; a failed one is requested again under a new key."""

    def __init__(self, call: StripeCalls, payments: StripePayments, stack: str) -> None:
        self._call = call
        self._payments = payments
        self._stack = stack

    def refund(self, refund: Refund) -> RefundState:
        """Request a refund of what Stripe still holds, unless it is pending or done.

        Raises `Refused` where waiting cannot help, for example for a disputed payment. Stripe answers a
        repeated key with the first response, even after that refund has failed: so each failure leads to a new
        key. The query before the request also keeps the refund single after the key has expired at Stripe.
        """
        tries = self._tries(refund)
        if state := _best(tries):
            return state
        capture = self._payments.capture(refund.payment_id)
        amount = min(refund.amount, capture.held) if capture else refund.amount
        if not amount:
            # The money was returned by hand, as intended.
            return RefundState.DONE
        try:
            return self._ask(refund, amount, len(tries))
        except RefusedWith as refusal:
            if refusal.code == _RETURNED_BEFORE:
                return RefundState.DONE
            if refusal.code in _PASSING:
                raise Transient(NAME, refusal.cause) from refusal
            raise

    def query(self, refund: Refund) -> RefundState:
        """The state of the last try."""
        tries = self._tries(refund)
        return _best(tries) or (RefundState.FAILED if tries else RefundState.UNKNOWN)

    def _ask(self, refund: Refund, amount: int, failures: int) -> RefundState:
        part = "" if amount == refund.amount else f"_of_{amount}"
        options: Any = {"idempotency_key": refund.refund_id + (f"_{failures}" if failures else "") + part}
        params: Any = {
            "payment_intent": refund.payment_id,
            "amount": to_stripe(amount, refund.currency),
            "metadata": {"attempt_id": refund.attempt_id, "refund_id": refund.refund_id, "stack": self._stack},
        }
        return _state_of(self._call(lambda stripe: stripe.v1.refunds.create(params, options)))

    def _tries(self, refund: Refund) -> list[Document]:
        params: Any = {"payment_intent": refund.payment_id, "limit": 100}
        answer = self._call(lambda stripe: stripe.v1.refunds.list(params))
        with fields.read_as_answer(NAME):
            return [document for document in fields.parts(answer, "data") if _belongs(document, refund)]


def _belongs(document: Document, refund: Refund) -> bool:
    metadata = document.get("metadata")
    return isinstance(metadata, dict) and metadata.get("refund_id") == refund.refund_id


def _best(tries: list[Document]) -> RefundState | None:
    states = [state for state in map(_state_of, tries) if state is not RefundState.FAILED]
    return RefundState.DONE if RefundState.DONE in states else next(iter(states), None)


def _state_of(document: Document) -> RefundState:
    with fields.read_as_answer(NAME):
        return fields.known(REFUND_STATES, document, "status")
