"""Refunds at PayU, found again by the refund id that we gave them."""

from urllib.parse import quote

from paylatch.domain.errors import OutcomeUnknown, Refused
from paylatch.domain.payment import Refund
from paylatch.gateways import fields
from paylatch.gateways.fields import Document
from paylatch.gateways.payu_calls import NAME, PayuCalls
from paylatch.gateways.payu_orders import refund_state
from paylatch.ports import RefundState


class PayuRefunds:
    """One refund an order.

    PayU describes the request as idempotent: exactly the same data gets the refund that was made before. It does not
    say what that is worth once the refund was cancelled, so each is looked for before it is asked for, and one that
    was cancelled is asked for under a new id.
    """

    def __init__(self, call: PayuCalls) -> None:
        self._call = call

    def refund(self, refund: Refund) -> RefundState:
        """Ask for a refund, unless it is on its way or done. Two that ask at once send exactly the same data."""
        made = self._made(refund)
        tries = _tries(made, refund)
        if state := _best(tries):
            return state
        if _given_back(made) >= refund.amount:
            return RefundState.DONE
        wanted = {
            "extRefundId": f"{refund.refund_id}_{len(tries)}" if tries else refund.refund_id,
            "description": f"Refund of {refund.attempt_id}",
            "amount": str(refund.amount),
            "currencyCode": refund.currency,
        }
        answer = self._call("POST", _path(refund.payment_id), {"refund": wanted})
        with fields.read_as_answer(NAME):
            return refund_state(fields.part(answer, "refund"))

    def query(self, refund: Refund) -> RefundState:
        """The state of the last try."""
        tries = _tries(self._made(refund), refund)
        return _best(tries) or (RefundState.FAILED if tries else RefundState.UNKNOWN)

    def returned(self, order_id: str) -> int:
        """What was refunded of an order, in minor units, whoever asked for it; refunds on their way count.

        Raises `OutcomeUnknown` where PayU does not list them.
        """
        try:
            made = self._call.listed(_path(order_id), "refunds")
        except Refused as refusal:
            raise OutcomeUnknown(NAME, f"does not list the refunds of {order_id}: {refusal.cause}") from refusal
        with fields.read_as_answer(NAME):
            kept = [item for item in made if refund_state(item) is not RefundState.FAILED]
            return sum(fields.minor_units(item, "amount") for item in kept)

    def _made(self, refund: Refund) -> tuple[Document, ...]:
        return self._call.listed(_path(refund.payment_id), "refunds")


def _path(order_id: str) -> str:
    return f"/api/v2_1/orders/{quote(order_id, safe='')}/refunds"


def _tries(made: tuple[Document, ...], refund: Refund) -> list[RefundState]:
    with fields.read_as_answer(NAME):
        return [refund_state(item) for item in made if _belongs(item, refund)]


def _given_back(made: tuple[Document, ...]) -> int:
    # Includes what a person gave back by hand, under no name of ours.
    with fields.read_as_answer(NAME):
        done = [item for item in made if refund_state(item) is RefundState.DONE]
        return sum(fields.minor_units(item, "amount") for item in done)


def _belongs(item: Document, refund: Refund) -> bool:
    name = str(item.get("extRefundId", ""))
    return name == refund.refund_id or name.startswith(f"{refund.refund_id}_")


def _best(tries: list[RefundState]) -> RefundState | None:
    return next((state for state in (RefundState.DONE, RefundState.PENDING) if state in tries), None)
