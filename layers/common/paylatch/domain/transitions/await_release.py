"""A release waits for the gateway's confirmation."""

from dataclasses import replace
from datetime import datetime

from paylatch.domain import clauses
from paylatch.domain.changes import Set
from paylatch.domain.order import Order, PaymentStatus
from paylatch.domain.payment import Attempt, AttemptStatus
from paylatch.domain.release_reasons import ReleaseReason
from paylatch.domain.timestamps import as_text
from paylatch.domain.transitions.rule import PAYING, EventType, Rule
from paylatch.domain.transitions.term_changes import expiry_follows
from paylatch.domain.transitions.transition import Transition, WriteContext, transition

AWAIT_RELEASE = Rule(
    "await_release",
    PAYING,
    PaymentStatus.RELEASING,
    EventType.RELEASE_PENDING,
    (clauses.ATTEMPT_HOLDS_IT, clauses.VERSION_CHECK),
)


def await_release(
    order: Order, attempt: Attempt, reason: ReleaseReason, next_check: datetime, write_context: WriteContext
) -> Transition:
    """The gateway has not confirmed that the session is closed: stay locked, visibly, and ask again."""
    return transition(
        AWAIT_RELEASE,
        write_context,
        {"attempt_id": attempt.attempt_id, "version": order.version},
        (
            Set(("attempt", "status"), AttemptStatus.CLOSING.value),
            Set(("attempt", "reason"), reason.value),
            Set(("attempt", "checks"), attempt.checks + 1),
            Set(("due_at",), as_text(next_check)),
            Set(("attention_at",), as_text(attempt.since)),
            *expiry_follows(replace(order, status=PaymentStatus.RELEASING)),
        ),
        attempt.attempt_id,
        {"reason": reason.value, "next_check": as_text(next_check)},
    )
