"""Late money is recorded before its gateway confirms that it still holds it."""

from paylatch.domain import clauses
from paylatch.domain.order import Order, PaymentStatus
from paylatch.domain.payment import CapturedPayment
from paylatch.domain.timestamps import as_text
from paylatch.domain.transitions.attempt_changes import attention, follow_up, money, placed, with_payment
from paylatch.domain.transitions.rule import PENDING, EventType, Rule
from paylatch.domain.transitions.transition import Transition, WriteContext, transition

CLAIM = Rule(
    "claim",
    PENDING,
    PaymentStatus.PENDING_PAYMENT,
    EventType.PAYMENT_CLAIMED,
    (clauses.PAYMENT_HAS_NO_PLACE, clauses.VERSION_CHECK),
)


def claim(order: Order, payment: CapturedPayment, write_context: WriteContext) -> Transition:
    """A gateway reported money that may pay for the order, and does not answer whether it still holds it."""
    after = with_payment(order, payment)
    next_check = {"next_check": as_text(payment.next_at)} if payment.next_at else {}
    return transition(
        CLAIM,
        write_context,
        {"payment_id": payment.payment_id, "version": order.version},
        (*placed(payment, order), follow_up(after), *attention(after)),
        payment.attempt_id,
        {**money(payment.capture), **next_check},
    )
