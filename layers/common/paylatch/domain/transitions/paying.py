"""From the lock to the money."""

from dataclasses import replace
from datetime import datetime
from typing import Any

from paylatch.domain import guards
from paylatch.domain.attempt_documents import attempt_document
from paylatch.domain.caller import Caller
from paylatch.domain.changes import Change, Increment, Remove, Set
from paylatch.domain.frozen_dataclass import dataclass
from paylatch.domain.guards import Clause
from paylatch.domain.limits import OPENING_LASTS
from paylatch.domain.order import Order, PaymentStatus
from paylatch.domain.payment import Attempt, AttemptStatus, CapturedPayment
from paylatch.domain.timestamps import as_text
from paylatch.domain.transitions.attempt_changes import (
    MOST_ATTEMPTS,
    attention,
    follow_up,
    money,
    no_longer_due,
    placed,
    with_payment,
)
from paylatch.domain.transitions.transition import Transition, WriteContext, transition

# The way to the gateway and back is used up: links may be longer than all the rest of a head.
_LINKS_ARE_USED = (Remove(("attempt", "pay_url")), Remove(("attempt", "return_url")))


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
        "lock",
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


def record_session(attempt: Attempt, session_id: str, pay_url: str, write_context: WriteContext) -> Transition:
    """The gateway's session becomes known, and with it where the buyer pays; the lock ends at its deadline now."""
    return transition(
        "record_session",
        write_context,
        (
            guards.attempt_is(attempt.attempt_id),
            guards.attempt_stands_at(AttemptStatus.OPENING),
        ),
        (
            Set(("attempt", "status"), AttemptStatus.OPEN.value),
            Set(("attempt", "session"), session_id),
            Set(("attempt", "pay_url"), pay_url),
            Set(("due_at",), as_text(attempt.deadline)),
        ),
        attempt.attempt_id,
    )


def settle(payment: CapturedPayment, order: Order | None, write_context: WriteContext) -> Transition:
    """The holder's money is here, exactly: the order is paid.

    Without the order as it was read, only one that is `in_payment` is settled, by a payment that was never reported
    before: then nothing changes of what is owed and of what a person is shown.
    """
    read: tuple[Clause, ...] = (
        guards.status_is_one_of((PaymentStatus.IN_PAYMENT,)),
        guards.payment_is_unknown(payment.payment_id),
    )
    shown: tuple[Change, ...] = ()
    if order is not None:
        read = (guards.payment_has_no_place(payment.payment_id), guards.version_is(order.version))
        after = replace(with_payment(order, payment), status=PaymentStatus.PAID)
        shown = (follow_up(after), *attention(after))
    return transition(
        "settle",
        write_context,
        (
            *_held_for(payment),
            guards.amount_is(payment.amount),
            guards.currency_is(payment.currency),
            *read,
        ),
        (
            Set(("attempt", "status"), AttemptStatus.SUCCEEDED.value),
            Set(("attempt", "captured_payment"), payment.payment_id),
            *_LINKS_ARE_USED,
            placed(payment),
            no_longer_due(),
            *shown,
        ),
        payment.attempt_id,
        money(payment.capture),
    )


def quarantine(order: Order, payment: CapturedPayment, write_context: WriteContext) -> Transition:
    """The holder's money is not what was agreed, or not all there any more: a person decides about the order."""
    return transition(
        "quarantine",
        write_context,
        (
            *_held_for(payment),
            guards.payment_has_no_place(payment.payment_id),
            guards.version_is(order.version),
        ),
        (
            Set(("attempt", "status"), AttemptStatus.MISMATCHED.value),
            Set(("attempt", "captured_payment"), payment.payment_id),
            *_LINKS_ARE_USED,
            placed(payment),
            no_longer_due(),
            follow_up(with_payment(order, payment)),
            Set(("attention_at",), as_text(write_context.at)),
        ),
        payment.attempt_id,
        money(payment.capture),
    )


def _held_for(payment: CapturedPayment) -> tuple[Clause, ...]:
    return (
        guards.attempt_is(payment.attempt_id),
        guards.gateway_is(payment.gateway),
    )
