"""The way back: the order is unlocked, or waits for the gateway to say that it may be."""

from dataclasses import replace
from datetime import datetime

from paylatch.domain import guards
from paylatch.domain.changes import Change, Put
from paylatch.domain.guards import Clause
from paylatch.domain.instructions import Instruction
from paylatch.domain.moments import as_text
from paylatch.domain.order import Order
from paylatch.domain.payment import Attempt, AttemptStatus, SupersededAttempt
from paylatch.domain.transitions.pieces import (
    attempt_leaves,
    no_longer_due,
    owed,
    superseded,
    superseded_as,
)
from paylatch.domain.transitions.transition import Stamp, Transition, transition


def release(
    order: Order, attempt: Attempt, instruction: Instruction, check_at: datetime | None, stamp: Stamp
) -> Transition:
    """The unlocking unit: the same order is pending payment again. `check_at` is set while the link stays live."""
    kept = superseded(attempt, AttemptStatus(instruction.value), check_at)
    clauses: tuple[Clause, ...] = (
        guards.attempt_is(attempt.attempt_id),
        guards.attempt_stands_at(attempt.status),
    )
    changes: tuple[Change, ...] = (*attempt_leaves(order, kept), *no_longer_due())
    if check_at is not None:
        clauses = (*clauses, guards.version_is(order.version))
        changes = (*changes, owed(order, also=check_at))
    return transition(
        "release",
        stamp,
        clauses,
        changes,
        attempt.attempt_id,
        {"reason": instruction.value},
    )


def await_release(
    order: Order, attempt: Attempt, instruction: Instruction, next_check: datetime, stamp: Stamp
) -> Transition:
    """The gateway has not confirmed that the session is closed: stay locked, visibly, and ask again."""
    return transition(
        "await_release",
        stamp,
        (guards.attempt_is(attempt.attempt_id), guards.version_is(order.version)),
        (
            Put(("attempt_status",), AttemptStatus.CLOSING.value),
            Put(("attempt_reason",), instruction.value),
            Put(("attempt_checks",), attempt.checks + 1),
            Put(("due_at",), as_text(next_check)),
            Put(("attention_at",), as_text(attempt.since)),
        ),
        attempt.attempt_id,
        {"reason": instruction.value, "next_check": as_text(next_check)},
    )


def end_link(order: Order, attempt: SupersededAttempt, stamp: Stamp) -> Transition:
    """A payment link that could not be voided is dead now, unpaid: nothing more can come of it."""
    return transition(
        "end_link",
        stamp,
        (guards.version_is(order.version),),
        (
            superseded_as(replace(attempt, check_at=None)),
            owed(order, without_check_of=attempt.attempt_id),
        ),
        attempt.attempt_id,
    )


def watch_link(order: Order, attempt: SupersededAttempt, check_at: datetime, stamp: Stamp) -> Transition:
    """A payment link that could not be voided may still bring money: ask again at `check_at`."""
    return transition(
        "watch_link",
        stamp,
        (guards.version_is(order.version),),
        (
            superseded_as(replace(attempt, check_at=check_at)),
            owed(order, also=check_at, without_check_of=attempt.attempt_id),
        ),
        attempt.attempt_id,
        {"check_at": as_text(check_at)},
    )
