"""The payment link of an attempt that left its order is still live."""

from datetime import datetime

from paylatch.domain import clauses
from paylatch.domain.changes import Set
from paylatch.domain.guards import past_attempt_path
from paylatch.domain.order import Order
from paylatch.domain.payment import PastAttempt
from paylatch.domain.timestamps import as_milliseconds, as_text
from paylatch.domain.transitions.attempt_changes import follow_up, watched_until
from paylatch.domain.transitions.rule import ANY, EventType, Rule
from paylatch.domain.transitions.transition import Transition, WriteContext, transition

WATCH_LINK = Rule("watch_link", ANY, None, EventType.LINK_STILL_LIVE, (clauses.VERSION_CHECK,))


def watch_link(order: Order, attempt: PastAttempt, check_at: datetime, write_context: WriteContext) -> Transition:
    """A payment link that could not be voided may still be paid: ask again at `check_at`."""
    return transition(
        WATCH_LINK,
        write_context,
        {"version": order.version},
        (
            Set((*past_attempt_path(attempt.attempt_id), "check_at"), as_milliseconds(check_at)),
            follow_up(watched_until(order, attempt, check_at)),
        ),
        attempt.attempt_id,
        {"check_at": as_text(check_at)},
    )
