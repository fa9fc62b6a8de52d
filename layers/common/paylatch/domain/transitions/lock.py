"""A payment attempt locks an order."""

from datetime import datetime
from typing import Any

from paylatch.domain import clauses
from paylatch.domain.attempt_documents import attempt_document
from paylatch.domain.caller import Caller
from paylatch.domain.changes import Increment, Set
from paylatch.domain.clauses import ClauseValues
from paylatch.domain.frozen_dataclass import dataclass
from paylatch.domain.limits import OPENING_LASTS
from paylatch.domain.order import PaymentStatus
from paylatch.domain.payment import AttemptStatus
from paylatch.domain.timestamps import as_text
from paylatch.domain.transitions.attempt_changes import MOST_ATTEMPTS
from paylatch.domain.transitions.rule import PENDING, USUAL, EventType, Rule
from paylatch.domain.transitions.transition import Transition, WriteContext, transition

IF_MATCH = "where the request has `If-Match`"
LOCK = Rule(
    "lock",
    PENDING,
    PaymentStatus.IN_PAYMENT,
    EventType.ORDER_LOCKED,
    (
        clauses.CALLER_PAYS_FOR_IT,
        clauses.ORDER_COSTS_MONEY,
        clauses.ORDER_IS_PAYABLE,
        clauses.PAY_BY_IS_AHEAD,
        clauses.ATTEMPT_IS_NOT_PAST,
        clauses.ATTEMPT_IS_NOT_EVICTED,
        clauses.attempts_made_below(MOST_ATTEMPTS),
    ),
    {USUAL: (), IF_MATCH: (clauses.revision_is("the revision is the one that it names"),)},
)


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
    A caller with a payment link has it in the guard: a link that was renewed meanwhile locks nothing.
    """
    values: ClauseValues = {
        "caller": caller,
        "attempt_id": attempt.attempt_id,
        "most_attempts": MOST_ATTEMPTS,
        "now": write_context.at,
    }
    if revision is not None:
        values["revision"] = revision
    return transition(
        LOCK,
        write_context,
        values,
        (
            Set(("attempt",), _opening(attempt, write_context)),
            Set(("due_at",), as_text(min(attempt.deadline, write_context.at + OPENING_LASTS))),
            Increment(("attempts_made",)),
        ),
        attempt.attempt_id,
        {"gateway": attempt.gateway, "until": as_text(attempt.deadline)},
        USUAL if revision is None else IF_MATCH,
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
