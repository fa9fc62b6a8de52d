"""The payment link of an attempt that left its order: dead, or still live."""

from dataclasses import replace
from datetime import datetime

from paylatch.domain import guards
from paylatch.domain.changes import Remove, Set
from paylatch.domain.guards import past_attempt_path
from paylatch.domain.order import Order
from paylatch.domain.payment import PastAttempt
from paylatch.domain.timestamps import as_milliseconds, as_text
from paylatch.domain.transitions.attempt_changes import (
    follow_up,
)
from paylatch.domain.transitions.rule import ANY, EventType, Rule
from paylatch.domain.transitions.transition import Transition, WriteContext, transition

END_LINK = Rule("end_link", ANY, None, EventType.LINK_EXPIRED)
WATCH_LINK = Rule("watch_link", ANY, None, EventType.LINK_STILL_LIVE)


def end_link(order: Order, attempt: PastAttempt, write_context: WriteContext) -> Transition:
    """A payment link that could not be voided is dead now, unpaid: nothing more can come of it."""
    return transition(
        END_LINK,
        write_context,
        (guards.version_is(order.version),),
        (Remove((*past_attempt_path(attempt.attempt_id), "check_at")), follow_up(_watched(order, attempt, None))),
        attempt.attempt_id,
    )


def watch_link(order: Order, attempt: PastAttempt, check_at: datetime, write_context: WriteContext) -> Transition:
    """A payment link that could not be voided may still bring money: ask again at `check_at`."""
    return transition(
        WATCH_LINK,
        write_context,
        (guards.version_is(order.version),),
        (
            Set((*past_attempt_path(attempt.attempt_id), "check_at"), as_milliseconds(check_at)),
            follow_up(_watched(order, attempt, check_at)),
        ),
        attempt.attempt_id,
        {"check_at": as_text(check_at)},
    )


def _watched(order: Order, attempt: PastAttempt, check_at: datetime | None) -> Order:
    return replace(
        order, past_attempts={**order.past_attempts, attempt.attempt_id: replace(attempt, check_at=check_at)}
    )
