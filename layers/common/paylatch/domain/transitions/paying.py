"""From the lock to the money."""

from dataclasses import dataclass
from datetime import datetime

from paylatch.domain import guards
from paylatch.domain.caller import Caller
from paylatch.domain.changes import Copy, Put, Remove
from paylatch.domain.moments import as_text
from paylatch.domain.payment import AttemptStatus, Capture
from paylatch.domain.transitions.pieces import captured, money, no_longer_due
from paylatch.domain.transitions.transition import Stamp, Transition, transition


@dataclass(frozen=True, slots=True, kw_only=True)
class NewAttempt:
    """What an attempt starts with; its amount, currency and revision are copied from the order as it is locked."""

    attempt_id: str
    gateway: str
    deadline: datetime
    return_url: str
    fingerprint: str


def lock(attempt: NewAttempt, caller: Caller, revision: int | None, stamp: Stamp) -> Transition:
    """The attempt takes hold of the order and of the amount, currency and revision it has at that moment."""
    clauses = [
        guards.caller_owns_it(caller),
        guards.attempt_is_new(attempt.attempt_id),
        guards.attempt_is_not_forgotten(attempt.attempt_id),
    ]
    if revision is not None:
        clauses.append(guards.revision_is(revision))
    deadline = as_text(attempt.deadline)
    return transition(
        "lock",
        stamp,
        tuple(clauses),
        (
            Put(("attempt_id",), attempt.attempt_id),
            Put(("attempt_status",), AttemptStatus.OPENING.value),
            Copy(("attempt_amount",), ("total",)),
            Copy(("attempt_currency",), ("currency",)),
            Copy(("attempt_revision",), ("revision",)),
            Put(("attempt_gateway",), attempt.gateway),
            Put(("attempt_since",), as_text(stamp.at)),
            Put(("attempt_deadline",), deadline),
            Put(("attempt_return_url",), attempt.return_url),
            Put(("attempt_fingerprint",), attempt.fingerprint),
            Put(("due_at",), deadline),
        ),
        attempt.attempt_id,
        {"gateway": attempt.gateway, "until": deadline},
    )


def record_session(attempt_id: str, session_id: str, pay_url: str, stamp: Stamp) -> Transition:
    """The gateway's session becomes known, and with it where the buyer pays."""
    return transition(
        "record_session",
        stamp,
        (
            guards.attempt_is(attempt_id),
            guards.attempt_stands_at(AttemptStatus.OPENING),
        ),
        (
            Put(("attempt_status",), AttemptStatus.OPEN.value),
            Put(("attempt_session",), session_id),
            Put(("attempt_pay_url",), pay_url),
        ),
        attempt_id,
    )


def settle(attempt_id: str, gateway: str, capture: Capture, stamp: Stamp) -> Transition:
    """The holder's money is here, exactly: the order is paid."""
    return transition(
        "settle",
        stamp,
        (
            guards.attempt_is(attempt_id),
            guards.gateway_is(gateway),
            guards.amount_is(capture.amount),
            guards.currency_is(capture.currency),
        ),
        (
            Put(("attempt_status",), AttemptStatus.SUCCEEDED.value),
            *captured(capture),
            *no_longer_due(),
        ),
        attempt_id,
        money(capture),
    )


def quarantine(attempt_id: str, capture: Capture, stamp: Stamp) -> Transition:
    """The holder's money is not what was agreed: the order stays locked until a person decides."""
    return transition(
        "quarantine",
        stamp,
        (guards.attempt_is(attempt_id),),
        (
            Put(("attempt_status",), AttemptStatus.MISMATCHED.value),
            *captured(capture),
            Remove(("due_at",)),
            Put(("attention_at",), as_text(stamp.at)),
        ),
        attempt_id,
        money(capture),
    )
