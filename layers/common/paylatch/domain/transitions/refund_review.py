"""An operator refunds money under review and unlocks the order."""

from dataclasses import replace

from paylatch.domain import clauses
from paylatch.domain.changes import Set
from paylatch.domain.event_words import REMARK
from paylatch.domain.order import Order, PaymentStatus
from paylatch.domain.payment import Attempt, AttemptStatus, CapturedPayment, PaymentPlace, Refund
from paylatch.domain.transitions.attempt_changes import (
    attempt_leaves,
    attention,
    follow_up,
    money,
    past_attempt,
    recorded_refund,
    refund_money,
    unlocked,
    with_payment,
    with_refund,
)
from paylatch.domain.transitions.rule import REVIEW, EventType, Rule
from paylatch.domain.transitions.transition import Transition, WriteContext, transition

REFUND_REVIEW = Rule(
    "refund_review",
    REVIEW,
    PaymentStatus.PENDING_PAYMENT,
    EventType.ORDER_UNLOCKED,
    (clauses.ATTEMPT_HOLDS_IT, clauses.VERSION_CHECK),
)


def refund_review(
    order: Order,
    attempt: Attempt,
    payment: CapturedPayment,
    refund: Refund | None,
    remark: str,
    write_context: WriteContext,
) -> Transition:
    """An operator refunds what was captured, and unlocks the order; money that has gone back already is not owed."""
    place = PaymentPlace.REFUND if refund else PaymentPlace.RETURNED
    status = AttemptStatus.REFUND_DUE if refund else AttemptStatus.REFUNDED
    kept = past_attempt(attempt, status, None)
    after = unlocked(with_payment(order, replace(payment, place=place)), kept)
    after = with_refund(after, refund) if refund else after
    return transition(
        REFUND_REVIEW,
        write_context,
        {"attempt_id": attempt.attempt_id, "version": order.version},
        (
            *attempt_leaves(order, kept),
            Set(("payments", payment.payment_id, "place"), place.value),
            *((recorded_refund(refund),) if refund else ()),
            follow_up(after),
            *attention(after),
        ),
        attempt.attempt_id,
        {**(refund_money(refund) if refund else money(payment.capture)), REMARK: remark},
    )
