"""The promises I1–I9 as code: on every change of the order, in every state, and on every answer to a caller."""

from collections.abc import Mapping

from paylatch.domain.order import LOCKED, Order, PaymentStatus
from paylatch.domain.payment import IN_FLIGHT, AttemptStatus, RefundStatus
from paylatch.domain.transitions import STATE_TABLE, Transition
from paylatch.ports import RefundState
from tests.explorer.hosted_gateway import NAME, Gatehouse, Hosted, Temper


class Broken(Exception):
    """A promise that was not kept: `promise` names it, `what` says how."""

    def __init__(self, promise: str, what: str) -> None:
        super().__init__(f"{promise}: {what}")
        self.promise = promise
        self.what = what
        self.state: object = None


def expect(holds: bool, promise: str, what: str) -> None:
    """Raise `Broken` unless it holds."""
    if not holds:
        raise Broken(promise, what)


def check_change(before: Order, after: Order, transition: Transition) -> None:
    """The promises about one transition that took effect."""
    _one_attempt_at_a_time(before, after)
    _what_is_locked_does_not_change(before, after)
    _only_the_holder_counts(before, after)
    _every_change_leaves_one_event(before, after, transition)
    _one_order(before, after)
    _paid_stays_paid(before, after)
    _only_owners_change(before, after, transition)
    _paid_exactly(after, transition)
    _no_money_is_forgotten(before, after)


def _one_attempt_at_a_time(before: Order, after: Order) -> None:
    old, new = before.attempt, after.attempt
    replaced = old is not None and new is not None and old.attempt_id != new.attempt_id
    flying = old is not None and old.status in IN_FLIGHT
    expect(not (replaced and flying), "I1 one attempt at a time", "an attempt in flight was replaced by another")
    both = new is not None and new.attempt_id in after.superseded
    expect(not both, "I1 one attempt at a time", "an attempt holds the order and is superseded as well")
    known = {*before.superseded, *([old.attempt_id] if old else [])}
    kept = {*after.superseded, *([new.attempt_id] if new else [])}
    expect(known <= kept, "I1 one attempt at a time", "an attempt left the order without a trace")


def _content_of(order: Order) -> tuple[object, ...]:
    return (order.content_id, order.revision, order.total, order.currency)


def _what_is_locked_does_not_change(before: Order, after: Order) -> None:
    free = before.status is PaymentStatus.PENDING_PAYMENT
    same = _content_of(before) == _content_of(after)
    expect(free or same, "I2 what is locked does not change", f"the content changed while {before.status}")
    grown = after.revision == before.revision + (0 if same else 1)
    expect(grown, "I2 what is locked does not change", "the revision does not count the edits")
    attempt, was = after.attempt, before.attempt
    if attempt is not None and was is not None and attempt.attempt_id == was.attempt_id:
        terms = (attempt.amount, attempt.currency, attempt.revision, attempt.gateway, attempt.deadline)
        agreed = (was.amount, was.currency, was.revision, was.gateway, was.deadline)
        expect(terms == agreed, "I2 what is locked does not change", "the attempt's terms changed under way")
    elif attempt is not None:
        agreed_now = (attempt.amount, attempt.currency, attempt.revision) == (
            before.total,
            before.currency,
            before.revision,
        )
        expect(agreed_now, "I3 paid means paid for this", "an attempt took hold of other terms than the order's")


def _only_the_holder_counts(before: Order, after: Order) -> None:
    subject = after.last_event.attempt_id
    held = before.attempt is None or subject is None or before.held_by(subject)
    expect(
        held or before.status is after.status,
        "I6 only the holder's result counts",
        f"{subject} moved the order from {before.status} to {after.status} while {before.attempt} held it",
    )


def _every_change_leaves_one_event(before: Order, after: Order, transition: Transition) -> None:
    promise = "I8 every change leaves one event"
    rule = STATE_TABLE[transition.name]
    expect(after.version == before.version + 1, promise, f"seq went from {before.version} to {after.version}")
    expect(after.last_event.token == transition.event.token, promise, f"{transition.name} left no event of its own")
    expect(after.last_event.type == rule.event.value, promise, f"{transition.name} left {after.last_event.type}")
    expect(after.status is (rule.target or before.status), promise, f"{transition.name} led to {after.status}")


def _one_order(before: Order, after: Order) -> None:
    def identity(order: Order) -> tuple[object, ...]:
        return (order.order_id, order.reference, order.buyer_id, order.seller_id, order.created_at, order.fingerprint)

    expect(identity(before) == identity(after), "I9 one order", "the order turned into another one")


def _paid_stays_paid(before: Order, after: Order) -> None:
    final = before.status in (PaymentStatus.PAID, PaymentStatus.CANCELLED)
    expect(
        not final or before.status is after.status,
        "I3 paid means paid for this",
        f"{before.status} became {after.status}",
    )
    if before.status is PaymentStatus.PAID:
        same = (before.attempt and before.attempt.captured) == (after.attempt and after.attempt.captured)
        expect(same, "I3 paid means paid for this", "the settlement changed after it was made")


def _only_owners_change(before: Order, after: Order, transition: Transition) -> None:
    known = (before.buyer_id, before.seller_id, "sweep", f"gateway:{NAME}")
    decides = transition.name in ("settle_review", "refund_review") and before.status is PaymentStatus.REVIEW
    allowed = after.last_event.actor == "olga" if decides else after.last_event.actor in known
    expect(allowed, "ownership is part of the write", f"{after.last_event.actor} made {transition.name}")


def _paid_exactly(after: Order, transition: Transition) -> None:
    if transition.name in ("settle", "accept_late") and after.attempt is not None and after.attempt.captured:
        captured = after.attempt.captured
        exact = (captured.amount, captured.currency) == (after.total, after.currency)
        expect(exact, "I3 paid means paid for this", f"{captured} is taken for {after.total} {after.currency}")


def _no_money_is_forgotten(before: Order, after: Order) -> None:
    promise = "I4 money is conserved"
    for payment_id, refund in before.refunds.items():
        now = after.refunds.get(payment_id)
        expect(now is not None, promise, f"the refund of {payment_id} was dropped")
        done = refund.status is RefundStatus.REFUNDED
        expect(not done or now == refund, promise, f"a refund that was done changed: {payment_id}")


def check_content(order: Order, contents: Mapping[tuple[str, str], object]) -> None:
    """The content that the head names is there, and its total is the order's."""
    promise = "I2 what is locked does not change"
    document = contents.get((order.order_id, order.content_id))
    expect(isinstance(document, Mapping), promise, f"the content {order.content_id} that the head names is gone")
    if isinstance(document, Mapping):
        total = sum(line["quantity"] * line["unit_price"] for line in document["lines"])
        expect(total == order.total, promise, f"the head's total is {order.total}, its content's {total}")


def check_state(order: Order, house: Gatehouse, temper: Temper) -> None:
    """The promises about the order and the gateway side by side, at any moment."""
    _locks_are_due(order)
    if order.status is PaymentStatus.PAID:
        _paid_means_paid_for_this(order, house)
    if order.status is PaymentStatus.PENDING_PAYMENT:
        expect(order.attempt is None, "I1 one attempt at a time", "an unlocked order has an attempt that holds it")
    for session in house.sessions:
        _money_goes_one_way(order, session)
        holds = order.held_by(session.attempt_id) and order.status in LOCKED
        expect(
            holds or not session.payable or not (temper.voidable and temper.honest_void),
            "I1 one attempt at a time",
            f"the order is {order.status} and the link of {session.attempt_id} can still be paid",
        )


def _locks_are_due(order: Order) -> None:
    paying = order.status in (PaymentStatus.IN_PAYMENT, PaymentStatus.RELEASING)
    expect(
        not paying or order.due_at is not None,
        "I5 no lock outlives its purpose",
        f"the order is {order.status} and nothing will ever look after it",
    )
    looks = [attempt.check_at for attempt in order.superseded.values() if attempt.check_at is not None]
    expect(
        not looks or (order.owed_at is not None and order.owed_at <= min(looks)),
        "I4 money is conserved",
        "a link is still live and nothing will look after it in time",
    )
    flying = order.attempt is not None and order.attempt.status in IN_FLIGHT
    expect(paying == flying, "I1 one attempt at a time", f"the order is {order.status}, its attempt {order.attempt}")


def _paid_means_paid_for_this(order: Order, house: Gatehouse) -> None:
    promise = "I3 paid means paid for this"
    attempt = order.attempt
    expect(attempt is not None and attempt.captured is not None, promise, "paid, with no settled attempt")
    if attempt is None or attempt.captured is None:
        return
    expect(attempt.status is AttemptStatus.SUCCEEDED, promise, f"paid, and the attempt is {attempt.status}")
    agreed = (attempt.amount, attempt.currency, attempt.revision)
    expect(agreed == (order.total, order.currency, order.revision), promise, f"{agreed} does not pay for {order}")
    session = house.session_of(attempt.attempt_id)
    expect(session is not None and session.capture == attempt.captured, promise, "the gateway has no such payment")


def _money_goes_one_way(order: Order, session: Hosted) -> None:
    promise = "I4 money is conserved"
    capture = session.capture
    if capture is None:
        return
    held = order.attempt.captured if order.attempt else None
    settles = held is not None and held.payment_id == capture.payment_id
    expect(not (settles and session.refunds), promise, f"{capture.payment_id} settles the order and was given back")
    expect(session.returned <= capture.amount, promise, f"more was given back than {capture}")
    twice = settles and capture.payment_id in order.refunds
    expect(not twice, promise, f"{capture.payment_id} settles the order and is to be given back")
    refund = order.refunds.get(capture.payment_id)
    if refund is not None:
        whole = (refund.amount, refund.currency) == (capture.amount, capture.currency)
        expect(whole, promise, f"the refund of {refund.amount} {refund.currency} is not the whole of {capture}")
        done = any(state is RefundState.DONE for _, _, state in session.refunds)
        expect(
            done or refund.status is RefundStatus.DUE, promise, f"{capture.payment_id} counts as refunded and is not"
        )
        expect(
            refund.status is not RefundStatus.DUE or order.owed_at is not None,
            promise,
            f"the refund of {capture.payment_id} is due and nothing will ever look after it",
        )
