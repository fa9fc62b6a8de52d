"""Captured money went back by another way than our refunds."""

from paylatch.domain import clauses
from paylatch.domain.changes import Change, Set
from paylatch.domain.order import Order
from paylatch.domain.payment import CapturedPayment
from paylatch.domain.transitions.attempt_changes import (
    attention,
    follow_up,
    link_paid,
    money,
    past_attempt_of,
    placed,
    with_payment,
)
from paylatch.domain.transitions.rule import ANY, EventType, Rule
from paylatch.domain.transitions.transition import Transition, WriteContext, transition

RECORDED, NOT_RECORDED = "a recorded payment", "any other payment"
MONEY_RETURNED = Rule(
    "money_returned",
    ANY,
    None,
    EventType.MONEY_RETURNED,
    forms={
        RECORDED: (clauses.LESS_WAS_RETURNED, clauses.VERSION_CHECK),
        NOT_RECORDED: (clauses.PAYMENT_HAS_NO_PLACE, clauses.VERSION_CHECK),
    },
)


def money_returned(order: Order, payment: CapturedPayment, write_context: WriteContext) -> Transition:
    """So much of a payment went back by now, by whatever cause; the order's status stays as it is.

    `payment` is as it is afterwards: one that has no place yet has gone back whole.
    """
    known = order.records(payment.payment_id)
    late = None if known else past_attempt_of(order, payment)
    after, unwatched = link_paid(with_payment(order, payment), late)
    changes: tuple[Change, ...] = placed(payment, order)
    if known:
        changes = (Set(("payments", payment.payment_id, "returned"), payment.returned),)
    return transition(
        MONEY_RETURNED,
        write_context,
        {"payment_id": payment.payment_id, "returned": payment.returned, "version": order.version},
        (
            *changes,
            *unwatched,
            follow_up(after),
            *attention(after),
        ),
        payment.attempt_id,
        money(payment.capture),
        RECORDED if known else NOT_RECORDED,
    )
