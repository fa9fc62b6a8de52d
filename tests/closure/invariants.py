"""The promises of the design as code: what holds of every head that can be reached, and of every move between two."""

from collections import Counter
from datetime import datetime, timedelta

from paylatch.domain.guards import Document, Operator
from paylatch.domain.moments import from_text
from paylatch.domain.order import LOCKED, Order, PaymentStatus
from paylatch.domain.payment import (
    IN_FLIGHT,
    Attempt,
    AttemptStatus,
    CapturedPayment,
    DisputeStatus,
    PaymentPlace,
    RefundStatus,
    SupersededAttempt,
)
from paylatch.domain.transitions import Transition
from paylatch.domain.transitions import pieces as attempt_changes
from tests.closure.normal_form import GONE
from tests.closure.plans import Plan

I1 = "I1 one attempt at a time"
I2 = "I2 what is locked does not change"
I3 = "I3 paid means paid for this"
I4 = "I4 money is conserved"
I5 = "I5 no lock outlives its purpose"
I6 = "I6 only the holder's result counts"
I8 = "I8 every change leaves one event"
I9 = "I9 one order"
I10 = "I10 every head can be read"
LAW_1 = "law 1: a guard is made false by its own write"
LAW_2 = "law 2: what is planned from a read carries its version"
LAW_2_ONCE = "law 2: an attempt id never holds twice"
LAW_3 = "law 3: nothing is deleted that a write may still name"
TABLE = "states go by the table"
ACCESS = "ownership and consent are part of the write"

_PAYING = {
    AttemptStatus.OPENING: PaymentStatus.IN_PAYMENT,
    AttemptStatus.OPEN: PaymentStatus.IN_PAYMENT,
    AttemptStatus.CLOSING: PaymentStatus.RELEASING,
    AttemptStatus.SUCCEEDED: PaymentStatus.PAID,
    AttemptStatus.MISMATCHED: PaymentStatus.REVIEW,
}
_PENDING = frozenset({PaymentStatus.PENDING_PAYMENT})
_IN_PAYMENT = frozenset({PaymentStatus.IN_PAYMENT})
_BEING_PAID = _IN_PAYMENT | {PaymentStatus.RELEASING}
_REVIEW = frozenset({PaymentStatus.REVIEW})
_ANY = frozenset(PaymentStatus)
# The design's table, written down once more: while what, a transition may be made, and to what it leads.
STATUSES: dict[str, tuple[frozenset[PaymentStatus], PaymentStatus | None]] = {
    "edit": (_PENDING, PaymentStatus.PENDING_PAYMENT),
    "lock": (_PENDING, PaymentStatus.IN_PAYMENT),
    "record_session": (_IN_PAYMENT, PaymentStatus.IN_PAYMENT),
    "settle": (_BEING_PAID, PaymentStatus.PAID),
    "release": (_BEING_PAID, PaymentStatus.PENDING_PAYMENT),
    "force_release": (_BEING_PAID, PaymentStatus.PENDING_PAYMENT),
    "await_release": (_BEING_PAID, PaymentStatus.RELEASING),
    "accept_late": (_PENDING, PaymentStatus.PAID),
    "claim": (_PENDING, PaymentStatus.PENDING_PAYMENT),
    "quarantine": (_BEING_PAID, PaymentStatus.REVIEW),
    "settle_review": (_REVIEW, PaymentStatus.PAID),
    "refund_review": (_REVIEW, PaymentStatus.PENDING_PAYMENT),
    "cancel_order": (_PENDING, PaymentStatus.CANCELLED),
    **dict.fromkeys(
        (
            "owe_refund",
            "delay_refund",
            "refunded",
            "refund_failed",
            "refuse_refund",
            "write_off",
            "money_returned",
            "dispute_opened",
            "dispute_closed",
            "end_link",
            "watch_link",
        ),
        (_ANY, None),
    ),
}
# From where to where a sum, and a refund, may go, and by what alone.
_PLACE_MOVES = {
    (PaymentPlace.REVIEW, PaymentPlace.SETTLED, "settle_review"),
    (PaymentPlace.REVIEW, PaymentPlace.REFUND, "refund_review"),
    (PaymentPlace.REVIEW, PaymentPlace.RETURNED, "refund_review"),
}
_REFUND_MOVES = {
    (RefundStatus.DUE, RefundStatus.REFUNDED, "refunded"),
    (RefundStatus.REFUSED, RefundStatus.REFUNDED, "refunded"),
    (RefundStatus.WRITTEN_OFF, RefundStatus.REFUNDED, "refunded"),
    (RefundStatus.DUE, RefundStatus.REFUSED, "refuse_refund"),
    (RefundStatus.REFUSED, RefundStatus.DUE, "delay_refund"),
    (RefundStatus.REFUNDED, RefundStatus.DUE, "refund_failed"),
    (RefundStatus.REFUSED, RefundStatus.DUE, "refund_failed"),
    (RefundStatus.DUE, RefundStatus.WRITTEN_OFF, "write_off"),
    (RefundStatus.REFUSED, RefundStatus.WRITTEN_OFF, "write_off"),
}
_OPEN = frozenset({RefundStatus.DUE, RefundStatus.REFUSED})
# Agreed on, and written down once more: the product's own may be wrong.
OVERDUE = timedelta(hours=1)
LONGEST_OPENING = timedelta(minutes=2)
_FINAL = frozenset({PaymentStatus.PAID, PaymentStatus.CANCELLED})
_VISIBLE = frozenset({PaymentStatus.RELEASING, PaymentStatus.REVIEW})


class Violated(Exception):
    """An invariant that does not hold: `promise` names it, `what` says how."""

    def __init__(self, promise: str, what: str) -> None:
        super().__init__(promise, what)
        self.promise = promise
        self.what = what

    def __str__(self) -> str:
        return f"{self.promise}: {self.what}"


def expect(holds: bool, promise: str, what: str) -> None:
    """Raise `Violated` unless it holds."""
    if not holds:
        raise Violated(promise, what)


def check_plan(plan: Plan, version: int) -> None:
    """Law 2 of a plan that was made from a head with that version."""
    expect(plan.blind or carries_version(plan.transition, version), LAW_2, f"{plan.transition.name} carries none")


def carries_version(transition: Transition, version: int) -> bool:
    """Whether the guard holds at that version alone."""
    return any(
        [(each.path, each.operator, each.value) for each in clause.any_of] == [(("version",), Operator.EQUALS, version)]
        for clause in transition.guard
    )


def check_head(order: Order, head: Document) -> None:
    """What holds of a head, whatever led to it."""
    _the_attempt_fits_the_status(order)
    _attempts_have_one_place(order)
    _attempts_are_bounded(order)
    _paid_for_this(order)
    _payments_have_one_place(order)
    _sums_add_up(order)
    _attempts_show_their_refunds(order)
    _what_is_owed_is_due(order)
    _locks_are_due(order)
    _people_see_what_needs_them(order, head)
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
    both = held in order.superseded or held in order.forgotten or order.forgotten & order.superseded.keys()
    expect(not both, I1, "an attempt has two places")


def _attempts_are_bounded(order: Order) -> None:
    known = len(order.superseded) + len(order.forgotten) + (order.attempt is not None)
    expect(order.attempts_made == known, I9, f"{order.attempts_made} attempts were counted, and {known} are known")
    expect(known <= attempt_changes.MOST_ATTEMPTS, I9, f"the order has had {known} attempts")


def _paid_for_this(order: Order) -> None:
    attempt = order.attempt
    if order.status is not PaymentStatus.PAID or attempt is None:
        return
    agreed = (attempt.revision, attempt.amount, attempt.currency)
    terms = (order.revision, order.total, order.currency)
    expect(agreed == terms, I3, f"an attempt of {agreed} paid for an order of {terms}")
    expect(attempt.captured is not None, I3, "paid, and nothing was captured")


def _payments_have_one_place(order: Order) -> None:
    held = _of_the_holder(order)
    for status, place in ((PaymentStatus.PAID, PaymentPlace.SETTLED), (PaymentStatus.REVIEW, PaymentPlace.REVIEW)):
        there = {payment.payment_id for payment in order.payments.values() if payment.place is place}
        expected = {held} if order.status is status else set()
        expect(there == expected, I4, f"the order is {order.status}, and {there or 'nothing'} is {place}")
    for payment in order.payments.values():
        own = order.attempt is not None and _key(payment) == (order.attempt.attempt_id, order.attempt.gateway)
        holders = payment.place in (PaymentPlace.SETTLED, PaymentPlace.REVIEW)
        expect(own or not holders, I6, f"{payment.payment_id} is {payment.place}, and not of the holder")
    refunds = Counter(refund.payment_id for refund in order.refunds.values())
    for payment in order.payments.values():
        wanted = payment.place is PaymentPlace.REFUND
        expect(refunds[payment.payment_id] == wanted, I4, f"{payment.payment_id} is {payment.place} and has a refund")


def _key(payment: CapturedPayment) -> tuple[str, str]:
    return (payment.attempt_id, payment.gateway)


def _of_the_holder(order: Order) -> str | None:
    """The payment that the head names as its holder's."""
    captured = order.attempt.captured if order.attempt else None
    return captured.payment_id if captured else None


def _sums_add_up(order: Order) -> None:
    """What was captured is held or went back; a refund is of money that the gateway holds."""
    for payment in order.payments.values():
        expect(0 <= payment.returned <= payment.amount, I4, f"{payment.returned} went back of {payment.amount}")
        whole = payment.returned == payment.amount
        returned = payment.place is PaymentPlace.RETURNED
        expect(whole or not returned, I4, f"{payment.payment_id} counts as returned, and {payment.returned} is back")
    for refund in order.refunds.values():
        paid = order.payments[refund.payment_id]
        expect(0 < refund.amount <= paid.amount, I4, f"a refund of {refund.amount} is owed of {paid.amount}")
        back = refund.status is RefundStatus.REFUNDED and paid.returned < refund.amount
        expect(not back, I4, f"a refund of {refund.amount} was made, and {paid.returned} went back")
        same = (refund.attempt_id, refund.gateway, refund.currency) == (paid.attempt_id, paid.gateway, paid.currency)
        expect(same, I4, f"the refund of {paid.payment_id} is not of its attempt")


def _attempts_show_their_refunds(order: Order) -> None:
    for late in order.superseded.values():
        own = {
            refund.status
            for refund in order.refunds.values()
            if (refund.attempt_id, refund.gateway) == (late.attempt_id, late.gateway)
        }
        shown = late.status is AttemptStatus.REFUND_DUE
        expect(bool(own & _OPEN) == shown, I4, f"{late.attempt_id} is {late.status}, its refunds {sorted(own)}")


def _what_is_owed_is_due(order: Order) -> None:
    moments = [attempt.check_at for attempt in order.superseded.values() if attempt.check_at is not None]
    moments += [refund.next_at for refund in order.refunds.values() if refund.status is RefundStatus.DUE]
    moments += [payment.next_at for payment in _claims(order) if payment.next_at is not None]
    expect(all(claim.next_at for claim in _claims(order)), I4, "a claimed payment is never asked about")
    _expect_moment(order.owed_at, min(moments, default=None), "the order owes something")


def _claims(order: Order) -> list[CapturedPayment]:
    return [payment for payment in order.payments.values() if payment.place is PaymentPlace.CLAIMED]


def _locks_are_due(order: Order) -> None:
    paying_now = order.attempt is not None and order.attempt.status in IN_FLIGHT
    expect((order.due_at is not None) == paying_now, I5, f"the order is {order.status} and due at {order.due_at}")
    opening = order.attempt is not None and order.attempt.status is AttemptStatus.OPENING
    soon = order.due_at is not None and order.due_at <= order.created_at + LONGEST_OPENING
    expect(soon or not opening, LAW_2_ONCE, f"an attempt that nobody opens is due at {order.due_at} only")


def _people_see_what_needs_them(order: Order, head: Document) -> None:
    seen = from_text(head["attention_at"]) if "attention_at" in head else None
    if order.status in _VISIBLE:
        expect(seen is not None, I5, f"no person is shown that the order is {order.status}")
        return
    moments = [refund.since + OVERDUE for refund in order.refunds.values() if refund.status is RefundStatus.DUE]
    moments += [refund.since for refund in order.refunds.values() if refund.status is RefundStatus.REFUSED]
    moments += [claim.since + OVERDUE for claim in _claims(order)]
    _expect_moment(seen, min(moments, default=None), "a person should look at the order")


def _expect_moment(found: datetime | None, agreed: datetime | None, what: str) -> None:
    # Told only where it is needed: moments take long to print.
    if found != agreed:
        raise Violated(I4, f"{what} from {agreed} on, and the index says {found}")


def check_move(before: Order, plan: Plan, after: Order) -> None:
    """What holds of a move that a guard let through."""
    transition = plan.transition
    expect(not plan.forbidden(before), ACCESS, f"this was let through: {plan.said}")
    expect(after.version == before.version + 1, I8, f"the version went from {before.version} to {after.version}")
    expect(after.last_event == transition.event, I8, f"{transition.name} left no event of its own")
    _status_by_the_table(before, transition, after)
    _counted(before, transition, after)
    _one_order(before, after)
    _content_is_kept(before, after)
    _attempts_follow_each_other(before, after)
    _final_states_stay(before, after)
    _money_is_kept(before, after, transition)
    _stated_money_has_a_place(plan, after)


def _status_by_the_table(before: Order, transition: Transition, after: Order) -> None:
    sources, target = STATUSES[transition.name]
    expect(before.status in sources, TABLE, f"{transition.name} while the order was {before.status}")
    expect(after.status is (target or before.status), TABLE, f"{transition.name} made the order {after.status}")
    held = target is None or before.attempt is None or before.held_by(str(transition.event.attempt_id))
    expect(held, I6, f"{transition.event.attempt_id} moved the order, and does not hold it")


def _counted(before: Order, transition: Transition, after: Order) -> None:
    if transition.name == "await_release" and before.attempt and after.attempt:
        expect(after.attempt.checks == before.attempt.checks + 1, I5, "a check was not counted: no backoff")
        expect(after.attempt.reason is not None, I5, "nobody knows why the order is being released")
        later = after.due_at is not None and after.due_at > after.last_event.at
        expect(later, I5, "the gateway is asked again at once: no backoff")
    if transition.name in ("delay_refund", "refuse_refund", "refund_failed"):
        tries = [sum(refund.tries for refund in order.refunds.values()) for order in (before, after)]
        expect(tries[1] == tries[0] + 1, I5, "a try to refund was not counted: no backoff")


def _one_order(before: Order, after: Order) -> None:
    def identity(order: Order) -> tuple[object, ...]:
        return (order.order_id, order.reference, order.buyer_id, order.seller_id, order.created_at, order.fingerprint)

    expect(identity(before) == identity(after), I9, "the order turned into another one")


def _content_is_kept(before: Order, after: Order) -> None:
    def content(order: Order) -> tuple[object, ...]:
        return (order.content_id, order.total, order.currency, order.revision)

    edited = before.status is after.status is PaymentStatus.PENDING_PAYMENT
    same = content(before) == content(after)
    expect(same or edited, I2, f"the content changed while the order was {before.status}")
    expect(same or after.revision == before.revision + 1, I2, "the revision does not count the edits")


def _attempts_follow_each_other(before: Order, after: Order) -> None:
    old, new = before.attempt, after.attempt
    replaced = old is not None and new is not None and old.attempt_id != new.attempt_id
    expect(not replaced, I1, "the attempt that held the order was replaced by another")
    if new is not None and new.status is AttemptStatus.OPENING:
        again = new.attempt_id in before.superseded or new.attempt_id in before.forgotten
        again = again or (old is not None and old.status is not AttemptStatus.OPENING)
        expect(not again, LAW_2_ONCE, f"{new.attempt_id} holds the order once more")
        left = (new.session_id, new.reason, new.captured, new.checks or None)
        expect(left == (None,) * 4, I1, f"a new attempt has {left} of the one before")
    attempts: list[Attempt | SupersededAttempt] = [*before.superseded.values(), *([old] if old else [])]
    for attempt in attempts:
        _attempt_is_kept(attempt, after)


def _attempt_is_kept(was: Attempt | SupersededAttempt, after: Order) -> None:
    held = after.attempt if after.held_by(was.attempt_id) else None
    now = held or after.superseded.get(was.attempt_id)
    if now is None:
        ended = isinstance(was, SupersededAttempt) and was.check_at is None
        expect(ended and was.attempt_id in after.forgotten, I1, f"{was.attempt_id} left no trace")
        return
    expect(_terms(was) == _terms(now), I2, f"the terms of {was.attempt_id} changed")
    expect(was.session_id in (None, now.session_id), I4, f"the session of {was.attempt_id} was lost")


def _terms(attempt: Attempt | SupersededAttempt) -> tuple[object, ...]:
    return (attempt.amount, attempt.currency, attempt.revision, attempt.gateway, attempt.since, attempt.deadline)


def _final_states_stay(before: Order, after: Order) -> None:
    final = before.status in _FINAL
    expect(not final or before.status is after.status, I3, f"{before.status} became {after.status}")
    if before.status in LOCKED and after.status is PaymentStatus.PAID:
        expect(before.attempt is not None and after.held_by(before.attempt.attempt_id), I6, "another attempt settled")


def _money_is_kept(before: Order, after: Order, transition: Transition) -> None:
    name = transition.name
    for payment_id, was in before.payments.items():
        now = after.payments.get(payment_id)
        expect(now is not None, I4, f"{payment_id} has no place any more")
        if now is None or was.place is PaymentPlace.CLAIMED:
            continue
        expect(_sum_of(was) == _sum_of(now), I4, f"the sum of {payment_id} changed")
        moved = was.place is now.place or (was.place, now.place, name) in _PLACE_MOVES
        expect(moved, I4, f"{payment_id} went from {was.place} to {now.place} by {name}")
        fewer = now.returned < was.returned and name != "refund_failed"
        expect(not fewer, I4, f"{was.returned} of {payment_id} had gone back, and {now.returned} after {name}")
    for refund_id, refund in before.refunds.items():
        new = after.refunds.get(refund_id)
        expect(
            new is not None and new.amount == refund.amount, I4, f"the refund of {refund.payment_id} changed its sum"
        )
        moved = new is None or new.status is refund.status or (refund.status, new.status, name) in _REFUND_MOVES
        expect(moved, I4, f"a refund went from {refund.status} to {new and new.status} by {name}")
    for dispute_id, dispute in before.disputes.items():
        kept = dispute.status is DisputeStatus.OPEN or after.disputes.get(dispute_id) == dispute
        expect(kept and dispute_id in after.disputes, I4, f"a dispute that is {dispute.status} changed")


def _sum_of(payment: CapturedPayment) -> tuple[object, ...]:
    return (payment.payment_id, payment.attempt_id, payment.gateway, payment.amount, payment.currency)


def _stated_money_has_a_place(plan: Plan, after: Order) -> None:
    capture = plan.capture
    if capture is None:
        return
    entry = after.payments.get(capture.payment_id)
    expect(
        entry is not None and entry.capture == capture, I4, f"what was stated of {capture.payment_id} is not recorded"
    )
    if plan.transition.name in ("settle", "accept_late"):
        expect(
            _of_the_holder(after) == capture.payment_id,
            I4,
            f"{capture.payment_id} settles the order, and it names another",
        )
        exact = (capture.amount, capture.currency, capture.returned) == (after.total, after.currency, 0)
        expect(exact, I3, f"{capture.amount} {capture.currency} is taken for {after.total} {after.currency}")
