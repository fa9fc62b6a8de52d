"""An attempt's money pays for the order that it holds."""

from dataclasses import replace

from paylatch.domain import clauses
from paylatch.domain.changes import Change, Set
from paylatch.domain.clauses import ClauseValues
from paylatch.domain.order import Order, PaymentStatus
from paylatch.domain.payment import AttemptStatus, CapturedPayment
from paylatch.domain.transitions.attempt_changes import (
    LINKS_ARE_USED,
    NO_LONGER_UNDER_WAY,
    attention,
    follow_up,
    money,
    no_longer_due,
    paid_at,
    placed,
    with_payment,
)
from paylatch.domain.transitions.rule import PAYING, EventType, Rule
from paylatch.domain.transitions.transition import Transition, WriteContext, transition

WITHOUT_A_READ, FROM_A_READ = "written without a read", "planned from a read"
SETTLE = Rule(
    "settle",
    PAYING,
    PaymentStatus.PAID,
    EventType.ORDER_PAID,
    (
        clauses.ATTEMPT_HOLDS_IT,
        clauses.ATTEMPT_IS_AT_GATEWAY,
        clauses.AMOUNT_IS_AGREED,
        clauses.CURRENCY_IS_AGREED,
    ),
    {
        WITHOUT_A_READ: (
            clauses.status_is_one_of({PaymentStatus.IN_PAYMENT}),
            clauses.ATTEMPT_WAS_NEVER_PROCESSING,
            clauses.PAYMENT_IS_NOT_RECORDED,
            clauses.ORDER_HAS_NO_PAY_BY,
        ),
        FROM_A_READ: (clauses.PAYMENT_HAS_NO_PLACE, clauses.VERSION_CHECK),
    },
)


def settle(payment: CapturedPayment, order: Order | None, write_context: WriteContext) -> Transition:
    """The holder's money was captured as agreed: the order is paid.

    Without the order as it was read, only one without a `pay_by` that is `in_payment` and was never `processing` is
    settled, by a payment that was never reported before: then nothing changes of when the order is due, and of what a
    person is shown.
    """
    values = _values_of(payment)
    shown: tuple[Change, ...] = ()
    if order is not None:
        values["version"] = order.version
        after = replace(with_payment(order, payment), status=PaymentStatus.PAID)
        shown = (follow_up(after), *attention(after), *NO_LONGER_UNDER_WAY)
    return transition(
        SETTLE,
        write_context,
        values,
        (
            Set(("attempt", "status"), AttemptStatus.SUCCEEDED.value),
            Set(("attempt", "captured_payment"), payment.payment_id),
            *LINKS_ARE_USED,
            *placed(payment, order),
            *paid_at(payment, write_context.at),
            no_longer_due(),
            *shown,
        ),
        payment.attempt_id,
        money(payment.capture),
        WITHOUT_A_READ if order is None else FROM_A_READ,
    )


def _values_of(payment: CapturedPayment) -> ClauseValues:
    return {
        "attempt_id": payment.attempt_id,
        "gateway": payment.gateway,
        "amount": payment.amount,
        "currency": payment.currency,
        "payment_id": payment.payment_id,
    }
