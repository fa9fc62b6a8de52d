"""What an order's head says of its end, as model checker and closure check it on every transition."""

from paylatch.domain.cancellation import Cancellation, CancellationReason
from paylatch.domain.endings import paid_at_of
from paylatch.domain.order import Order, PaymentStatus
from paylatch.domain.transitions import Transition
from tests.invariants import expect

_I7 = "I7 truthful answers"
_REASONS = {"cancel_order": CancellationReason.REQUESTED, "expire_order": CancellationReason.EXPIRED}


def check_end_is_recorded(before: Order, after: Order, transition: Transition) -> None:
    """What ends an order leaves when and why, and what pays for it leaves when."""
    at, reason = transition.event.at, _REASONS.get(transition.name)
    if reason is not None:
        expect(after.cancelled == Cancellation(at, reason), _I7, f"the order ended, and keeps of it {after.cancelled}")
    if after.status is PaymentStatus.PAID and before.status is not PaymentStatus.PAID:
        expect(paid_at_of(after) == at, _I7, f"the order was paid at {at}, and keeps {paid_at_of(after)}")


def check_end_is_kept(before: Order, after: Order) -> None:
    """Whatever happens afterwards, both stay as they are."""
    if before.status is PaymentStatus.CANCELLED:
        expect(after.cancelled == before.cancelled, _I7, f"{before.cancelled} became {after.cancelled}")
    if before.status is PaymentStatus.PAID:
        kept = paid_at_of(after) == paid_at_of(before)
        expect(kept, _I7, f"an order paid at {paid_at_of(before)} was paid at {paid_at_of(after)}")
