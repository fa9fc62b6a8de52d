"""A refund is confirmed."""

from dataclasses import replace

from paylatch.domain import clauses
from paylatch.domain.order import Order
from paylatch.domain.payment import Refund, RefundStatus
from paylatch.domain.transitions.refund_changes import refund_changes
from paylatch.domain.transitions.rule import ANY, EventType, Rule
from paylatch.domain.transitions.transition import Transition, WriteContext

_MADE_NOT_YET = frozenset(RefundStatus) - {RefundStatus.REFUNDED}
REFUNDED = Rule(
    "refunded", ANY, None, EventType.REFUND_ISSUED, (clauses.refund_is_one_of(_MADE_NOT_YET), clauses.VERSION_CHECK)
)


def refunded(order: Order, refund: Refund, write_context: WriteContext) -> Transition:
    """The gateway confirmed the refund: nothing is owed for that payment any more."""
    return refund_changes(REFUNDED, order, replace(refund, status=RefundStatus.REFUNDED), write_context)
