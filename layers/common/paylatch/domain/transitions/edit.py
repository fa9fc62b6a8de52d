"""An order's content is edited."""

from paylatch.domain import clauses
from paylatch.domain.caller import Caller
from paylatch.domain.order import Order, PaymentStatus
from paylatch.domain.transitions.content_changes import content_replaced
from paylatch.domain.transitions.rule import PENDING, EventType, Rule
from paylatch.domain.transitions.transition import Transition, WriteContext, transition

EDIT = Rule(
    "edit",
    PENDING,
    PaymentStatus.PENDING_PAYMENT,
    EventType.ORDER_EDITED,
    (
        clauses.CALLER_OWNS_IT,
        clauses.revision_is("the revision is the one that was read"),
        clauses.VERSION_CHECK,
    ),
)


def edit(order: Order, caller: Caller, content_id: str, total: int, write_context: WriteContext) -> Transition:
    """The head moves from the revision that was read to new content and the next revision."""
    return transition(
        EDIT,
        write_context,
        {"caller": caller, "revision": order.revision, "version": order.version},
        content_replaced(order, content_id, total),
        detail={"revision": order.revision + 1, "total": total},
    )
