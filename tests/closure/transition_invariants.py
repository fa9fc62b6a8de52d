"""The design's invariants on every move between two heads."""

from paylatch.domain.order import LOCKED, Order, PaymentStatus
from paylatch.domain.payment import (
    Attempt,
    AttemptStatus,
    CapturedPayment,
    DisputeStatus,
    PastAttempt,
    PaymentPlace,
    RefundStatus,
)
from paylatch.domain.transitions import Transition
from tests.closure.plan import Plan
from tests.closure.state_invariants import (
    ACCESS,
    ERASED,
    I1,
    I2,
    I3,
    I4,
    I5,
    I6,
    I7,
    I8,
    I9,
    LAW_2_ONCE,
    LAW_3,
    TABLE,
    payment_of_the_holder,
)
from tests.invariants import expect
from tests.order_ends import check_end_is_recorded

_PENDING = frozenset({PaymentStatus.PENDING_PAYMENT})
_IN_PAYMENT = frozenset({PaymentStatus.IN_PAYMENT})
_BEING_PAID = _IN_PAYMENT | {PaymentStatus.RELEASING}
_REVIEW = frozenset({PaymentStatus.REVIEW})
_ANY = frozenset(PaymentStatus)
# The design's state table, repeated here: the states in which a transition is allowed, and the state it leads to.
STATUSES: dict[str, tuple[frozenset[PaymentStatus], PaymentStatus | None]] = {
    "edit": (_PENDING, PaymentStatus.PENDING_PAYMENT),
    "lock": (_PENDING, PaymentStatus.IN_PAYMENT),
    "record_session": (_IN_PAYMENT, PaymentStatus.IN_PAYMENT),
    "mark_processing": (_BEING_PAID, PaymentStatus.IN_PAYMENT),
    "settle": (_BEING_PAID, PaymentStatus.PAID),
    "settle_manually": (_PENDING, PaymentStatus.PAID),
    "settle_free": (_PENDING, PaymentStatus.PAID),
    "release": (_BEING_PAID, PaymentStatus.PENDING_PAYMENT),
    "release_and_edit": (_BEING_PAID, PaymentStatus.PENDING_PAYMENT),
    "force_release": (_BEING_PAID, PaymentStatus.PENDING_PAYMENT),
    "await_release": (_BEING_PAID, PaymentStatus.RELEASING),
    "accept_late": (_PENDING, PaymentStatus.PAID),
    "claim": (_PENDING, PaymentStatus.PENDING_PAYMENT),
    "quarantine": (_BEING_PAID, PaymentStatus.REVIEW),
    "settle_review": (_REVIEW, PaymentStatus.PAID),
    "refund_review": (_REVIEW, PaymentStatus.PENDING_PAYMENT),
    "cancel_order": (_PENDING, PaymentStatus.CANCELLED),
    "expire_order": (_PENDING, PaymentStatus.CANCELLED),
    "hand_over": (_PENDING, PaymentStatus.PENDING_PAYMENT),
    "erase": (frozenset({PaymentStatus.PAID, PaymentStatus.CANCELLED}), None),
    **dict.fromkeys(("request_refund", "refund_manually"), (frozenset({PaymentStatus.PAID}), None)),
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
            "end_links",
            "watch_link",
            "issue_link",
        ),
        (_ANY, None),
    ),
}
# The allowed moves of a payment's place and of a refund's status, and the transitions that may make them.
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
_BY_THE_SHOP = frozenset({"request_refund", "refund_manually"})
_NO_GATEWAY = "none"
_FINAL = frozenset({PaymentStatus.PAID, PaymentStatus.CANCELLED})


def check_move(before: Order, plan: Plan, after: Order) -> None:
    """Check the invariants on a move that a guard allowed."""
    transition = plan.transition
    expect(not plan.forbidden(before), ACCESS, f"this was allowed: {plan.description}")
    expect(after.version == before.version + 1, I8, f"the version went from {before.version} to {after.version}")
    expect(after.last_event == transition.event, I8, f"{transition.name} left no event of its own")
    _status_by_the_table(before, transition, after)
    _counted(before, transition, after)
    _one_order(before, after, transition)
    _content_is_kept(before, transition, after)
    _erased_for_good(before, transition, after)
    _attempts_follow_each_other(before, after)
    _final_states_stay(before, after)
    _money_is_kept(before, after, transition)
    _stated_money_has_a_place(plan, after)
    _edits_are_kept(before, plan, after)
    check_end_is_recorded(before, after, transition)


def _status_by_the_table(before: Order, transition: Transition, after: Order) -> None:
    sources, target = STATUSES[transition.name]
    expect(before.status in sources, TABLE, f"{transition.name} while the order was {before.status}")
    expect(after.status is (target or before.status), TABLE, f"{transition.name} made the order {after.status}")
    held = target is None or before.attempt is None or before.held_by(str(transition.event.attempt_id))
    expect(held, I6, f"{transition.event.attempt_id} moved the order, and does not hold it")


def _counted(before: Order, transition: Transition, after: Order) -> None:
    if transition.name == "await_release" and before.attempt and after.attempt:
        expect(after.attempt.checks == before.attempt.checks + 1, I5, "a check was not counted: no backoff")
        expect(after.attempt.reason is not None, I5, "the order is being released without a reason")
        later = after.due_at is not None and after.due_at > after.last_event.at
        expect(later, I5, "the gateway is asked again at once: no backoff")
    if transition.name == "mark_processing" and before.attempt and after.attempt:
        expect(after.attempt.status is AttemptStatus.PROCESSING, I5, "a payment under way is not shown as such")
        expect(after.attempt.pay_url is None, I5, "the link of a payment under way can still be followed")
        expect(after.attempt.reason is before.attempt.reason, I8, "the reason of the release was lost")
        later = after.due_at is not None and after.due_at > after.last_event.at
        expect(later, I5, "the gateway is asked again at once")
    if transition.name in ("delay_refund", "refuse_refund", "refund_failed"):
        tries = [sum(refund.tries for refund in order.refunds.values()) for order in (before, after)]
        expect(tries[1] == tries[0] + 1, I5, "a try to refund was not counted: no backoff")
        failed = [new.failed for new in after.refunds.values() if new not in before.refunds.values()]
        said = "a reported failure is recorded once, and another one after the next try"
        expect(failed == [transition.name == "refund_failed"], I5, said)


def _one_order(before: Order, after: Order, transition: Transition) -> None:
    def identity(order: Order) -> tuple[object, ...]:
        return (order.order_id, order.reference, order.seller_id, order.created_at, order.fingerprint)

    expect(identity(before) == identity(after), I9, "the order turned into another one")
    handed_over = transition.name == "hand_over"
    expect(handed_over == (before.buyer_id != after.buyer_id), ACCESS, f"{transition.name} changed the buyer")


def _content_is_kept(before: Order, transition: Transition, after: Order) -> None:
    def content(order: Order) -> tuple[object, ...]:
        return (order.content_id, order.total, order.currency, order.revision, order.terms)

    edited = before.status is after.status is PaymentStatus.PENDING_PAYMENT
    stopped = transition.name == "release_and_edit" and before.attempt is not None and after.attempt is None
    erased = transition.name == "erase" and before.erased_at is None and content(before)[1:] == content(after)[1:]
    same = content(before) == content(after)
    expect(same or edited or stopped or erased, I2, f"the content changed while the order was {before.status}")
    expect(same or erased or after.revision == before.revision + 1, I2, "the revision does not count the edits")


def _erased_for_good(before: Order, transition: Transition, after: Order) -> None:
    """Whatever is deleted after an erasure, the head names no other content again; and no money was open."""
    expect(before.erased_at is None or after.erased_at is not None, ERASED, f"{transition.name} undid the erasure")
    named = before.erased_at is None or before.content_id == after.content_id
    expect(named, LAW_3, f"{transition.name} made the head name a content that was deleted")
    if transition.name != "erase":
        return
    expect(after.erased_at == transition.event.at, ERASED, "the head does not say when it was erased")
    expect(after.previous_content_id is None, LAW_3, "the head names a replaced content, which is deleted")
    expect((after.has_contact, after.link_id) == (False, None), ERASED, "the head has personal data")
    written = {refund.reason for refund in after.refunds.values() if refund.fingerprint is not None}
    expect(written <= {"erased"}, ERASED, f"the refunds' reasons are {written}")
    expect(not _open_money(before), ERASED, f"erased while {_open_money(before)} were open")


def _open_money(order: Order) -> list[str]:
    open_refunds = {RefundStatus.DUE, RefundStatus.REFUSED}
    return [
        *(refund_id for refund_id, refund in order.refunds.items() if refund.status in open_refunds),
        *(payment.payment_id for payment in order.payments.values() if payment.place is PaymentPlace.CLAIMED),
        *(dispute.dispute_id for dispute in order.disputes.values() if dispute.status is DisputeStatus.OPEN),
        *(past.attempt_id for past in order.past_attempts.values() if past.check_at is not None),
    ]


def _attempts_follow_each_other(before: Order, after: Order) -> None:
    old, new = before.attempt, after.attempt
    replaced = old is not None and new is not None and old.attempt_id != new.attempt_id
    expect(not replaced, I1, "the attempt that held the order was replaced by another")
    if new is not None and (new.status is AttemptStatus.OPENING or new.gateway == _NO_GATEWAY):
        again = new.attempt_id in before.past_attempts or new.attempt_id in before.evicted_attempt_ids
        again = again or (old is not None and old.status is not new.status)
        expect(not again, LAW_2_ONCE, f"{new.attempt_id} holds the order once more")
        left = (new.session_id, new.reason, new.captured, new.checks or None)
        expect(left == (None,) * 4, I1, f"a new attempt has {left} of the one before")
    attempts: list[Attempt | PastAttempt] = [*before.past_attempts.values(), *([old] if old else [])]
    for attempt in attempts:
        _attempt_is_kept(attempt, after)


def _attempt_is_kept(was: Attempt | PastAttempt, after: Order) -> None:
    held = after.attempt if after.held_by(was.attempt_id) else None
    now = held or after.past_attempts.get(was.attempt_id)
    if now is None:
        ended = isinstance(was, PastAttempt) and was.check_at is None
        expect(ended and was.attempt_id in after.evicted_attempt_ids, I1, f"{was.attempt_id} left no trace")
        return
    expect(_terms(was) == _terms(now), I2, f"the terms of {was.attempt_id} changed")
    expect(was.session_id in (None, now.session_id), I4, f"the session of {was.attempt_id} was lost")


def _terms(attempt: Attempt | PastAttempt) -> tuple[object, ...]:
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
    _new_refunds_are_of_money_that_is_left(before, after, name)
    for dispute_id, dispute in before.disputes.items():
        kept = dispute.status is DisputeStatus.OPEN or after.disputes.get(dispute_id) == dispute
        expect(kept and dispute_id in after.disputes, I4, f"a dispute that is {dispute.status} changed")


def _new_refunds_are_of_money_that_is_left(before: Order, after: Order, name: str) -> None:
    """Nobody plans to give back more of a payment than is left; a refund that was given up is not asked for again."""
    for refund_id in after.refunds.keys() - before.refunds.keys():
        payment = after.payments[after.refunds[refund_id].payment_id]
        again = {RefundStatus.DUE, RefundStatus.REFUSED}
        owed = sum(
            each.amount
            for each in after.refunds.values()
            if each.payment_id == payment.payment_id and each.status in again
        )
        expect(payment.returned + owed <= payment.amount, I4, f"{name}: {owed} is owed, {payment.returned} is back")
        disputed = any(
            each.payment_id == payment.payment_id and each.status is DisputeStatus.OPEN
            for each in before.disputes.values()
        )
        expect(not (disputed and name in _BY_THE_SHOP), I4, f"{name} of a payment that is disputed")


def _edits_are_kept(before: Order, plan: Plan, after: Order) -> None:
    """An attempt that is stopped for an edit keeps it, and no other one does."""
    made = {past.attempt_id for past in after.past_attempts.values() if past.edit is not None}
    kept = {past.attempt_id for past in before.past_attempts.values() if past.edit is not None}
    expect(made - kept == {plan.edit_of} - {None}, I7, f"the edits of {sorted(made - kept)} were kept")


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
    if plan.transition.name in ("settle", "accept_late", "settle_manually"):
        expect(
            payment_of_the_holder(after) == capture.payment_id,
            I4,
            f"{capture.payment_id} settles the order, and it names another",
        )
        exact = (capture.amount, capture.currency, capture.returned) == (after.total, after.currency, 0)
        expect(exact, I3, f"{capture.amount} {capture.currency} is taken for {after.total} {after.currency}")
