"""I3, I4 and I6 on transitions: captured money has one place, and moves as the design's table says."""

from dataclasses import replace

from paylatch.domain.order import Order, PaymentStatus
from paylatch.domain.payment import IN_FLIGHT, CapturedPayment, DisputeStatus, PaymentPlace, Refund, RefundStatus
from paylatch.domain.transitions import Transition
from tests.invariants import expect

I3, I4, I6 = "I3 paid means paid for this", "I4 money is conserved", "I6 only the holder's result counts"
REQUESTED_AGAIN = "asked anew"
_EVERYWHERE = frozenset(PaymentPlace)
# The places that money may move to from each place.
_NEXT_PLACES = {
    PaymentPlace.CLAIMED: _EVERYWHERE - {PaymentPlace.REVIEW},
    PaymentPlace.REVIEW: frozenset({PaymentPlace.SETTLED, PaymentPlace.REFUND, PaymentPlace.RETURNED}),
}
_NEXT_STATUSES = {
    RefundStatus.DUE: frozenset(RefundStatus),
    RefundStatus.REFUSED: frozenset(RefundStatus),
    RefundStatus.REFUNDED: frozenset({RefundStatus.REFUNDED, RefundStatus.DUE}),
    RefundStatus.WRITTEN_OFF: frozenset({RefundStatus.WRITTEN_OFF, RefundStatus.REFUNDED}),
}


def check_money(before: Order, after: Order, transition: Transition) -> None:
    """Check the invariants on money of one applied transition. Raises `InvariantViolated`."""
    _paid_exactly(after, transition)
    _free_for_nothing(before, after, transition)
    _late_money_by_the_table(before, after, transition)
    _requested_refunds_fit(before, after, transition)
    _payments_keep_their_place(before, after)
    _returns_add_up(before, after)
    _no_refund_is_dropped(before, after)
    _failures_are_recorded_once(before, after)


def _paid_exactly(after: Order, transition: Transition) -> None:
    if transition.name in ("settle", "settle_manually", "accept_late"):
        captured = after.attempt.captured if after.attempt else None
        paid = captured and (captured.amount, captured.currency, captured.returned)
        expect(paid == (after.total, after.currency, 0), I3, f"{captured} is taken for {after.total} {after.currency}")


def _free_for_nothing(before: Order, after: Order, transition: Transition) -> None:
    """Only an order that costs nothing is paid without money."""
    if transition.name == "settle_free":
        free = before.total == after.total == 0 and after.attempt is not None and after.attempt.gateway == "none"
        expect(free, I3, f"{after.attempt} is taken for {after.total} {after.currency}")
        expect(before.payments == after.payments, I4, "a payment of nothing has a place")


def _late_money_by_the_table(before: Order, after: Order, transition: Transition) -> None:
    """Only money that cannot pay is refunded: neither the holder's nor all of a late capture for the same revision."""
    if transition.name != "owe_refund":
        return
    (refund,) = (new for refund_id, new in after.refunds.items() if refund_id not in before.refunds)
    payment = after.payments[refund.payment_id]
    held = payment.amount - payment.returned
    expect(refund.amount == held > 0, I4, f"{refund.amount} of {payment} was to go back")
    late = before.past_attempts.get(refund.attempt_id)
    terms = late and (late.gateway, late.amount, late.currency, late.revision)
    fits = terms == (refund.gateway, refund.amount, refund.currency, before.revision)
    pays = before.status is PaymentStatus.PENDING_PAYMENT and fits
    invariant = "late money goes by the table"
    expect(not pays, invariant, f"{refund.attempt_id} was to be refunded although it pays for this revision")
    holder = before.attempt if before.held_by(refund.attempt_id) and before.attempt else None
    in_flight = holder is not None and holder.status in IN_FLIGHT and holder.gateway == refund.gateway
    expect(not in_flight, invariant, f"{refund.attempt_id} holds the order, and its money was to go back")


def _requested_refunds_fit(before: Order, after: Order, transition: Transition) -> None:
    """The shop refunds no more than is left beside what is owed already, of a payment that nobody disputes."""
    if transition.name not in ("request_refund", "refund_manually"):
        return
    (refund,) = (new for refund_id, new in after.refunds.items() if refund_id not in before.refunds)
    payment = before.payments[refund.payment_id]
    left = payment.amount - payment.returned - _owed_of(before, payment)
    expect(0 < refund.amount <= left, I4, f"{refund.amount} is to go back, and {left} is left of {payment}")
    open_disputes = [each for each in before.disputes.values() if each.status is DisputeStatus.OPEN]
    disputed = payment.payment_id in {each.payment_id for each in open_disputes}
    expect(not disputed, I4, f"{refund.refund_id} is of {payment}, which is disputed")


def _owed_of(order: Order, payment: CapturedPayment) -> int:
    refunds = [each for each in order.refunds.values() if each.payment_id == payment.payment_id]
    return sum(each.amount for each in refunds if each.status in (RefundStatus.DUE, RefundStatus.REFUSED))


def _payments_keep_their_place(before: Order, after: Order) -> None:
    for payment_id, old in before.payments.items():
        new = after.payments.get(payment_id)
        expect(new is not None, I4, f"payment {payment_id} was dropped")
        if new is not None:
            expect(_terms_of(old) == _terms_of(new), I4, f"the terms of payment {payment_id} changed")
            moved = new.place in _NEXT_PLACES.get(old.place, {old.place}) | {old.place}
            expect(moved, I4, f"payment {payment_id} went from {old.place} to {new.place}")


def _terms_of(payment: CapturedPayment) -> tuple[object, ...]:
    return (payment.attempt_id, payment.gateway, payment.amount, payment.currency, payment.since)


def _returns_add_up(before: Order, after: Order) -> None:
    """The returned sum of a payment only grows, except where a refund failed after it succeeded."""
    for payment_id, new in after.payments.items():
        expect(0 <= new.returned <= new.amount, I4, f"{new.returned} of {new.amount} went back, of {payment_id}")
        old = before.payments.get(payment_id)
        last_refund_failed = after.last_event.type == "RefundFailed"
        less = old is not None and new.returned < old.returned and not last_refund_failed
        expect(not less, I4, f"less of {payment_id} went back than before")


def _no_refund_is_dropped(before: Order, after: Order) -> None:
    for refund_id, refund in before.refunds.items():
        now = after.refunds.get(refund_id)
        expect(now is not None, I4, f"the refund {refund_id} was dropped")
        if now is None:
            continue
        expect(_sum_of(refund) == _sum_of(now), I4, f"the sum of refund {refund_id} changed")
        turns = now.status in _NEXT_STATUSES[refund.status]
        expect(turns, I4, f"the refund {refund_id} went from {refund.status} to {now.status}")
        last_refund_failed = (
            after.last_event.type == "RefundFailed" and after.last_event.attempt_id == refund.attempt_id
        )
        erased = after.last_event.type == "PersonalDataErased" and now == replace(refund, reason="erased")
        reopened = refund.status is RefundStatus.REFUNDED and now != refund and not erased
        expect(last_refund_failed or not reopened, I4, f"a refund that was done changed: {refund_id}")


def _sum_of(refund: Refund) -> tuple[object, ...]:
    return (refund.payment_id, refund.attempt_id, refund.gateway, refund.amount, refund.currency, refund.since)


def _failures_are_recorded_once(before: Order, after: Order) -> None:
    """A refund's failure is recorded once, and a refund is requested anew only after one."""
    was, now = before.last_event, after.last_event
    requested_again = (now.detail or {}).get("cause") == REQUESTED_AGAIN
    expect(not requested_again or was.type == "RefundFailed", I4, f"asked anew after {was.type}")
    again = was.type == now.type == "RefundFailed" and was.detail == now.detail
    expect(not again, I6, f"the same failure counts twice: {now.detail}")
