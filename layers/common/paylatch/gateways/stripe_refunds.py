"""Refunds at Stripe, by payment intent, found again by the refund id in their metadata."""

from typing import Any

from paylatch.domain.errors import Refused
from paylatch.domain.payment import Refund
from paylatch.gateways import fields
from paylatch.gateways.fields import Document
from paylatch.gateways.stripe_calls import NAME, StripeCalls
from paylatch.ports import RefundState

_STATES = {
    "succeeded": RefundState.DONE,
    "pending": RefundState.PENDING,
    "requires_action": RefundState.PENDING,
    "failed": RefundState.FAILED,
    "canceled": RefundState.FAILED,
}


class StripeRefunds:
    """One refund a captured payment; one that failed is asked for anew under a new key."""

    def __init__(self, call: StripeCalls) -> None:
        self._call = call

    def refund(self, refund: Refund) -> RefundState:
        """Ask for a refund, unless it is on its way or done.

        Stripe answers a repeated key with the first answer, even when that refund has failed since: so each failure
        makes a new key. Asking first also keeps the refund single after Stripe has forgotten the key.
        """
        tries = self._tries(refund)
        if state := _best(tries):
            return state
        options: Any = {"idempotency_key": f"{refund.refund_id}_{len(tries)}" if tries else refund.refund_id}
        params: Any = {
            "payment_intent": refund.payment_id,
            "metadata": {"attempt_id": refund.attempt_id, "refund_id": refund.refund_id},
        }
        try:
            return _state_of(self._call(lambda stripe: stripe.v1.refunds.create(params, options)))
        except Refused as refusal:
            # A person gave it back by hand; that is what we wanted.
            if "charge_already_refunded" in refusal.cause:
                return RefundState.DONE
            raise

    def query(self, refund: Refund) -> RefundState:
        """The state of the last try."""
        tries = self._tries(refund)
        return _best(tries) or (RefundState.FAILED if tries else RefundState.UNKNOWN)

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
        # A status that is not known yet is neither done nor failed: it will be asked about again.
        return _STATES.get(fields.word(document, "status"), RefundState.PENDING)
