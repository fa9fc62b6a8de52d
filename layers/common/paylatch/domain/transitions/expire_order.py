"""An order ends because nobody paid for it by its `pay_by`."""

from dataclasses import replace

from paylatch.domain import clauses
from paylatch.domain.cancellation import CancellationReason
from paylatch.domain.order import Order, PaymentStatus
from paylatch.domain.transitions.rule import PENDING, EventType, Rule
from paylatch.domain.transitions.term_changes import ends
from paylatch.domain.transitions.transition import Transition, WriteContext, transition

EXPIRE_ORDER = Rule(
    "expire_order",
    PENDING,
    PaymentStatus.CANCELLED,
    EventType.ORDER_CANCELLED,
    (clauses.VERSION_CHECK,),
)


def expire_order(order: Order, write_context: WriteContext) -> Transition:
    """The order ends unpaid, for good.

    Planned from a read, whose order has expired: a `pay_by` that is moved since has moved the version too.
    """
    after = replace(order, status=PaymentStatus.CANCELLED)
    return transition(
        EXPIRE_ORDER,
        write_context,
        {"version": order.version},
        ends(after, CancellationReason.EXPIRED, write_context.at),
        detail={"reason": CancellationReason.EXPIRED.value},
    )
