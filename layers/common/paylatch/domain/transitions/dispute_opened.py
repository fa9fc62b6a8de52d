"""A payer contests a payment at its gateway."""

from paylatch.domain import clauses
from paylatch.domain.order import Order
from paylatch.domain.payment import Dispute
from paylatch.domain.transitions.dispute_changes import dispute_changes
from paylatch.domain.transitions.rule import ANY, EventType, Rule
from paylatch.domain.transitions.transition import Transition, WriteContext

DISPUTE_OPENED = Rule(
    "dispute_opened", ANY, None, EventType.DISPUTE_OPENED, (clauses.DISPUTE_IS_NOT_RECORDED, clauses.VERSION_CHECK)
)


def dispute_opened(order: Order, dispute: Dispute, attempt_id: str, write_context: WriteContext) -> Transition:
    """A payer contests a payment: its money may be taken back."""
    return dispute_changes(DISPUTE_OPENED, order, dispute, attempt_id, write_context)
