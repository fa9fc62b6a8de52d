"""The design's invariants: their names, and those on every reachable head."""

from collections import Counter
from datetime import datetime, timedelta

from paylatch.domain.guards import Document, Operator
from paylatch.domain.ledger import ledger_of
from paylatch.domain.order import Order, PaymentStatus
from paylatch.domain.payment import IN_FLIGHT, AttemptStatus, CapturedPayment, DisputeStatus, PaymentPlace, RefundStatus
from paylatch.domain.timestamps import from_text
from paylatch.domain.transitions import Transition, attempt_changes
from paylatch.domain.without_gateway import MANUAL
from tests.closure.configuration import MUCH_LATER
from tests.closure.normal_form import GONE
from tests.closure.plan import Plan
from tests.invariants import InvariantViolated, expect

I1 = "I1 one attempt at a time"
I2 = "I2 what is locked does not change"
I3 = "I3 paid means paid for this"
I4 = "I4 money is conserved"
I5 = "I5 no lock outlives its purpose"
I6 = "I6 only the holder's result counts"
I7 = "I7 truthful answers"
I8 = "I8 every change leaves one event"
I9 = "I9 one order"
I10 = "I10 every head can be read"
LAW_1 = "law 1: a guard is made false by its own write"
LAW_2 = "law 2: what is planned from a read carries its version"
LAW_2_ONCE = "law 2: an attempt id never holds twice"
LAW_3 = "law 3: nothing is deleted that a write may still name"
TABLE = "states go by the table"
ERASED = "an erased order has no personal data, and owes no money"
ACCESS = "ownership and consent are part of the write"

_PAYING = {
    AttemptStatus.OPENING: PaymentStatus.IN_PAYMENT,
    AttemptStatus.OPEN: PaymentStatus.IN_PAYMENT,
    AttemptStatus.PROCESSING: PaymentStatus.IN_PAYMENT,
    AttemptStatus.CLOSING: PaymentStatus.RELEASING,
    AttemptStatus.SUCCEEDED: PaymentStatus.PAID,
    AttemptStatus.MISMATCHED: PaymentStatus.REVIEW,
}
_OPEN = frozenset({RefundStatus.DUE, RefundStatus.REFUSED})
# The specified limits, repeated here: the product's own may be wrong.
OVERDUE = timedelta(hours=1)
LONGEST_OPENING = timedelta(minutes=2)
_VISIBLE = frozenset({PaymentStatus.RELEASING, PaymentStatus.REVIEW})


def check_plan(plan: Plan, version: int) -> None:
    """Check law 2 for a plan made from a head of that version."""
    expect(plan.blind or carries_version(plan.transition, version), LAW_2, f"{plan.transition.name} carries none")


def carries_version(transition: Transition, version: int) -> bool:
    """Whether the guard holds at that version alone."""
    return any(
        [(each.path, each.operator, each.value) for each in clause.any_of] == [(("version",), Operator.EQUALS, version)]
        for clause in transition.guard
    )


def check_head(order: Order, head: Document) -> None:
    """Check the invariants on a head."""
    _the_attempt_fits_the_status(order)
    _attempts_have_one_place(order)
    _attempts_are_bounded(order)
    _paid_for_this(order)
    _payments_have_one_place(order)
    _sums_add_up(order)
    _attempts_show_their_refunds(order)
    _follow_ups_are_due(order)
    _locks_are_due(order)
    _attention_is_shown(order, head)
    expect(order.content_id != GONE, LAW_3, "the head names content that was removed")


def _the_attempt_fits_the_status(order: Order) -> None:
    fits = _PAYING[order.attempt.status] if order.attempt else None
    free = order.status in (PaymentStatus.PENDING_PAYMENT, PaymentStatus.CANCELLED)
    expect(
        fits is (None if free else order.status),
        I1,
        f"the order is {order.status}, its attempt {order.attempt and order.attempt.status}",
    )


def _attempts_have_one_place(order: Order) -> None:
    held = order.attempt.attempt_id if order.attempt else None
    both = (
        held in order.past_attempts
        or held in order.evicted_attempt_ids
        or order.evicted_attempt_ids & order.past_attempts.keys()
    )
    expect(not both, I1, "an attempt has two places")


def _attempts_are_bounded(order: Order) -> None:
    # A settlement without a gateway locks nothing.
    locking = order.attempt is not None and order.attempt.gateway != MANUAL
    known = len(order.past_attempts) + len(order.evicted_attempt_ids) + locking
    expect(order.attempts_made == known, I9, f"{order.attempts_made} attempts were counted, and {known} are known")
    expect(known <= attempt_changes.MOST_ATTEMPTS, I9, f"the order has had {known} attempts")


def _paid_for_this(order: Order) -> None:
    attempt = order.attempt
    if order.status is not PaymentStatus.PAID or attempt is None:
        return
    expected = (attempt.revision, attempt.amount, attempt.currency)
    terms = (order.revision, order.total, order.currency)
    expect(expected == terms, I3, f"an attempt of {expected} paid for an order of {terms}")
    free = order.total == 0 and attempt.gateway == "none"
    expect(
        (attempt.captured is None) == free, I3, f"{order.total} were paid at {attempt.gateway} by {attempt.captured}"
    )


def _payments_have_one_place(order: Order) -> None:
    held = payment_of_the_holder(order)
    for status, place in ((PaymentStatus.PAID, PaymentPlace.SETTLED), (PaymentStatus.REVIEW, PaymentPlace.REVIEW)):
        there = {payment.payment_id for payment in order.payments.values() if payment.place is place}
        expected = {held} - {None} if order.status is status else set()
        expect(there == expected, I4, f"the order is {order.status}, and {there or 'nothing'} is {place}")
    for payment in order.payments.values():
        own = order.attempt is not None and _key(payment) == (order.attempt.attempt_id, order.attempt.gateway)
        holders = payment.place in (PaymentPlace.SETTLED, PaymentPlace.REVIEW)
        expect(own or not holders, I6, f"{payment.payment_id} is {payment.place}, and not of the holder")
    refunds = Counter(refund.payment_id for refund in order.refunds.values())
    for payment in order.payments.values():
        if payment.place is PaymentPlace.SETTLED:
            # The shop may request any number of refunds of it.
            continue
        wanted = payment.place is PaymentPlace.REFUND
        expect(refunds[payment.payment_id] == wanted, I4, f"{payment.payment_id} is {payment.place} and has a refund")


def _key(payment: CapturedPayment) -> tuple[str, str]:
    return (payment.attempt_id, payment.gateway)


def payment_of_the_holder(order: Order) -> str | None:
    """The payment that the head names as its holder's."""
    captured = order.attempt.captured if order.attempt else None
    return captured.payment_id if captured else None


def _sums_add_up(order: Order) -> None:
    """Captured money is held or was returned; a refund is of money that the gateway holds."""
    for payment in order.payments.values():
        # A gateway's total may be more than was captured: refunded by hand, and lost in a dispute as well.
        expect(payment.returned >= 0, I4, f"{payment.returned} went back of {payment.amount}")
        whole = payment.returned >= payment.amount
        returned = payment.place is PaymentPlace.RETURNED
        expect(whole or not returned, I4, f"{payment.payment_id} counts as returned, and {payment.returned} is back")
    _the_ledger_adds_up(order)
    for refund in order.refunds.values():
        paid = order.payments[refund.payment_id]
        expect(0 < refund.amount <= paid.amount, I4, f"a refund of {refund.amount} is owed of {paid.amount}")
        less = refund.made is None or 0 <= refund.made < refund.amount
        expect(less, I4, f"a refund of {refund.amount} gave back {refund.made}")
        unmade = refund.made is not None and refund.status is not RefundStatus.REFUNDED
        expect(not unmade, I4, f"a refund that is {refund.status} gave back {refund.made}")
        same = (refund.attempt_id, refund.gateway, refund.currency) == (paid.attempt_id, paid.gateway, paid.currency)
        expect(same, I4, f"the refund of {paid.payment_id} is not of its attempt")


def _the_ledger_adds_up(order: Order) -> None:
    """What our refunds gave back is a part of what went back, and no part of the ledger is negative but the rest."""
    for payment in order.payments.values():
        # One that was written off may be made after all, of what another one left.
        made = sum(
            refund.amount if refund.made is None else refund.made
            for refund in order.refunds.values()
            if refund.payment_id == payment.payment_id and refund.status is RefundStatus.REFUNDED
        )
        back = made <= min(payment.amount, payment.returned)
        expect(back, I4, f"refunds gave back {made} of {payment.amount}, and {payment.returned} went back")
    ledger = ledger_of(order)
    parts = (ledger.refunded, ledger.returned, ledger.owed, ledger.written_off)
    expect(min(parts) >= 0, I4, f"a part of the ledger is negative: {ledger}")
    expect(sum(parts) + ledger.kept == ledger.captured, I4, f"the ledger does not add up: {ledger}")


def _attempts_show_their_refunds(order: Order) -> None:
    for late in order.past_attempts.values():
        own = {
            refund.status
            for refund in order.refunds.values()
            if (refund.attempt_id, refund.gateway) == (late.attempt_id, late.gateway)
        }
        shown = late.status is AttemptStatus.REFUND_DUE
        expect(bool(own & _OPEN) == shown, I4, f"{late.attempt_id} is {late.status}, its refunds {sorted(own)}")


def _follow_ups_are_due(order: Order) -> None:
    timestamps = [attempt.check_at for attempt in order.past_attempts.values() if attempt.check_at is not None]
    timestamps += [refund.next_at for refund in order.refunds.values() if refund.status is RefundStatus.DUE]
    timestamps += [payment.next_at for payment in _claims(order) if payment.next_at is not None]
    timestamps += [order.pay_by] if order.pay_by is not None and _may_end(order) else []
    expect(all(claim.next_at for claim in _claims(order)), I4, "a claimed payment is never queried")
    _expect_moment(order.follow_up_at, min(timestamps, default=None), "the order owes something")


def _may_end(order: Order) -> bool:
    """Whether the end of the order is looked for: no money can be on its way, or a lock was written without a read."""
    if _claims(order) or any(attempt.check_at for attempt in order.past_attempts.values()):
        return False
    locked = order.attempt is not None and order.attempt.status in (AttemptStatus.OPENING, AttemptStatus.OPEN)
    return order.status is PaymentStatus.PENDING_PAYMENT or locked


def _claims(order: Order) -> list[CapturedPayment]:
    return [payment for payment in order.payments.values() if payment.place is PaymentPlace.CLAIMED]


def _locks_are_due(order: Order) -> None:
    paying_now = order.attempt is not None and order.attempt.status in IN_FLIGHT
    expect((order.due_at is not None) == paying_now, I5, f"the order is {order.status} and due at {order.due_at}")
    opening = order.attempt is not None and order.attempt.status is AttemptStatus.OPENING
    soon = order.due_at is not None and order.due_at <= order.created_at + LONGEST_OPENING
    expect(soon or not opening, LAW_2_ONCE, f"an attempt that stays `opening` is due at {order.due_at} only")


def _attention_is_shown(order: Order, head: Document) -> None:
    seen = from_text(head["attention_at"]) if "attention_at" in head else None
    if order.status in _VISIBLE:
        expect(seen is not None, I5, f"the attention list lacks the order, which is {order.status}")
        return
    timestamps = [refund.since + OVERDUE for refund in order.refunds.values() if refund.status is RefundStatus.DUE]
    timestamps += [refund.since for refund in order.refunds.values() if refund.status is RefundStatus.REFUSED]
    timestamps += [claim.since + OVERDUE for claim in _claims(order)]
    timestamps += [each.since for each in order.disputes.values() if each.since and each.status is DisputeStatus.OPEN]
    timestamps += [MUCH_LATER] if order.attempt and order.attempt.status is AttemptStatus.PROCESSING else []
    _expect_moment(seen, min(timestamps, default=None), "the order should be listed for attention")


def _expect_moment(found: datetime | None, expected: datetime | None, what: str) -> None:
    # Formatted only where needed: times take long to print.
    if found != expected:
        raise InvariantViolated(I4, f"{what} from {expected} on, and the index says {found}")
