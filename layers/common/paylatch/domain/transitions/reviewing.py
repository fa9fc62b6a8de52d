"""What a person decides about money that does not match."""

from dataclasses import replace

from paylatch.domain import guards
from paylatch.domain.changes import Set
from paylatch.domain.order import Order, PaymentStatus
from paylatch.domain.payment import Attempt, AttemptStatus, CapturedPayment, PaymentPlace, Refund
from paylatch.domain.transitions.attempt_changes import (
    attempt_leaves,
    attention,
    follow_up,
    money,
    no_longer_due,
    past_attempt,
    recorded_refund,
    refund_money,
    unlocked,
    with_payment,
    with_refund,
)
from paylatch.domain.transitions.transition import Transition, WriteContext, transition

# What an operator says about a decision, in the event's detail. It is not for buyers and sellers.
REMARK = "remark"


def settle_review(
    order: Order, attempt: Attempt, payment: CapturedPayment, remark: str, write_context: WriteContext
) -> Transition:
    """An operator takes what was captured as the payment."""
    after = replace(order, status=PaymentStatus.PAID)
    return transition(
        "settle_review",
        write_context,
        (guards.attempt_is(attempt.attempt_id), guards.version_is(order.version)),
        (
            Set(("attempt", "status"), AttemptStatus.SUCCEEDED.value),
            Set(("payments", payment.payment_id, "place"), PaymentPlace.SETTLED.value),
            no_longer_due(),
            *attention(after),
        ),
        attempt.attempt_id,
        {**money(payment.capture), REMARK: remark},
    )


def refund_review(
    order: Order,
    attempt: Attempt,
    payment: CapturedPayment,
    refund: Refund | None,
    remark: str,
    write_context: WriteContext,
) -> Transition:
    """An operator gives back what was captured, and with it the order; no refund is owed of what is back already."""
    place = PaymentPlace.REFUND if refund else PaymentPlace.RETURNED
    status = AttemptStatus.REFUND_DUE if refund else AttemptStatus.REFUNDED
    kept = past_attempt(attempt, status, None)
    after = unlocked(with_payment(order, replace(payment, place=place)), kept)
    after = with_refund(after, refund) if refund else after
    return transition(
        "refund_review",
        write_context,
        (guards.attempt_is(attempt.attempt_id), guards.version_is(order.version)),
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
