"""An operator takes the captured money as the payment."""

from dataclasses import replace

from paylatch.domain import clauses
from paylatch.domain.changes import Set
from paylatch.domain.event_words import REMARK
from paylatch.domain.order import Order, PaymentStatus
from paylatch.domain.payment import Attempt, AttemptStatus, CapturedPayment, PaymentPlace
from paylatch.domain.transitions.attempt_changes import attention, money, no_longer_due, paid_at
from paylatch.domain.transitions.rule import REVIEW, EventType, Rule
from paylatch.domain.transitions.transition import Transition, WriteContext, transition

SETTLE_REVIEW = Rule(
    "settle_review",
    REVIEW,
    PaymentStatus.PAID,
    EventType.ORDER_PAID,
    (clauses.ATTEMPT_HOLDS_IT, clauses.VERSION_CHECK),
)


def settle_review(
    order: Order, attempt: Attempt, payment: CapturedPayment, remark: str, write_context: WriteContext
) -> Transition:
    """An operator takes what was captured as the payment."""
    after = replace(order, status=PaymentStatus.PAID)
    return transition(
        SETTLE_REVIEW,
        write_context,
        {"attempt_id": attempt.attempt_id, "version": order.version},
        (
            Set(("attempt", "status"), AttemptStatus.SUCCEEDED.value),
            Set(("attempt", "reviewed"), True),
            Set(("payments", payment.payment_id, "place"), PaymentPlace.SETTLED.value),
            *paid_at(payment, write_context.at),
            no_longer_due(),
            *attention(after),
        ),
        attempt.attempt_id,
        {**money(payment.capture), REMARK: remark},
    )
