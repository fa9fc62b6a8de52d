"""Money that arrives when its attempt no longer holds the order."""

from dataclasses import replace
from typing import Any

from paylatch.domain import guards
from paylatch.domain.attempt_documents import attempt_document
from paylatch.domain.changes import Remove, Set
from paylatch.domain.guards import Clause, past_attempt_path
from paylatch.domain.order import Order, PaymentStatus
from paylatch.domain.payment import AttemptStatus, CapturedPayment, PastAttempt, Refund
from paylatch.domain.timestamps import as_text
from paylatch.domain.transitions.attempt_changes import (
    attention,
    follow_up,
    money,
    past_status,
    placed,
    recorded_refund,
    refund_money,
    with_payment,
    with_refund,
)
from paylatch.domain.transitions.transition import Transition, WriteContext, transition


def accept_late(
    order: Order, attempt: PastAttempt, payment: CapturedPayment, write_context: WriteContext
) -> Transition:
    """Late money for the very revision that is still there, with nobody else paying: it pays for the order."""
    rest = {key: value for key, value in order.past_attempts.items() if key != attempt.attempt_id}
    after = replace(with_payment(order, payment), status=PaymentStatus.PAID, past_attempts=rest)
    return transition(
        "accept_late",
        write_context,
        (guards.revision_is(attempt.revision), *_unplaced(order, payment)),
        (
            Set(("attempt",), _succeeded(attempt, payment)),
            placed(payment),
            Remove(past_attempt_path(attempt.attempt_id)),
            follow_up(after),
            *attention(after),
        ),
        attempt.attempt_id,
        {**money(payment.capture), "late": 1},
    )


def _succeeded(attempt: PastAttempt, payment: CapturedPayment) -> dict[str, Any]:
    return attempt_document(
        attempt.attempt_id,
        AttemptStatus.SUCCEEDED,
        attempt.gateway,
        attempt.since,
        attempt.deadline,
        attempt.fingerprint,
        session=attempt.session_id,
        captured_payment=payment.payment_id,
    )


def claim(order: Order, payment: CapturedPayment, write_context: WriteContext) -> Transition:
    """A gateway reported money that may pay for the order, and does not answer whether it still holds it."""
    after = with_payment(order, payment)
    next_check = {"next_check": as_text(payment.next_at)} if payment.next_at else {}
    return transition(
        "claim",
        write_context,
        _unplaced(order, payment),
        (placed(payment), follow_up(after), *attention(after)),
        payment.attempt_id,
        {**money(payment.capture), **next_check},
    )


def owe_refund(order: Order, payment: CapturedPayment, refund: Refund, write_context: WriteContext) -> Transition:
    """Captured money that does not pay for the order gets a durable intent to give it back."""
    late = past_attempt_of(order, payment)
    after = with_refund(with_payment(order, payment), refund)
    marks = [past_status(late.attempt_id, AttemptStatus.REFUND_DUE)] if late else []
    if late is not None and late.check_at is not None:
        # Its link was paid: nothing more is to be looked for.
        marks.append(Remove((*past_attempt_path(late.attempt_id), "check_at")))
        after = replace(after, past_attempts={**after.past_attempts, late.attempt_id: replace(late, check_at=None)})
    return transition(
        "owe_refund",
        write_context,
        _unplaced(order, payment),
        (placed(payment), recorded_refund(refund), *marks, follow_up(after), *attention(after)),
        payment.attempt_id,
        {**refund_money(refund), "reason": refund.reason},
    )


def money_returned(order: Order, payment: CapturedPayment, write_context: WriteContext) -> Transition:
    """So much of a payment went back by now, by whatever cause; the order's status stays as it is.

    `payment` is as it is afterwards: one that has no place yet has gone back whole.
    """
    after = with_payment(order, payment)
    known = order.records(payment.payment_id)
    less = guards.less_was_returned(payment.payment_id, payment.returned)
    late = None if known else past_attempt_of(order, payment)
    unwatched = [Remove((*past_attempt_path(late.attempt_id), "check_at"))] if late and late.check_at else []
    if late is not None and late.check_at is not None:
        after = replace(after, past_attempts={**after.past_attempts, late.attempt_id: replace(late, check_at=None)})
    return transition(
        "money_returned",
        write_context,
        (less, guards.version_is(order.version)) if known else _unplaced(order, payment),
        (
            Set(("payments", payment.payment_id, "returned"), payment.returned) if known else placed(payment),
            *unwatched,
            follow_up(after),
            *attention(after),
        ),
        payment.attempt_id,
        money(payment.capture),
    )


def past_attempt_of(order: Order, payment: CapturedPayment | Refund) -> PastAttempt | None:
    """The attempt that the money came for, where the order let it go and the money came by its own gateway."""
    late = order.past_attempts.get(payment.attempt_id)
    return late if late is not None and late.gateway == payment.gateway else None


def _unplaced(order: Order, payment: CapturedPayment) -> tuple[Clause, ...]:
    return (guards.payment_has_no_place(payment.payment_id), guards.version_is(order.version))
