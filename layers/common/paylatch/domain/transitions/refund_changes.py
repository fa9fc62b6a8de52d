"""What the transitions of a refund share."""

from dataclasses import replace

from paylatch.domain.changes import Change, Remove, Set
from paylatch.domain.ledger import refunded_amount
from paylatch.domain.order import Detail, Order
from paylatch.domain.payment import CapturedPayment, Refund, RefundStatus
from paylatch.domain.timestamps import as_text
from paylatch.domain.transitions.attempt_changes import (
    attention,
    follow_up,
    past_attempt_of,
    past_status,
    refund_money,
    status_by_refunds,
    with_payment,
    with_refund,
)
from paylatch.domain.transitions.rule import Rule
from paylatch.domain.transitions.transition import Transition, WriteContext, transition


def refund_changes(
    rule: Rule,
    order: Order,
    refund: Refund,
    write_context: WriteContext,
    detail: Detail | None = None,
) -> Transition:
    """The transition of that row, after which the refund stands so, and its payment and attempt with it."""
    payment = _paid_back(order, refund)
    refund = replace(refund, made=_made(order, refund, payment))
    after = with_refund(with_payment(order, payment), refund)
    late = past_attempt_of(order, refund)
    marks: tuple[Change, ...] = (past_status(late.attempt_id, status_by_refunds(after, late)),) if late else ()
    return transition(
        rule,
        write_context,
        {"refund_id": refund.refund_id, "version": order.version},
        (
            *_changed_fields(order.refunds[refund.refund_id], refund),
            Set(("payments", payment.payment_id, "returned"), payment.returned),
            *marks,
            follow_up(after),
            *attention(after),
        ),
        refund.attempt_id,
        {**refund_money(refund), **(detail or {})},
    )


def _paid_back(order: Order, refund: Refund) -> CapturedPayment:
    """The payment with the refund counted as returned, or not any more where it failed after all."""
    payment, before = order.payments[refund.payment_id], order.refunds[refund.refund_id].status
    made, made_before = refund.status is RefundStatus.REFUNDED, before is RefundStatus.REFUNDED
    if made and not made_before:
        # The gateway's total may have counted it already.
        more = min(payment.amount, payment.returned + refund.amount)
        return replace(payment, returned=max(payment.returned, more))
    if made_before and not made:
        still = refunded_amount(with_refund(order, refund), payment)
        return replace(payment, returned=max(still, payment.returned - refund.amount_made))
    return payment


def _made(order: Order, refund: Refund, after: CapturedPayment) -> int | None:
    """What a refund that is made gave back of its payment, where that is less than its amount."""
    before = order.refunds[refund.refund_id]
    if refund.status is not RefundStatus.REFUNDED or before.status is RefundStatus.REFUNDED:
        return None
    made = after.returned - order.payments[refund.payment_id].returned
    return made if made < refund.amount else None


def _changed_fields(before: Refund, after: Refund) -> tuple[Change, ...]:
    """What changes of a refund while it lasts; the rest of it stays, what a later release wrote there too."""
    path = ("refunds", after.refund_id)
    changes: list[Change] = [
        Set((*path, "status"), after.status.value),
        Set((*path, "next_at"), as_text(after.next_at)),
        Set((*path, "tries"), after.tries),
    ]
    if after.failed_try is not None and after.failed_try != before.failed_try:
        changes.append(Set((*path, "failed_try"), after.failed_try))
    if after.made is not None:
        changes.append(Set((*path, "made"), after.made))
    elif before.made is not None:
        changes.append(Remove((*path, "made")))
    return tuple(changes)
