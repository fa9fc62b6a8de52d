"""A named person declares that money was given back that no gateway took."""

from dataclasses import replace

from paylatch.domain import clauses
from paylatch.domain.changes import Set
from paylatch.domain.order import Order
from paylatch.domain.payment import Refund, RefundStatus
from paylatch.domain.transitions.attempt_changes import recorded_refund, refund_money
from paylatch.domain.transitions.rule import PAID, EventType, Rule
from paylatch.domain.transitions.transition import Transition, WriteContext, transition

REFUND_MANUALLY = Rule(
    "refund_manually",
    PAID,
    None,
    EventType.REFUND_ISSUED,
    (clauses.PAYMENT_IS_SETTLED, clauses.REFUND_IS_NOT_RECORDED, clauses.VERSION_CHECK),
)


def refund_manually(order: Order, refund: Refund, write_context: WriteContext) -> Transition:
    """The refund counts as made, because a person declares it."""
    made = replace(refund, status=RefundStatus.REFUNDED)
    returned = order.payments[made.payment_id].returned + made.amount
    return transition(
        REFUND_MANUALLY,
        write_context,
        {"payment_id": made.payment_id, "refund_id": made.refund_id, "version": order.version},
        (recorded_refund(made), Set(("payments", made.payment_id, "returned"), returned)),
        made.attempt_id,
        {**refund_money(made), "reason": made.reason},
    )
