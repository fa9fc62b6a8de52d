"""A refund is recorded for captured money that does not pay for the order."""

from paylatch.domain import clauses
from paylatch.domain.order import Order
from paylatch.domain.payment import AttemptStatus, CapturedPayment, Refund
from paylatch.domain.transitions.attempt_changes import (
    attention,
    follow_up,
    link_paid,
    past_attempt_of,
    past_status,
    placed,
    recorded_refund,
    refund_money,
    with_payment,
    with_refund,
)
from paylatch.domain.transitions.rule import ANY, EventType, Rule
from paylatch.domain.transitions.transition import Transition, WriteContext, transition

OWE_REFUND = Rule("owe_refund", ANY, None, EventType.REFUND_DUE, (clauses.PAYMENT_HAS_NO_PLACE, clauses.VERSION_CHECK))


def owe_refund(order: Order, payment: CapturedPayment, refund: Refund, write_context: WriteContext) -> Transition:
    """A refund that is due is recorded for captured money that does not pay for the order."""
    late = past_attempt_of(order, payment)
    after = with_refund(with_payment(order, payment), refund)
    after, unwatched = link_paid(after, late)
    marks = (past_status(late.attempt_id, AttemptStatus.REFUND_DUE),) if late else ()
    return transition(
        OWE_REFUND,
        write_context,
        {"payment_id": payment.payment_id, "version": order.version},
        (*placed(payment, order), recorded_refund(refund), *marks, *unwatched, follow_up(after), *attention(after)),
        payment.attempt_id,
        {**refund_money(refund), "reason": refund.reason},
    )
