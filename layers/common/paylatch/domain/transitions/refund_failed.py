"""A refund fails."""

from dataclasses import replace

from paylatch.domain import clauses
from paylatch.domain.order import Order
from paylatch.domain.payment import Refund, RefundStatus
from paylatch.domain.transitions.refund_changes import refund_changes
from paylatch.domain.transitions.rule import ANY, EventType, Rule
from paylatch.domain.transitions.transition import Transition, WriteContext

_GIVEN_UP_NOT_YET = frozenset(RefundStatus) - {RefundStatus.WRITTEN_OFF}
REFUND_FAILED = Rule(
    "refund_failed",
    ANY,
    None,
    EventType.REFUND_FAILED,
    (clauses.refund_is_one_of(_GIVEN_UP_NOT_YET), clauses.VERSION_CHECK),
)


def refund_failed(order: Order, refund: Refund, write_context: WriteContext) -> Transition:
    """A refund failed, confirmed or not: it is owed, and the gateway is asked at once."""
    tries = refund.tries + 1
    again = replace(refund, status=RefundStatus.DUE, tries=tries, failed_try=tries, next_at=write_context.at)
    return refund_changes(REFUND_FAILED, order, again, write_context)
