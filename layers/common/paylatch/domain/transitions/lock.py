"""A payment attempt locks an order."""

from dataclasses import dataclass
from datetime import datetime
from typing import Any

from paylatch.domain import guards
from paylatch.domain.attempt_documents import attempt_document
from paylatch.domain.caller import Caller
from paylatch.domain.changes import Increment, Set
from paylatch.domain.limits import OPENING_LASTS
from paylatch.domain.order import PaymentStatus
from paylatch.domain.payment import AttemptStatus
from paylatch.domain.timestamps import as_text
from paylatch.domain.transitions.attempt_changes import MOST_ATTEMPTS
from paylatch.domain.transitions.rule import PENDING, EventType, Rule
from paylatch.domain.transitions.transition import Transition, WriteContext, transition

LOCK = Rule("lock", PENDING, PaymentStatus.IN_PAYMENT, EventType.ORDER_LOCKED)


@dataclass(frozen=True, slots=True, kw_only=True)
class NewAttempt:
    """What an attempt starts with; its amount, currency and revision are those that the order has when it is locked."""

    attempt_id: str
    gateway: str
    deadline: datetime
    return_url: str
    fingerprint: str


def lock(attempt: NewAttempt, caller: Caller, revision: int | None, write_context: WriteContext) -> Transition:
    """The attempt takes hold of the order, whose total, currency and revision stay as they are meanwhile.

    Written without a read, so it may arrive late: no attempt ever holds twice, and one that nobody opens is soon due.
    """
    clauses = [
        guards.caller_owns_it(caller),
        guards.attempt_is_new(attempt.attempt_id),
        guards.attempt_was_not_evicted(attempt.attempt_id),
        guards.attempts_made_below(MOST_ATTEMPTS),
    ]
    if revision is not None:
        clauses.append(guards.revision_is(revision))
    return transition(
        LOCK,
        write_context,
        tuple(clauses),
        (
            Set(("attempt",), _opening(attempt, write_context)),
            Set(("due_at",), as_text(min(attempt.deadline, write_context.at + OPENING_LASTS))),
            Increment(("attempts_made",)),
        ),
        attempt.attempt_id,
        {"gateway": attempt.gateway, "until": as_text(attempt.deadline)},
    )


def _opening(attempt: NewAttempt, write_context: WriteContext) -> dict[str, Any]:
    return attempt_document(
        attempt.attempt_id,
        AttemptStatus.OPENING,
        attempt.gateway,
        write_context.at,
        attempt.deadline,
        attempt.fingerprint,
        return_url=attempt.return_url,
    )
