"""The session that a gateway opened for an attempt is recorded."""

from paylatch.domain import clauses
from paylatch.domain.changes import Set
from paylatch.domain.order import PaymentStatus
from paylatch.domain.payment import Attempt, AttemptStatus
from paylatch.domain.timestamps import as_text
from paylatch.domain.transitions.rule import EventType, Rule
from paylatch.domain.transitions.transition import Transition, WriteContext, transition

RECORD_SESSION = Rule(
    "record_session",
    frozenset({PaymentStatus.IN_PAYMENT}),
    PaymentStatus.IN_PAYMENT,
    EventType.PAYMENT_OPENED,
    (clauses.ATTEMPT_HOLDS_IT, clauses.attempt_status_is(AttemptStatus.OPENING)),
)


def record_session(attempt: Attempt, session_id: str, pay_url: str, write_context: WriteContext) -> Transition:
    """The gateway's session becomes known, and with it where the buyer pays; the lock ends at its deadline now."""
    return transition(
        RECORD_SESSION,
        write_context,
        {"attempt_id": attempt.attempt_id},
        (
            Set(("attempt", "status"), AttemptStatus.OPEN.value),
            Set(("attempt", "session"), session_id),
            Set(("attempt", "pay_url"), pay_url),
            Set(("due_at",), as_text(attempt.deadline)),
        ),
        attempt.attempt_id,
    )
