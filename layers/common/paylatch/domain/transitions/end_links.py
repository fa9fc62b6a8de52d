"""The payment links of attempts that left their order are dead."""

from collections.abc import Sequence

from paylatch.domain import clauses
from paylatch.domain.changes import Remove
from paylatch.domain.guards import past_attempt_path
from paylatch.domain.order import Order
from paylatch.domain.payment import PastAttempt
from paylatch.domain.transitions.attempt_changes import follow_up, watched_until
from paylatch.domain.transitions.rule import ANY, EventType, Rule
from paylatch.domain.transitions.transition import Transition, WriteContext, transition

END_LINKS = Rule("end_links", ANY, None, EventType.LINK_EXPIRED, (clauses.VERSION_CHECK,))


def end_links(order: Order, attempts: Sequence[PastAttempt], write_context: WriteContext) -> Transition:
    """Payment links that could not be voided are dead now, unpaid: nothing more can come of them.

    There is at least one. The event names the one attempt, or all of them in its detail.
    """
    after, attempt_ids = order, sorted(attempt.attempt_id for attempt in attempts)
    for attempt in attempts:
        after = watched_until(after, attempt, None)
    alone = attempt_ids[0] if len(attempt_ids) == 1 else None
    return transition(
        END_LINKS,
        write_context,
        {"version": order.version},
        (*(Remove((*past_attempt_path(each), "check_at")) for each in attempt_ids), follow_up(after)),
        alone,
        None if alone else {"attempt_ids": attempt_ids},
    )
