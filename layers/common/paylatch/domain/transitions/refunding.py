"""The way back of captured money, from the gateway's answers and an operator's decision."""

from collections.abc import Collection
from dataclasses import replace
from datetime import datetime

from paylatch.domain import guards
from paylatch.domain.changes import Change, Set
from paylatch.domain.order import Order
from paylatch.domain.payment import CapturedPayment, Refund, RefundStatus
from paylatch.domain.timestamps import as_text
from paylatch.domain.transitions.attempt_changes import (
    OPEN_REFUNDS,
    attention,
    changed_refund,
    follow_up,
    past_status,
    refund_money,
    status_by_refunds,
    with_payment,
    with_refund,
)
from paylatch.domain.transitions.late import past_attempt_of
from paylatch.domain.transitions.reviewing import REMARK
from paylatch.domain.transitions.transition import Detail, Transition, WriteContext, transition

# How much of a gateway's words an event keeps; the log has them all.
LONGEST_CAUSE = 200
_MADE_NOT_YET = frozenset(RefundStatus) - {RefundStatus.REFUNDED}
_GIVEN_UP_NOT_YET = frozenset(RefundStatus) - {RefundStatus.WRITTEN_OFF}


def delay_refund(
    order: Order, refund: Refund, next_at: datetime, cause: str, write_context: WriteContext
) -> Transition:
    """The gateway has not confirmed the refund: ask again at `next_at`."""
    later = replace(refund, status=RefundStatus.DUE, tries=refund.tries + 1, next_at=next_at)
    return _turned(
        "delay_refund", order, later, OPEN_REFUNDS, write_context, {"next_at": as_text(next_at), "cause": cause}
    )


def refunded(order: Order, refund: Refund, write_context: WriteContext) -> Transition:
    """The gateway confirmed the refund: nothing is owed for that payment any more."""
    return _turned("refunded", order, replace(refund, status=RefundStatus.REFUNDED), _MADE_NOT_YET, write_context)


def refund_failed(order: Order, refund: Refund, write_context: WriteContext) -> Transition:
    """A refund failed, confirmed or not: it is owed, and the gateway is asked at once."""
    again = replace(refund, status=RefundStatus.DUE, tries=refund.tries + 1, next_at=write_context.at)
    return _turned("refund_failed", order, again, _GIVEN_UP_NOT_YET, write_context)


def refuse_refund(order: Order, refund: Refund, cause: str, write_context: WriteContext) -> Transition:
    """The gateway will not make the refund: it is not asked again by itself, and a person is shown the order."""
    refused = replace(refund, status=RefundStatus.REFUSED, tries=refund.tries + 1, next_at=write_context.at)
    return _turned("refuse_refund", order, refused, OPEN_REFUNDS, write_context, {"cause": _stored_cause(cause)})


def write_off(order: Order, refund: Refund, remark: str, write_context: WriteContext) -> Transition:
    """An operator gives up on a refund that the gateway will never make; the history names who and why."""
    given_up = replace(refund, status=RefundStatus.WRITTEN_OFF, next_at=write_context.at)
    return _turned("write_off", order, given_up, OPEN_REFUNDS, write_context, {REMARK: remark})


def _stored_cause(cause: str) -> str:
    # A gateway's words may be of any length, and no text at all: neither may keep the refusal from being recorded.
    return cause[:LONGEST_CAUSE].encode("utf-8", "replace").decode()


def _turned(
    name: str,
    order: Order,
    refund: Refund,
    stood: Collection[RefundStatus],
    write_context: WriteContext,
    detail: Detail | None = None,
) -> Transition:
    payment = _paid_back(order, refund)
    after = with_refund(with_payment(order, payment), refund)
    late = past_attempt_of(order, refund)
    marks: tuple[Change, ...] = (past_status(late.attempt_id, status_by_refunds(after, late)),) if late else ()
    return transition(
        name,
        write_context,
        (guards.refund_is_one_of(refund.refund_id, stood), guards.version_is(order.version)),
        (
            *changed_refund(refund),
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
        return replace(payment, returned=max(0, payment.returned - refund.amount))
    return payment
