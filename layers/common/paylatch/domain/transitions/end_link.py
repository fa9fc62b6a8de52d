"""The payment link of an attempt that left its order is dead."""

from paylatch.domain import clauses
from paylatch.domain.changes import Remove
from paylatch.domain.guards import past_attempt_path
from paylatch.domain.order import Order
from paylatch.domain.payment import PastAttempt
from paylatch.domain.transitions.attempt_changes import follow_up, watched_until
from paylatch.domain.transitions.rule import ANY, EventType, Rule
from paylatch.domain.transitions.transition import Transition, WriteContext, transition

END_LINK = Rule("end_link", ANY, None, EventType.LINK_EXPIRED, (clauses.VERSION_CHECK,))


def end_link(order: Order, attempt: PastAttempt, write_context: WriteContext) -> Transition:
    """A payment link that could not be voided is dead now, unpaid: nothing more can come of it."""
    return transition(
        END_LINK,
        write_context,
        {"version": order.version},
        (Remove((*past_attempt_path(attempt.attempt_id), "check_at")), follow_up(watched_until(order, attempt, None))),
        attempt.attempt_id,
    )
