"""The way back: the order is unlocked, or waits for the gateway to say that it may be."""

from dataclasses import replace
from datetime import datetime

from paylatch.domain import guards
from paylatch.domain.changes import Change, Remove, Set
from paylatch.domain.guards import Clause, past_attempt_path
from paylatch.domain.order import Order
from paylatch.domain.payment import Attempt, AttemptStatus, CapturedPayment, PastAttempt, status_after
from paylatch.domain.release_reasons import ReleaseReason
from paylatch.domain.timestamps import as_milliseconds, as_text
from paylatch.domain.transitions.attempt_changes import (
    attempt_leaves,
    attention,
    follow_up,
    money,
    past_attempt,
    placed,
    unlocked,
    with_payment,
)
from paylatch.domain.transitions.reviewing import REMARK
from paylatch.domain.transitions.transition import Detail, Transition, WriteContext, transition


def release(
    order: Order,
    attempt: Attempt,
    reason: ReleaseReason,
    check_at: datetime | None,
    write_context: WriteContext,
    returned: CapturedPayment | None = None,
) -> Transition:
    """The unlocking unit: the same order is pending payment again.

    `check_at` is set while the link stays live. `returned` is money that was captured and has gone back whole since.
    """
    after = order if returned is None else with_payment(order, returned)
    changes: tuple[Change, ...] = () if returned is None else (placed(returned),)
    clauses = () if returned is None else (guards.payment_has_no_place(returned.payment_id),)
    sums = {} if returned is None else money(returned.capture)
    return _unlock(
        "release",
        after,
        past_attempt(attempt, status_after(reason), check_at),
        (guards.attempt_stands_at(attempt.status), *clauses),
        changes,
        {"reason": reason.value, **sums},
        write_context,
    )


def force_release(
    order: Order, attempt: Attempt, reason: ReleaseReason, check_at: datetime, remark: str, write_context: WriteContext
) -> Transition:
    """An operator takes the order back from a gateway that gives no answer; its link is watched from then on."""
    return _unlock(
        "force_release",
        order,
        past_attempt(attempt, status_after(reason), check_at),
        (guards.attempt_stands_at(attempt.status),),
        (),
        {"reason": reason.value, "forced": 1, REMARK: remark},
        write_context,
    )


def await_release(
    order: Order, attempt: Attempt, reason: ReleaseReason, next_check: datetime, write_context: WriteContext
) -> Transition:
    """The gateway has not confirmed that the session is closed: stay locked, visibly, and ask again."""
    return transition(
        "await_release",
        write_context,
        (guards.attempt_is(attempt.attempt_id), guards.version_is(order.version)),
        (
            Set(("attempt", "status"), AttemptStatus.CLOSING.value),
            Set(("attempt", "reason"), reason.value),
            Set(("attempt", "checks"), attempt.checks + 1),
            Set(("due_at",), as_text(next_check)),
            Set(("attention_at",), as_text(attempt.since)),
        ),
        attempt.attempt_id,
        {"reason": reason.value, "next_check": as_text(next_check)},
    )


def end_link(order: Order, attempt: PastAttempt, write_context: WriteContext) -> Transition:
    """A payment link that could not be voided is dead now, unpaid: nothing more can come of it."""
    return transition(
        "end_link",
        write_context,
        (guards.version_is(order.version),),
        (Remove((*past_attempt_path(attempt.attempt_id), "check_at")), follow_up(_watched(order, attempt, None))),
        attempt.attempt_id,
    )


def watch_link(order: Order, attempt: PastAttempt, check_at: datetime, write_context: WriteContext) -> Transition:
    """A payment link that could not be voided may still bring money: ask again at `check_at`."""
    return transition(
        "watch_link",
        write_context,
        (guards.version_is(order.version),),
        (
            Set((*past_attempt_path(attempt.attempt_id), "check_at"), as_milliseconds(check_at)),
            follow_up(_watched(order, attempt, check_at)),
        ),
        attempt.attempt_id,
        {"check_at": as_text(check_at)},
    )


def _unlock(
    name: str,
    order: Order,
    kept: PastAttempt,
    clauses: tuple[Clause, ...],
    changes: tuple[Change, ...],
    detail: Detail,
    write_context: WriteContext,
) -> Transition:
    after = unlocked(order, kept)
    return transition(
        name,
        write_context,
        (guards.attempt_is(kept.attempt_id), *clauses, guards.version_is(order.version)),
        (*changes, *attempt_leaves(order, kept), follow_up(after), *attention(after)),
        kept.attempt_id,
        detail,
    )


def _watched(order: Order, attempt: PastAttempt, check_at: datetime | None) -> Order:
    return replace(
        order, past_attempts={**order.past_attempts, attempt.attempt_id: replace(attempt, check_at=check_at)}
    )
