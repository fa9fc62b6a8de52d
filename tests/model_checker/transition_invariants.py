"""I1, I2, I3, I4, I5, I6, I7, I8 and I9 on transitions, the table of states, and ownership."""

from collections.abc import Set as AbstractSet
from datetime import datetime

from paylatch.domain.changes import Set
from paylatch.domain.order import Order, PaymentStatus
from paylatch.domain.payment import IN_FLIGHT, Attempt, AttemptStatus, PastAttempt, PaymentPlace, RefundStatus
from paylatch.domain.transitions import Transition
from paylatch.ports import RefundState
from tests.invariants import expect
from tests.model_checker.actors import LINK, NEXT_BUYER, NEXT_OPERATOR, OPERATOR, PAYER, SELLER
from tests.model_checker.simulated_gateway import NAME
from tests.model_checker.spec_limits import (
    FIRST_WAIT,
    GRACE,
    KEPT_ATTEMPTS,
    LONGEST_LINK,
    LONGEST_WAIT,
    MOST_ATTEMPTS,
    MOST_LIVE_LINKS,
    spec_look,
    spec_wait,
)
from tests.model_checker.spec_transitions import SPEC_TRANSITIONS
from tests.model_checker.unrelated_callbacks import OTHER_GATEWAY
from tests.order_ends import check_end_is_kept, check_end_is_recorded

_NOT_ENDED = frozenset({RefundStatus.DUE, RefundStatus.REFUSED})
# What only operators do, and what they may do like others: query a gateway once more.
_DECISIONS = frozenset({"force_release", "refund_review", "settle_review", "write_off"})
_ASKS_AGAIN = frozenset({"delay_refund", "refuse_refund", "refunded"})
_I8 = "I8 every change leaves one event"
_IDENTITY = ("order_id", "reference", "buyer_id", "seller_id", "currency", "total", "content_id", "fingerprint")


def summary_of(order: Order | None) -> str:
    """The order in the words of a trace."""
    if order is None:
        return "no order"
    attempt = f", attempt {order.attempt.attempt_id[-8:]} {order.attempt.status}" if order.attempt else ""
    owed = f", {len(order.refunds_due)} refunds due" if order.refunds_due else ""
    claimed = f", {len(order.claimed_payments)} payments claimed" if order.claimed_payments else ""
    return f"revision {order.revision}, {order.status}{attempt}{owed}{claimed}"


def check_change(before: Order, after: Order, transition: Transition) -> None:
    """Check the invariants on one applied transition."""
    _one_attempt_at_a_time(before, after)
    _what_is_locked_does_not_change(before, after, transition)
    _only_the_holder_counts(before, after)
    _every_change_leaves_one_event(before, after, transition)
    _one_order(before, after, transition)
    _paid_stays_paid(before, after)
    _only_owners_change(before, after, transition)
    _attempts_are_kept(before, after)
    _edits_are_kept(before, after, transition)
    _ended_links_are_named(before, after, transition)
    _new_attempts_start_clean(after, transition)
    _attempts_are_counted(before, after, transition)
    _sessions_are_recorded_once(before, transition)
    _retries_are_counted(before, after, transition)
    _stays_small(before, after)
    _payments_begin_by_the_terms(before, after, transition)
    check_end_is_recorded(before, after, transition)
    check_end_is_kept(before, after)


def _payments_begin_by_the_terms(before: Order, after: Order, transition: Transition) -> None:
    """No payment begins after `pay_by`, and only then the order ends by itself."""
    at, pay_by = after.last_event.at, before.pay_by
    passed = pay_by is not None and pay_by <= at
    begins = transition.name in _NEW_ATTEMPTS
    expect(before.payable or not begins, "ownership is part of the write", "an order that is not payable is paid")
    expect(not (begins and passed), "I5 no lock outlives its purpose", f"a payment began at {at}, after {pay_by}")
    ends = transition.name == "expire_order"
    expect(passed or not ends, "I7 truthful answers", f"the order ended at {at}, before {pay_by}")


def check_creation(after: Order, transition: Transition) -> None:
    """Check the invariants on the transition that created the order: it is as requested, and nothing happened to it."""
    invariant = "I9 one order"
    expect(transition.name == "create", invariant, f"{transition.name} of an order that was never made")
    asked = {change.path[0]: change.value for change in transition.changes if isinstance(change, Set)}
    is_so = {name: getattr(after, name) for name in _IDENTITY}
    expect(is_so == {name: asked.get(name) for name in _IDENTITY}, invariant, f"the order is {is_so}")
    begun = (after.version, after.revision, after.status, after.attempts_made)
    expect(begun == (1, 1, PaymentStatus.PENDING_PAYMENT, 0), invariant, f"a new order begins as {begun}")
    left = (
        after.attempt,
        after.past_attempts,
        after.payments,
        after.refunds,
        after.disputes,
        after.previous_content_id,
    )
    expect(not any(left), invariant, f"a new order has {left}")
    shown = (after.last_event.type, after.last_event.actor, after.last_event.at)
    expect(shown == ("OrderCreated", SELLER.subject, after.created_at), _I8, f"a new order left the event {shown}")
    expect(after.last_event.write_id == transition.event.write_id, _I8, "a new order left no event of its own")


def _one_attempt_at_a_time(before: Order, after: Order) -> None:
    old, new = before.attempt, after.attempt
    replaced = old is not None and new is not None and old.attempt_id != new.attempt_id
    in_flight = old is not None and old.status in IN_FLIGHT
    expect(not (replaced and in_flight), "I1 one attempt at a time", "an attempt in flight was replaced by another")
    both = new is not None and new.attempt_id in after.past_attempts
    expect(not both, "I1 one attempt at a time", "an attempt holds the order and is a past one as well")
    known = {*before.past_attempts, *([old.attempt_id] if old else [])}
    kept = {*after.past_attempts, *([new.attempt_id] if new else []), *_evictable(before, after)}
    expect(known <= kept, "I1 one attempt at a time", "an attempt left the order without a trace")
    again = new is not None and new.attempt_id in after.evicted_attempt_ids
    expect(not again, "I1 one attempt at a time", "an attempt that ended long ago was made once more")
    there = {*after.past_attempts, *([new.attempt_id] if new else [])}
    gone = {*before.past_attempts, *before.evicted_attempt_ids} - there
    kept_out = gone <= after.evicted_attempt_ids
    expect(kept_out, "I1 one attempt at a time", "an attempt that is gone can be made once more")


def _evictable(before: Order, after: Order) -> set[str]:
    """An order with many ended attempts evicts the oldest ones from which nothing is expected."""
    return _done_with(before) if len(after.past_attempts) >= KEPT_ATTEMPTS else set()


def _done_with(order: Order) -> set[str]:
    """The attempts that left the order and from whose links and money nothing is expected any more."""
    awaited = {refund.attempt_id for refund in order.refunds.values() if refund.status in _NOT_ENDED}
    awaited |= {payment.attempt_id for payment in order.payments.values() if payment.place is PaymentPlace.CLAIMED}
    return {old.attempt_id for old in order.past_attempts.values() if old.check_at is None} - awaited


def _stays_small(before: Order, after: Order) -> None:
    """Whenever an attempt leaves, the oldest of those that nothing is expected of are evicted."""
    invariant = "the head stays small"
    grown = len(after.past_attempts) > max(KEPT_ATTEMPTS, len(before.past_attempts))
    needless = _done_with(after) & before.past_attempts.keys()
    expect(not (grown and needless), invariant, f"it keeps {len(after.past_attempts)} attempts")
    expect(after.live_links <= MOST_LIVE_LINKS, invariant, f"it keeps {after.live_links} attempts whose links are live")
    expect(after.attempts_made <= MOST_ATTEMPTS, invariant, f"it has had {after.attempts_made} attempts")


def _retries_are_counted(before: Order, after: Order, transition: Transition) -> None:
    invariant = "I5 no lock outlives its purpose"
    if transition.name == "await_release" and before.attempt is not None and after.attempt is not None:
        expect(after.attempt.checks == before.attempt.checks + 1, invariant, "a check was not counted: no backoff")
        now, due_at = after.last_event.at, before.due_at
        waited = before.status is PaymentStatus.IN_PAYMENT or (due_at is not None and due_at <= now)
        expect(waited, invariant, "a recheck put off the next scheduled check")
        _next_check_in_time(before.attempt, after.due_at, now)
    if transition.name in ("delay_refund", "refund_failed", "refuse_refund"):
        tries = [sum(refund.tries for refund in order.refunds.values()) for order in (before, after)]
        expect(tries[1] == tries[0] + 1, invariant, "a try to refund was not counted: no backoff")
        (refund,) = (new for new in after.refunds.values() if new not in before.refunds.values())
        said = "a reported failure is recorded once, and another one after the next try"
        # The gateway did not say how the earlier try stands, so that there was no other one.
        unanswered = (after.last_event.detail or {}).get("cause") not in ("asked anew", *RefundState)
        kept = transition.name == "delay_refund" and unanswered and before.refunds[refund.refund_id].failed
        expect(refund.failed is (kept or transition.name == "refund_failed"), invariant, said)
    if transition.name == "delay_refund":
        for refund in (new for new in after.refunds.values() if new not in before.refunds.values()):
            waits = refund.next_at - after.last_event.at
            expect(waits == spec_wait(refund.tries - 1), invariant, f"a refund is tried again after {waits}")
    if transition.name == "claim":
        for payment in (new for new in after.payments.values() if new not in before.payments.values()):
            asked_at = after.last_event.at + spec_wait(payment.tries)
            expect(payment.next_at == asked_at, invariant, f"a payment is queried again at {payment.next_at}")
    _looks_are_in_time(before, after, transition)


def _looks_are_in_time(before: Order, after: Order, transition: Transition) -> None:
    invariant = "I5 no lock outlives its purpose"
    if transition.name == "mark_processing" and before.attempt is not None and after.attempt is not None:
        _looked_at_in_time(before.attempt, after.attempt, after, invariant)
    watched = after.past_attempts.get(after.last_event.attempt_id or "")
    if transition.name == "watch_link" and watched is not None and watched.check_at is not None:
        now = after.last_event.at
        wait = min(max(now - watched.deadline, GRACE), max(LONGEST_WAIT, (now - watched.deadline) / 4))
        # A link whose payment is under way has no end to wait for.
        right = watched.check_at in (now + wait, spec_look(watched.since, now))
        expect(right, invariant, f"a link is checked again after {watched.check_at - now}")


def _looked_at_in_time(was: Attempt, attempt: Attempt, after: Order, invariant: str) -> None:
    now, since = after.last_event.at, attempt.processing_since
    expect(since == (was.processing_since or now), invariant, f"a payment counts as under way since {since}")
    right = since is not None and after.due_at in (spec_look(since, now), now + LONGEST_WAIT)
    expect(right, invariant, f"a payment under way since {since} is looked at again at {after.due_at}")
    expect(attempt.reason is was.reason, _I8, "the reason of a release that was begun is lost")
    expect(attempt.pay_url is None, "I1 one attempt at a time", "a payment under way can be made once more")


def _next_check_in_time(attempt: Attempt, due_at: datetime | None, now: datetime) -> None:
    invariant = "I5 no lock outlives its purpose"
    expect(due_at is not None and due_at > now, invariant, "the gateway is asked again at once: no backoff")
    dead = max(attempt.deadline, attempt.since + LONGEST_LINK) + GRACE
    latest = max(dead, now + max(FIRST_WAIT, spec_wait(attempt.checks)))
    expect(due_at is not None and due_at <= latest, invariant, f"the order is not checked before {due_at}")


def _content_of(order: Order) -> tuple[object, ...]:
    return (order.content_id, order.revision, order.total, order.currency)


def _what_is_locked_does_not_change(before: Order, after: Order, transition: Transition) -> None:
    stopped = before.attempt is not None and after.attempt is None
    free = before.status is PaymentStatus.PENDING_PAYMENT or (stopped and transition.name == "release_and_edit")
    same = _content_of(before) == _content_of(after)
    if transition.name == "erase" and before.erased_at is None:
        # The revision stays, with another content: what was agreed is the same.
        same = _content_of(before)[1:] == _content_of(after)[1:]
    erased = before.erased_at is not None
    named = before.content_id == after.content_id and after.erased_at is not None
    expect(named or not erased, "law 3", f"{transition.name} made an erased order name another content")
    expect(free or same, "I2 what is locked does not change", f"the content changed while {before.status}")
    grown = after.revision == before.revision + (0 if same else 1)
    expect(grown, "I2 what is locked does not change", "the revision does not count the edits")
    attempt, was = after.attempt, before.attempt
    if attempt is not None and (was is None or attempt.attempt_id != was.attempt_id):
        expected_now = (attempt.amount, attempt.currency, attempt.revision) == (
            before.total,
            before.currency,
            before.revision,
        )
        expect(expected_now, "I3 paid means paid for this", "an attempt took hold of other terms than the order's")


def _only_the_holder_counts(before: Order, after: Order) -> None:
    subject = after.last_event.attempt_id
    held = before.attempt is None or subject is None or before.held_by(subject)
    expect(
        held or before.status is after.status,
        "I6 only the holder's result counts",
        f"{subject} moved the order from {before.status} to {after.status} while {before.attempt} held it",
    )


def _every_change_leaves_one_event(before: Order, after: Order, transition: Transition) -> None:
    sources, target, event = SPEC_TRANSITIONS[transition.name]
    invariant = _I8
    expect(after.version == before.version + 1, invariant, f"seq went from {before.version} to {after.version}")
    expect(
        after.last_event.write_id == transition.event.write_id, invariant, f"{transition.name} left no event of its own"
    )
    expect(after.last_event.type == event, invariant, f"{transition.name} left {after.last_event.type}")
    expect(before.status in sources, "states go by the table", f"{transition.name} while {before.status}")
    expect(after.status is (target or before.status), "states go by the table", f"{transition.name}: {after.status}")


def _one_order(before: Order, after: Order, transition: Transition) -> None:
    def identity(order: Order) -> tuple[object, ...]:
        return (order.order_id, order.reference, order.seller_id, order.created_at, order.fingerprint)

    expect(identity(before) == identity(after), "I9 one order", "the order turned into another one")
    owner = NEXT_BUYER if transition.name == "hand_over" else before.buyer_id
    expect(after.buyer_id == owner, "ownership is part of the write", f"{transition.name} made it {after.buyer_id}'s")


def _paid_stays_paid(before: Order, after: Order) -> None:
    final = before.status in (PaymentStatus.PAID, PaymentStatus.CANCELLED)
    expect(
        not final or before.status is after.status,
        "I3 paid means paid for this",
        f"{before.status} became {after.status}",
    )
    if before.status is PaymentStatus.PAID:
        same = _settlement_of(before) == _settlement_of(after)
        expect(same, "I3 paid means paid for this", "the settlement changed after it was made")


def _settlement_of(order: Order) -> tuple[object, ...]:
    """The money that settled the order, without the sums returned since."""
    captured = order.attempt.captured if order.attempt else None
    return (captured.payment_id, captured.amount, captured.currency) if captured else ()


def _only_owners_change(before: Order, after: Order, transition: Transition) -> None:
    known: tuple[str, ...] = (
        before.buyer_id,
        before.seller_id,
        "shop",
        "sweep",
        f"gateway:{NAME}",
        f"gateway:{OTHER_GATEWAY}",
    )
    actor = after.last_event.actor
    by_operator = actor in (OPERATOR.subject, NEXT_OPERATOR.subject)
    decides, declares = transition.name in _DECISIONS, transition.name == "settle_manually"
    own = actor == before.buyer_id and (decides or declares)
    expect(not own, "ownership is part of the write", f"{actor} decided about their own money: {transition.name}")
    asks = transition.name in _ASKS_AGAIN or (transition.name in ("release", "await_release", "mark_processing"))
    by_link = actor == PAYER.subject and (asks or _pays_by_link(before, transition))
    if transition.name == "erase":
        # Neither its buyer nor its seller, and nothing that runs by itself.
        known, asks = ("shop",), True
    allowed = by_operator if decides else (by_operator and (asks or declares)) or by_link or actor in known
    expect(allowed, "ownership is part of the write", f"{actor} made {transition.name}")


def _pays_by_link(before: Order, transition: Transition) -> bool:
    """Whether this write begins a payment, and the order still has the link by which it was asked for."""
    return transition.name in ("lock", "settle_free") and before.link_id == LINK.link_id


def _sessions_are_recorded_once(before: Order, transition: Transition) -> None:
    if transition.name == "record_session":
        opening = before.attempt is not None and before.attempt.status is AttemptStatus.OPENING
        expect(opening, _I8, f"a session was recorded though {before.attempt} had one")


_NEW_ATTEMPTS = frozenset({"lock", "settle_free"})


def _new_attempts_start_clean(after: Order, transition: Transition) -> None:
    """A new attempt carries nothing of the one before."""
    attempt = after.attempt
    if transition.name in _NEW_ATTEMPTS and attempt is not None:
        left = (attempt.session_id, attempt.pay_url, attempt.reason, attempt.captured, attempt.checks or None)
        expect(left == (None,) * 5, "I1 one attempt at a time", f"a new attempt has {left} of the one before")


def _attempts_are_counted(before: Order, after: Order, transition: Transition) -> None:
    more = after.attempts_made - before.attempts_made
    expect(
        more == (transition.name in _NEW_ATTEMPTS), "the head stays small", f"{transition.name} counts {more} attempts"
    )


def _edits_are_kept(before: Order, after: Order, transition: Transition) -> None:
    """The first edit that an attempt was stopped for is recorded by the write that makes it, once and for all."""
    invariant = "I7 truthful answers"
    known = {old.attempt_id: old.edit for old in before.past_attempts.values() if old.edit is not None}
    found = {old.attempt_id: old.edit for old in after.past_attempts.values() if old.edit is not None}
    gone = _evictable(before, after) | ({after.attempt.attempt_id} if after.attempt else set())
    lost = known.keys() - found.keys() - gone
    expect(not lost, invariant, f"the edits of {sorted(lost)} are not known any more")
    changed = {key for key in known.keys() & found.keys() if known[key] != found[key]}
    expect(not changed, invariant, f"the edits of {sorted(changed)} are others now")
    made = found.keys() - known.keys()
    right = _may_record(before, after, transition, made)
    expect(right, invariant, f"{transition.name} recorded the edits of {sorted(made)}")
    revisions = {(found[key].revision, found[key].from_revision) for key in made}
    same = before.revision if before.revision == after.revision else None
    expect(revisions <= {(after.revision, same)}, invariant, f"revision {after.revision} is recorded as {revisions}")


def _may_record(before: Order, after: Order, transition: Transition, made: AbstractSet[str]) -> bool:
    match transition.name:
        case "release_and_edit":
            return made == {after.last_event.attempt_id}
        case "release":
            return made <= {after.last_event.attempt_id}
        case "edit":
            return len(made) <= 1 and made <= before.past_attempts.keys()
    return not made


def _ended_links_are_named(before: Order, after: Order, transition: Transition) -> None:
    """The event names exactly the attempts whose links end, where anything else than their own money ends them."""
    event = after.last_event
    ended = {key for key, old in before.past_attempts.items() if old.check_at and not _is_watched(key, after)}
    several: object = (event.detail or {}).get("attempt_ids")
    named = set(several) if isinstance(several, list) else {event.attempt_id}
    if transition.name == "end_links":
        expect(bool(ended) and named == ended, _I8, f"the links of {sorted(ended)} ended, and the event names {named}")


def _is_watched(attempt_id: str, order: Order) -> bool:
    attempt = order.past_attempts.get(attempt_id)
    return attempt is not None and attempt.check_at is not None


def _terms_of(attempt: Attempt | PastAttempt) -> tuple[object, ...]:
    terms = (attempt.amount, attempt.currency, attempt.revision, attempt.gateway)
    return (*terms, attempt.since, attempt.deadline, attempt.fingerprint)


def _attempts_are_kept(before: Order, after: Order) -> None:
    attempts: list[Attempt | PastAttempt] = [*before.past_attempts.values()]
    attempts += [before.attempt] if before.attempt else []
    for old in attempts:
        held = after.attempt if after.held_by(old.attempt_id) else None
        new = held or after.past_attempts.get(old.attempt_id)
        evicted = new is None and old.attempt_id in _evictable(before, after)
        kept = evicted or (new is not None and old.session_id in (None, new.session_id))
        expect(kept, "I4 money is conserved", f"the session of {old.attempt_id} was lost")
        same = new is None or _terms_of(old) == _terms_of(new)
        expect(same, "I2 what is locked does not change", f"the terms of {old.attempt_id} changed")
