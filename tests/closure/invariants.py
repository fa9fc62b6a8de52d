"""The promises of the design as code: what holds of every head that can be reached, and of every move between two."""

from collections.abc import Mapping

from paylatch.domain.guards import Document, Operator
from paylatch.domain.order import LOCKED, Order, PaymentStatus
from paylatch.domain.payment import IN_FLIGHT, Attempt, AttemptStatus, Capture, RefundStatus, SupersededAttempt
from paylatch.domain.transitions import Transition
from paylatch.domain.transitions.pieces import KEPT_ATTEMPTS
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
LAW_1 = "law 1: a guard is made false by its own write"
LAW_2 = "law 2: what is planned from a read carries its version"
LAW_2_ONCE = "law 2: an attempt id never holds twice"
LAW_3 = "law 3: nothing is deleted that a write may still name"
ACCESS = "ownership and consent are part of the write"

_PAYING = {
    AttemptStatus.OPENING: PaymentStatus.IN_PAYMENT,
    AttemptStatus.OPEN: PaymentStatus.IN_PAYMENT,
    AttemptStatus.CLOSING: PaymentStatus.RELEASING,
    AttemptStatus.SUCCEEDED: PaymentStatus.PAID,
    AttemptStatus.MISMATCHED: PaymentStatus.REVIEW,
}
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
    _paid_for_this(order)
    _payments_have_one_place(order)
    _what_is_owed_is_due(order)
    _locks_are_due(order, head)
    expect(order.content_id != GONE, LAW_3, "the head names content that was removed")
    expect(len(order.superseded) <= KEPT_ATTEMPTS, I9, f"the head keeps {len(order.superseded)} attempts")


def _the_attempt_fits_the_status(order: Order) -> None:
    fits = _PAYING[order.attempt.status] if order.attempt else None
    free = order.status in (PaymentStatus.PENDING_PAYMENT, PaymentStatus.CANCELLED)
    expect(fits is (None if free else order.status), I1, f"the order is {order.status}, its attempt {order.attempt}")


def _attempts_have_one_place(order: Order) -> None:
    held = order.attempt.attempt_id if order.attempt else None
    both = held in order.superseded or held in order.forgotten or order.forgotten & order.superseded.keys()
    expect(not both, I1, "an attempt has two places")


def _paid_for_this(order: Order) -> None:
    attempt = order.attempt
    if order.status is not PaymentStatus.PAID or attempt is None:
        return
    expect(attempt.captured is not None, I3, "paid, and nothing was captured")
    agreed = (attempt.revision, attempt.amount, attempt.currency)
    terms = (order.revision, order.total, order.currency)
    expect(agreed == terms, I3, f"an attempt of {agreed} paid for an order of {terms}")


def _payments_have_one_place(order: Order) -> None:
    captured = order.attempt.captured if order.attempt else None
    both = captured is not None and captured.payment_id in order.refunds
    expect(not both, I4, f"{captured and captured.payment_id} is the settlement, or under review, and a refund")
    for late in order.superseded.values():
        own = [each for each in order.refunds.values() if each.attempt_id == late.attempt_id]
        due = any(each.status is RefundStatus.DUE for each in own)
        shown = late.status is AttemptStatus.REFUND_DUE
        foreign = any(each.gateway != late.gateway for each in own)
        expect(due == shown or foreign, I4, f"{late.attempt_id} is {late.status}, its refunds {own}")


def _what_is_owed_is_due(order: Order) -> None:
    moments = [attempt.check_at for attempt in order.superseded.values() if attempt.check_at is not None]
    moments += [refund.next_at for refund in order.refunds_due]
    earliest = min(moments, default=None)
    expect(order.owed_at == earliest, I4, f"something is owed from {earliest} on, and looked after at {order.owed_at}")


def _locks_are_due(order: Order, head: Document) -> None:
    paying = order.attempt is not None and order.attempt.status in IN_FLIGHT
    expect((order.due_at is not None) == paying, I5, f"the order is {order.status} and due at {order.due_at}")
    seen = "attention_at" in head
    expect(seen or order.status not in _VISIBLE, I5, f"no person is shown that the order is {order.status}")
    wanted = order.status in _VISIBLE or bool(order.refunds_due)
    expect(wanted or not seen, I5, "a person is asked to look at an order that needs none")


def check_move(before: Order, plan: Plan, after: Order) -> None:
    """What holds of a move that a guard let through."""
    transition = plan.transition
    expect(not plan.forbidden(before), ACCESS, f"this was let through: {plan.said}")
    expect(after.version == before.version + 1, I8, f"the version went from {before.version} to {after.version}")
    expect(after.last_event == transition.event, I8, f"{transition.name} left no event of its own")
    _one_order(before, after)
    _content_is_kept(before, after)
    _attempts_follow_each_other(before, after)
    _final_states_stay(before, after)
    _money_is_kept(before, after, transition)
    _stated_money_has_a_place(plan, after)


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


def _places(order: Order) -> Mapping[str, tuple[int, str, str]]:
    """By payment: the sum, and where it stands."""
    places = {
        refund.payment_id: (refund.amount, refund.currency, refund.status.value) for refund in order.refunds.values()
    }
    captured = order.attempt.captured if order.attempt else None
    if captured is not None:
        places[captured.payment_id] = (captured.amount, captured.currency, order.status.value)
    return places


# From where to where a payment may move, and by which transition alone.
_MONEY_MOVES = {
    ("review", "paid"): "settle_review",
    ("review", "due"): "refund_review",
    ("due", "refunded"): "refunded",
    ("refunded", "due"): "refund_failed",
}


def _money_is_kept(before: Order, after: Order, transition: Transition) -> None:
    now = _places(after)
    for payment_id, (amount, currency, place) in _places(before).items():
        expect(payment_id in now, I4, f"{payment_id} has no place any more")
        new_amount, new_currency, new_place = now[payment_id]
        same = (amount, currency) == (new_amount, new_currency)
        expect(same, I4, f"{payment_id} was {amount} {currency} and is {new_amount} {new_currency}")
        moved = place == new_place or _MONEY_MOVES.get((place, new_place)) == transition.name
        expect(moved, I4, f"{payment_id} went from {place} to {new_place} by {transition.name}")


def _stated_money_has_a_place(plan: Plan, after: Order) -> None:
    capture = plan.capture
    if capture is None:
        return
    place = _places(after).get(capture.payment_id)
    said = (capture.amount, capture.currency)
    expect(place is not None and place[:2] == said, I4, f"{capture} has its place as {place}")
    if plan.transition.name in ("settle", "accept_late"):
        settled = after.attempt.captured if after.attempt else None
        expect(_exact(settled, after), I3, f"{settled} is taken for {after.total} {after.currency}")


def _exact(captured: Capture | None, order: Order) -> bool:
    return captured is not None and (captured.amount, captured.currency) == (order.total, order.currency)
