"""An order is cancelled, unpaid."""

from dataclasses import replace

from paylatch.domain import clauses
from paylatch.domain.caller import Caller
from paylatch.domain.cancellation import CancellationReason
from paylatch.domain.order import Order, PaymentStatus
from paylatch.domain.transitions.rule import PENDING, EventType, Rule
from paylatch.domain.transitions.term_changes import ends
from paylatch.domain.transitions.transition import Transition, WriteContext, transition

CANCEL_ORDER = Rule(
    "cancel_order",
    PENDING,
    PaymentStatus.CANCELLED,
    EventType.ORDER_CANCELLED,
    (clauses.CALLER_OWNS_IT, clauses.VERSION_CHECK),
)


def cancel_order(order: Order, caller: Caller, write_context: WriteContext) -> Transition:
    """The order ends unpaid, for good."""
    after = replace(order, status=PaymentStatus.CANCELLED)
    return transition(
        CANCEL_ORDER,
        write_context,
        {"caller": caller, "version": order.version},
        ends(after, CancellationReason.REQUESTED, write_context.at),
    )
