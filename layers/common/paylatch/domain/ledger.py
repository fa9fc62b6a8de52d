"""An order's money: what was captured, where it went, and what may still be refunded."""

from collections.abc import Iterable
from enum import StrEnum

from paylatch.domain.frozen_dataclass import dataclass
from paylatch.domain.order import Order
from paylatch.domain.payment import CapturedPayment, Dispute, DisputeStatus, PaymentPlace, Refund, RefundStatus

# Neither made nor written off.
OPEN_REFUNDS = frozenset({RefundStatus.DUE, RefundStatus.REFUSED})
# No sweep tries these again.
GIVEN_UP = frozenset({RefundStatus.REFUSED, RefundStatus.WRITTEN_OFF})


class RefundedPart(StrEnum):
    """How much of the payment for an order went back to the payer."""

    NONE = "none"
    PARTIAL = "partial"
    FULL = "full"


@dataclass(frozen=True, slots=True, kw_only=True)
class Ledger:
    """An order's money in minor units of its currency; payments in another currency are not in it.

    `captured` is the sum of the five that follow it: `refunded` by our refunds; `returned` in other ways, by refunds
    made by hand at the gateway and lost disputes; `owed`, refunds that are due or refused; `written_off`; and `kept`,
    which is negative where a refunded payment was lost in a dispute too. `disputed` is contested now, and in `kept`.
    """

    agreed: int
    captured: int
    refunded: int
    returned: int
    owed: int
    written_off: int
    kept: int
    disputed: int


def settled_payment(order: Order) -> CapturedPayment | None:
    """The payment that pays for the order; None where there is none."""
    return next((payment for payment in order.payments.values() if payment.place is PaymentPlace.SETTLED), None)


def refunds_of(order: Order, payment: CapturedPayment) -> tuple[Refund, ...]:
    """The refunds of that payment."""
    return tuple(refund for refund in order.refunds.values() if refund.payment_id == payment.payment_id)


def refunded_amount(order: Order, payment: CapturedPayment) -> int:
    """What our refunds of that payment gave back, in minor units; at most the payment's amount.

    A refund that was written off, requested anew and then made after all was asked for twice: the gateway gave what was
    left.
    """
    made = (refund for refund in refunds_of(order, payment) if refund.status is RefundStatus.REFUNDED)
    return min(payment.amount, sum(refund.amount_made for refund in made))


def refundable(order: Order, payment: CapturedPayment) -> int:
    """The amount of that payment that neither went back nor is to go back, in minor units."""
    return max(0, payment.capture.held - _sum(refunds_of(order, payment), *OPEN_REFUNDS))


def refunded_part(order: Order) -> RefundedPart:
    """How much of the payment for the order went back, in whatever way."""
    payment = settled_payment(order)
    if payment is None or not payment.returned:
        return RefundedPart.NONE
    return RefundedPart.PARTIAL if payment.capture.held else RefundedPart.FULL


def open_disputes(order: Order) -> tuple[Dispute, ...]:
    """The disputes that the gateway has not decided."""
    return tuple(dispute for dispute in order.disputes.values() if dispute.status is DisputeStatus.OPEN)


def is_lost(order: Order, payment: CapturedPayment) -> bool:
    """Whether nothing of that payment is left, and the payer won a dispute about it."""
    return not payment.capture.held and _lost_amount(order, payment) > 0


def ledger_of(order: Order) -> Ledger:
    """The order's ledger; a payment that is only claimed is not in it."""
    payments = [payment for payment in order.payments.values() if payment.currency == order.currency]
    parts = [_parts_of(order, payment) for payment in payments if payment.place is not PaymentPlace.CLAIMED]
    captured, refunded, returned, owed, written_off = (
        (sum(part) for part in zip(*parts, strict=True)) if parts else [0] * 5
    )
    return Ledger(
        agreed=order.total,
        captured=captured,
        refunded=refunded,
        returned=returned,
        owed=owed,
        written_off=written_off,
        kept=captured - refunded - returned - owed - written_off,
        disputed=sum(dispute.amount for dispute in open_disputes(order) if dispute.currency == order.currency),
    )


def _parts_of(order: Order, payment: CapturedPayment) -> tuple[int, int, int, int, int]:
    """Captured, refunded, returned, owed, written off: what went back in another way is owed no more."""
    refunds, held = refunds_of(order, payment), payment.capture.held
    # A gateway that holds nothing any more counts a refund as made that a dispute left nothing for.
    refunded = min(refunded_amount(order, payment), max(0, payment.returned - _lost_amount(order, payment)))
    owed = min(held, _sum(refunds, *OPEN_REFUNDS))
    written_off = min(held - owed, _sum(refunds, RefundStatus.WRITTEN_OFF))
    return payment.amount, refunded, payment.returned - refunded, owed, written_off


def _lost_amount(order: Order, payment: CapturedPayment) -> int:
    lost = (dispute for dispute in order.disputes.values() if dispute.status is DisputeStatus.LOST)
    named = (payment.payment_id, payment.currency)
    return sum(dispute.amount for dispute in lost if (dispute.payment_id, dispute.currency) == named)


def _sum(refunds: Iterable[Refund], *statuses: RefundStatus) -> int:
    return sum(refund.amount for refund in refunds if refund.status in statuses)
