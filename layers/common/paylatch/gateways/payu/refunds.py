"""Refunds at PayU, found by the refund id that we sent."""

from urllib.parse import quote

from paylatch.domain.errors import OutcomeUnknown, Refused, Transient
from paylatch.domain.payment import Refund
from paylatch.gateways import fields
from paylatch.gateways.fields import Document
from paylatch.gateways.payu.calls import NAME, PayuCalls, RefusedWith
from paylatch.gateways.payu.orders import ORDERS, capture_of, refund_state
from paylatch.ports import RefundState

_RETURNED_BEFORE = "PAID"
# Refusals that time can resolve: new payments fund the account, PayU closes its books, a transaction ends.
_PASSING = frozenset({"NO_BALANCE", "REFUND_TO_OFTEN", "TRANS_NOT_ENDED", "TRANS_BILLING_ENTRIES_NOT_COMPLETED"})


class PayuRefunds:
    """Refunds of an order.

    PayU describes the request as idempotent: the same data returns the existing refund. It does not say so for a
    cancelled refund. So each refund is searched for before it is requested, and a cancelled one is requested under
    a new id.
    """

    def __init__(self, call: PayuCalls) -> None:
        self._call = call

    def refund(self, refund: Refund) -> RefundState:
        """Request a refund of what PayU still holds, unless it is pending or done.

        Raises `Refused` where waiting cannot help. Two concurrent callers send exactly the same data.
        """
        made = self._made(refund)
        tries = _tries(made, refund)
        if state := _best(tries):
            return state
        captured = self._captured(refund.payment_id)
        amount = min(refund.amount, captured - _sum_of(made, RefundState.DONE, RefundState.PENDING))
        if amount <= 0:
            # The money was returned by hand, as intended.
            return RefundState.DONE if _sum_of(made, RefundState.DONE) >= captured else RefundState.PENDING
        try:
            return self._ask(refund, amount, len(tries))
        except RefusedWith as refusal:
            if refusal.literal in _PASSING:
                raise Transient(NAME, refusal.cause) from refusal
            if refusal.literal == _RETURNED_BEFORE and self.returned(refund.payment_id) >= captured:
                return RefundState.DONE
            raise

    def query(self, refund: Refund) -> RefundState:
        """The state of the last try."""
        tries = _tries(self._made(refund), refund)
        return _best(tries) or (RefundState.FAILED if tries else RefundState.UNKNOWN)

    def returned(self, order_id: str) -> int:
        """The refunded amount of an order, in minor units, pending refunds included, whoever requested them.

        Raises `OutcomeUnknown` where PayU does not list them.
        """
        try:
            made = self._call.listed(_path(order_id), "refunds")
        except Refused as refusal:
            raise OutcomeUnknown(NAME, f"does not list the refunds of {order_id}: {refusal.cause}") from refusal
        return _sum_of(made, RefundState.DONE, RefundState.PENDING)

    def _ask(self, refund: Refund, amount: int, failures: int) -> RefundState:
        wanted = {
            "extRefundId": f"{refund.refund_id}_{failures}" if failures else refund.refund_id,
            "description": f"Refund of {refund.attempt_id}",
            "amount": str(amount),
            "currencyCode": refund.currency,
        }
        answer = self._call("POST", _path(refund.payment_id), {"refund": wanted})
        with fields.read_as_answer(NAME):
            return refund_state(fields.part(answer, "refund"))

    def _captured(self, order_id: str) -> int:
        answer = self._call("GET", f"{ORDERS}/{quote(order_id, safe='')}")
        with fields.read_as_answer(NAME):
            orders = fields.parts(answer, "orders")
            if not orders:
                raise fields.Malformed(f"order {order_id} is not shown")
            return capture_of(orders[0]).amount

    def _made(self, refund: Refund) -> tuple[Document, ...]:
        return self._call.listed(_path(refund.payment_id), "refunds")


def _path(order_id: str) -> str:
    return f"{ORDERS}/{quote(order_id, safe='')}/refunds"


def _tries(made: tuple[Document, ...], refund: Refund) -> list[RefundState]:
    with fields.read_as_answer(NAME):
        return [refund_state(item) for item in made if _belongs(item, refund)]


def _sum_of(made: tuple[Document, ...], *states: RefundState) -> int:
    """The total of the refunds in these states, in minor units, those made by hand included."""
    with fields.read_as_answer(NAME):
        return sum(fields.minor_units(item, "amount") for item in made if refund_state(item) in states)


def _belongs(item: Document, refund: Refund) -> bool:
    name = str(item.get("extRefundId", ""))
    return name == refund.refund_id or name.startswith(f"{refund.refund_id}_")


def _best(tries: list[RefundState]) -> RefundState | None:
    return next((state for state in (RefundState.DONE, RefundState.PENDING) if state in tries), None)
