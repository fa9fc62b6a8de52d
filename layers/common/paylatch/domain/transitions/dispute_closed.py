"""A dispute is over."""

from paylatch.domain import clauses
from paylatch.domain.order import Order
from paylatch.domain.payment import Dispute
from paylatch.domain.transitions.dispute_changes import dispute_changes
from paylatch.domain.transitions.rule import ANY, EventType, Rule
from paylatch.domain.transitions.transition import Transition, WriteContext

DISPUTE_CLOSED = Rule(
    "dispute_closed", ANY, None, EventType.DISPUTE_CLOSED, (clauses.DISPUTE_IS_NOT_CLOSED, clauses.VERSION_CHECK)
)


def dispute_closed(order: Order, dispute: Dispute, attempt_id: str, write_context: WriteContext) -> Transition:
    """A dispute was won or lost, whether or not its beginning was reported."""
    return dispute_changes(DISPUTE_CLOSED, order, dispute, attempt_id, write_context)
