"""A gateway refuses a refund for good."""

from dataclasses import replace

from paylatch.domain import clauses
from paylatch.domain.event_words import CAUSE
from paylatch.domain.ledger import OPEN_REFUNDS
from paylatch.domain.order import Order
from paylatch.domain.payment import Refund, RefundStatus
from paylatch.domain.transitions.causes import stored_cause
from paylatch.domain.transitions.refund_changes import refund_changes
from paylatch.domain.transitions.rule import ANY, EventType, Rule
from paylatch.domain.transitions.transition import Transition, WriteContext

REFUSE_REFUND = Rule(
    "refuse_refund",
    ANY,
    None,
    EventType.REFUND_REFUSED,
    (clauses.refund_is_one_of(OPEN_REFUNDS), clauses.VERSION_CHECK),
)


def refuse_refund(order: Order, refund: Refund, cause: str, write_context: WriteContext) -> Transition:
    """The gateway will not make the refund: it is not asked again by itself, and a person is shown the order."""
    refused = replace(refund, status=RefundStatus.REFUSED, tries=refund.tries + 1, next_at=write_context.at)
    return refund_changes(REFUSE_REFUND, order, refused, write_context, {CAUSE: stored_cause(cause)})
