"""The shop has a part of the payment refunded, or all of it."""

from paylatch.domain import clauses
from paylatch.domain.order import Order
from paylatch.domain.payment import Refund
from paylatch.domain.transitions.attempt_changes import attention, follow_up, recorded_refund, refund_money, with_refund
from paylatch.domain.transitions.rule import PAID, EventType, Rule
from paylatch.domain.transitions.transition import Transition, WriteContext, transition

REQUEST_REFUND = Rule(
    "request_refund",
    PAID,
    None,
    EventType.REFUND_DUE,
    (clauses.PAYMENT_IS_SETTLED, clauses.REFUND_IS_NOT_RECORDED, clauses.VERSION_CHECK),
)


def request_refund(order: Order, refund: Refund, write_context: WriteContext) -> Transition:
    """A refund of the payment is owed, and its gateway is asked at once."""
    after = with_refund(order, refund)
    return transition(
        REQUEST_REFUND,
        write_context,
        {"payment_id": refund.payment_id, "refund_id": refund.refund_id, "version": order.version},
        (recorded_refund(refund), follow_up(after), *attention(after)),
        refund.attempt_id,
        {**refund_money(refund), "reason": refund.reason},
    )
