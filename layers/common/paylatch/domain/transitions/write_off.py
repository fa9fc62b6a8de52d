"""An operator writes a refund off."""

from dataclasses import replace

from paylatch.domain import clauses
from paylatch.domain.event_words import REMARK
from paylatch.domain.ledger import OPEN_REFUNDS
from paylatch.domain.order import Order
from paylatch.domain.payment import Refund, RefundStatus
from paylatch.domain.transitions.refund_changes import refund_changes
from paylatch.domain.transitions.rule import ANY, EventType, Rule
from paylatch.domain.transitions.transition import Transition, WriteContext

WRITE_OFF = Rule(
    "write_off",
    ANY,
    None,
    EventType.REFUND_WRITTEN_OFF,
    (clauses.refund_is_one_of(OPEN_REFUNDS), clauses.VERSION_CHECK),
)


def write_off(order: Order, refund: Refund, remark: str, write_context: WriteContext) -> Transition:
    """An operator gives up on a refund that the gateway will never make; the history names who and why."""
    given_up = replace(refund, status=RefundStatus.WRITTEN_OFF, next_at=write_context.at)
    return refund_changes(WRITE_OFF, order, given_up, write_context, {REMARK: remark})
