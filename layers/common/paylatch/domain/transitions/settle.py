"""An attempt's money pays for the order that it holds."""

from dataclasses import replace

from paylatch.domain import guards
from paylatch.domain.changes import Change, Set
from paylatch.domain.guards import Clause
from paylatch.domain.order import Order, PaymentStatus
from paylatch.domain.payment import AttemptStatus, CapturedPayment
from paylatch.domain.transitions.attempt_changes import (
    LINKS_ARE_USED,
    attention,
    follow_up,
    money,
    no_longer_due,
    placed,
    with_payment,
)
from paylatch.domain.transitions.money_clauses import held_for
from paylatch.domain.transitions.rule import PAYING, EventType, Rule
from paylatch.domain.transitions.transition import Transition, WriteContext, transition

SETTLE = Rule("settle", PAYING, PaymentStatus.PAID, EventType.ORDER_PAID)


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
        SETTLE,
        write_context,
        (
            *held_for(payment),
            guards.amount_is(payment.amount),
            guards.currency_is(payment.currency),
            *read,
        ),
        (
            Set(("attempt", "status"), AttemptStatus.SUCCEEDED.value),
            Set(("attempt", "captured_payment"), payment.payment_id),
            *LINKS_ARE_USED,
            placed(payment),
            no_longer_due(),
            *shown,
        ),
        payment.attempt_id,
        money(payment.capture),
    )
