"""An order passes to another buyer: a guest, for whom a service acted, has an account now."""

from paylatch.domain import clauses
from paylatch.domain.changes import Set
from paylatch.domain.order import Order, PaymentStatus
from paylatch.domain.transitions.rule import PENDING, EventType, Rule
from paylatch.domain.transitions.transition import Transition, WriteContext, transition

HAND_OVER = Rule(
    "hand_over",
    PENDING,
    PaymentStatus.PENDING_PAYMENT,
    EventType.ORDER_HANDED_OVER,
    (clauses.VERSION_CHECK,),
)
# The details of the event that name people; no buyer reads them.
PREVIOUS_BUYER, NEW_BUYER = "previous_buyer_id", "buyer_id"


def hand_over(order: Order, buyer_id: str, write_context: WriteContext) -> Transition:
    """The order is that buyer's from now on; its content and revision stay.

    `buyer_id` is a key of the index of buyers' orders too, so that this one write moves the order from one list to the
    other. Who may do it does not depend on the order: a service.
    """
    return transition(
        HAND_OVER,
        write_context,
        {"version": order.version},
        (Set(("buyer_id",), buyer_id),),
        detail={PREVIOUS_BUYER: order.buyer_id, NEW_BUYER: buyer_id},
    )
