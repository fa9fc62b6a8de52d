"""What a person decides about money that does not match."""

from paylatch.domain import guards
from paylatch.domain.changes import Put
from paylatch.domain.documents import refund_document
from paylatch.domain.order import Order
from paylatch.domain.payment import Attempt, AttemptStatus, Refund
from paylatch.domain.transitions.pieces import (
    attempt_leaves,
    no_longer_due,
    owed,
    superseded,
)
from paylatch.domain.transitions.transition import Stamp, Transition, transition

# What an operator says about a decision, in the event's detail. It is not for buyers and sellers.
REMARK = "remark"


def settle_review(attempt_id: str, remark: str, stamp: Stamp) -> Transition:
    """An operator takes what was captured as the payment."""
    return transition(
        "settle_review",
        stamp,
        (guards.attempt_is(attempt_id),),
        (Put(("attempt_status",), AttemptStatus.SUCCEEDED.value), *no_longer_due()),
        attempt_id,
        {REMARK: remark},
    )


def refund_review(order: Order, attempt: Attempt, refund: Refund, remark: str, stamp: Stamp) -> Transition:
    """An operator gives back what was captured, and with it the order."""
    return transition(
        "refund_review",
        stamp,
        (
            guards.payment_is_unrecorded(refund.payment_id),
            guards.version_is(order.version),
        ),
        (
            *attempt_leaves(order, superseded(attempt, AttemptStatus.REFUND_DUE, None)),
            *no_longer_due(),
            Put(("refunds", refund.payment_id), refund_document(refund)),
            owed(order, also=refund.next_at),
        ),
        attempt.attempt_id,
        {REMARK: remark, "payment_id": refund.payment_id, "amount": refund.amount},
    )
