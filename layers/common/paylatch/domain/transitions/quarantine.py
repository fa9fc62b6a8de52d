"""An attempt's money is not what was agreed."""

from dataclasses import replace

from paylatch.domain import clauses
from paylatch.domain.changes import Set
from paylatch.domain.order import Order, PaymentStatus
from paylatch.domain.payment import AttemptStatus, CapturedPayment
from paylatch.domain.timestamps import as_text
from paylatch.domain.transitions.attempt_changes import (
    LINKS_ARE_USED,
    NO_LONGER_UNDER_WAY,
    follow_up,
    money,
    no_longer_due,
    placed,
    with_payment,
)
from paylatch.domain.transitions.rule import PAYING, EventType, Rule
from paylatch.domain.transitions.transition import Transition, WriteContext, transition

QUARANTINE = Rule(
    "quarantine",
    PAYING,
    PaymentStatus.REVIEW,
    EventType.PAYMENT_MISMATCHED,
    (
        clauses.ATTEMPT_HOLDS_IT,
        clauses.ATTEMPT_IS_AT_GATEWAY,
        clauses.PAYMENT_HAS_NO_PLACE,
        clauses.VERSION_CHECK,
    ),
)


def quarantine(order: Order, payment: CapturedPayment, write_context: WriteContext) -> Transition:
    """The holder's money is not what was agreed, or not all there any more: a person decides about the order."""
    return transition(
        QUARANTINE,
        write_context,
        {
            "attempt_id": payment.attempt_id,
            "gateway": payment.gateway,
            "payment_id": payment.payment_id,
            "version": order.version,
        },
        (
            Set(("attempt", "status"), AttemptStatus.MISMATCHED.value),
            Set(("attempt", "captured_payment"), payment.payment_id),
            *LINKS_ARE_USED,
            *NO_LONGER_UNDER_WAY,
            *placed(payment, order),
            no_longer_due(),
            follow_up(replace(with_payment(order, payment), status=PaymentStatus.REVIEW)),
            Set(("attention_at",), as_text(write_context.at)),
        ),
        payment.attempt_id,
        money(payment.capture),
    )
