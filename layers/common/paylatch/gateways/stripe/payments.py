"""Payments at Stripe: payment intents, their returned amounts, and their attempts."""

from typing import Any

from paylatch.domain.payment import Capture, DisputeStatus
from paylatch.gateways import fields
from paylatch.gateways.fields import Document
from paylatch.gateways.stack_reference import NotOurs
from paylatch.gateways.stripe.calls import NAME, RefusedWith, StripeCalls
from paylatch.gateways.stripe.disputes import dispute_status
from paylatch.gateways.stripe.money import from_stripe
from paylatch.gateways.stripe.sessions import INTENT_STATUSES, attempt_of, is_disputed, refunded
from paylatch.ports import FoundAttempt

_EXPAND = ["latest_charge"]
_INTENT_PREFIX = "pi_"


class StripePayments:
    """Reads payment intents; an id without an intent is an unknown payment."""

    def __init__(self, call: StripeCalls, stack: str) -> None:
        self._call = call
        self._stack = stack

    def capture(self, payment_id: str) -> Capture | None:
        """The payment that the intent captured, and its returned amount; None where it captured nothing."""
        intent = self._intent(payment_id)
        with fields.read_as_answer(NAME):
            if intent is None or _status_of(intent) != "succeeded":
                return None
            code = fields.currency(intent, "currency")
            amount = from_stripe(fields.minor_units(intent, "amount_received"), code)
            returned = from_stripe(refunded(intent), code)
        return Capture(payment_id, amount, code, returned + self.lost(intent))

    def attempt(self, payment_id: str) -> FoundAttempt | None:
        """The attempt in the intent's metadata; None where it is not this stack's."""
        intent = self._intent(payment_id)
        try:
            return attempt_of(intent, self._stack) if intent else None
        except NotOurs:
            return None

    def lost(self, intent: Document) -> int:
        """The amount lost by disputes of that intent, in minor units; requested only where disputes exist.

        A dispute in another currency than the payment's counts as the whole payment, because Stripe does not
        give the amount.
        """
        if not is_disputed(intent):
            return 0
        params: Any = {"payment_intent": intent.get("id"), "limit": 100}
        answer = self._call(lambda stripe: stripe.v1.disputes.list(params))
        with fields.read_as_answer(NAME):
            lost = [found for found in fields.parts(answer, "data") if dispute_status(found) is DisputeStatus.LOST]
            return sum(_amount_of(dispute, intent) for dispute in lost)

    def _intent(self, payment_id: str) -> Document | None:
        if not payment_id.startswith(_INTENT_PREFIX):
            return None
        params: Any = {"expand": _EXPAND}
        try:
            return self._call(lambda stripe: stripe.v1.payment_intents.retrieve(payment_id, params))
        except RefusedWith as refusal:
            if refusal.code == "resource_missing":
                return None
            raise


def _status_of(intent: Document) -> str:
    status = fields.word(intent, "status")
    if status not in INTENT_STATUSES:
        raise fields.UnknownStatus(f"a payment intent is {status}")
    return status


def _amount_of(dispute: Document, intent: Document) -> int:
    code = fields.currency(intent, "currency")
    same = fields.currency(dispute, "currency") == code
    return from_stripe(fields.minor_units(dispute, "amount") if same else fields.minor_units(intent, "amount"), code)
