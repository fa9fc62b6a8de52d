"""I7 on refusals: the reason that one names is true of the order that refused; with I1 and I5, it leaves no lock."""

from dataclasses import replace
from datetime import timedelta

from paylatch.domain.erasure_errors import MoneyOutstanding, OrderNotFinished
from paylatch.domain.errors import (
    AttemptNotFound,
    IdempotencyKeyReused,
    InvalidRequest,
    Misconfigured,
    NotAllowed,
    OrderCancelled,
    OrderContended,
    OrderLocked,
    OrderNotFound,
    OrderNotPayable,
    OrderPaid,
    OutcomeUnknown,
    PayByPassed,
    PaymentProcessing,
    RefundNotFound,
    Refused,
    RevisionMismatch,
    Transient,
)
from paylatch.domain.order import LOCKED, Order, PaymentStatus
from paylatch.domain.payment import Attempt, AttemptStatus, DisputeStatus, PastAttempt, PaymentPlace, RefundStatus
from paylatch.domain.refund_errors import (
    DecidedOtherwise,
    OrderNotPaid,
    RefundDisputed,
    RefundExceedsPayment,
    TooManyRefunds,
)
from paylatch.domain.refund_request import RefundRequest
from paylatch.domain.transitions.rule import EventType
from paylatch.ports import Applied, RefundState
from tests.invariants import expect
from tests.model_checker.actors import CASH, NEXT_BUYER
from tests.model_checker.process import Process, ReviewDecision
from tests.model_checker.process_history import consecutive_refusals, first_order, first_read, last_order, last_seen
from tests.model_checker.process_tree import Node
from tests.model_checker.reading_answers import is_absent
from tests.model_checker.scripted_ports import NOON
from tests.model_checker.spec_limits import MOST_REQUESTED_REFUNDS, TRIES
from tests.model_checker.transition_invariants import summary_of

# The order's state that each refusal demands.
_REASONS = {
    OrderLocked: LOCKED,
    OrderPaid: frozenset({PaymentStatus.PAID}),
    PaymentProcessing: frozenset({PaymentStatus.IN_PAYMENT}),
    OrderCancelled: frozenset({PaymentStatus.CANCELLED}),
}
INVARIANT = "I7 truthful answers"


def check_refusal(node: Node, error: Exception) -> None:
    """The reason of a refusal is true of the order that refused."""
    process, seen = node.process, last_order(node)
    message = f"{process.name} got {error!r}, and read {summary_of(seen)}"
    reasons = _REASONS.get(type(error))
    expect(reasons is None or (seen is not None and seen.status in reasons), INVARIANT, message)
    denied = isinstance(error, (OrderNotFound, NotAllowed)) and not is_absent(node, error)
    denied = denied and not _is_handed_over(seen) and not _has_another_link(process, seen)
    expect(not process.authorised or not denied, INVARIANT, message)
    _check_not_erased(error, seen, message)
    invalid = _operates(process) or _declares_another_sum(process, seen)
    expect(invalid or not isinstance(error, InvalidRequest), INVARIANT, message)
    _check_refund_refused(process.refund_request, error, seen, message)
    if process.decision is not None and seen is not None:
        _check_undecided(node, process.decision, seen, (error, message))
    if isinstance(error, OrderLocked):
        _check_lock_error(node, error, seen, message)
    if process.pays:
        _check_key_refused(node, error, seen, message)
        _check_terms(node, error, seen, message)
    if isinstance(error, OrderContended):
        tries = consecutive_refusals(node)
        enough = process.decision is not None or tries >= TRIES
        expect(enough, INVARIANT, f"contended after {tries} tries, and {message}")
    if isinstance(error, RevisionMismatch):
        asked = _revision_asked_of(node)
        other = seen is not None and asked is not None and seen.revision == error.current != asked
        free = seen is not None and seen.status is PaymentStatus.PENDING_PAYMENT
        free = free or (process.stops and seen is not None and _would_stop(node, seen))
        expect(other and free, INVARIANT, message)
    if isinstance(error, (Transient, OutcomeUnknown, Misconfigured)) and process.pays:
        given_up = seen is not None and node.process.attempt_id in seen.past_attempts
        expect(not given_up, "I1 one attempt at a time", f"{message}: not known whether it is open, and cancelled")
    if isinstance(error, Refused) and node.process.attempt_id is not None:
        locked = seen is not None and seen.status is PaymentStatus.IN_PAYMENT
        held = seen.attempt if locked and seen is not None and seen.held_by(node.process.attempt_id) else None
        kept = held is not None and held.status is AttemptStatus.OPENING
        invariant = "I5 no lock outlives its purpose"
        expect(not kept, invariant, f"{process.name} was refused permanently, and left the order locked")


def _check_not_erased(error: Exception, seen: Order | None, message: str) -> None:
    """An erasure is refused while the order can still be edited and paid, or while its money is not settled."""
    pending = seen is not None and seen.status is PaymentStatus.PENDING_PAYMENT
    expect(pending or not isinstance(error, OrderNotFinished), INVARIANT, message)
    if not isinstance(error, MoneyOutstanding) or seen is None:
        return
    owed = any(each.status in (RefundStatus.DUE, RefundStatus.REFUSED) for each in seen.refunds.values())
    awaited = seen.live_links or any(each.place is PaymentPlace.CLAIMED for each in seen.payments.values())
    disputed = any(each.status is DisputeStatus.OPEN for each in seen.disputes.values())
    expect(bool(owed or awaited or disputed), INVARIANT, message)


def _check_refund_refused(request: RefundRequest | None, error: Exception, seen: Order | None, message: str) -> None:
    """A refund is refused where nothing or less is left, where the payer disputes, or where nothing was paid."""
    if seen is None or request is None:
        return
    paid = [payment for payment in seen.payments.values() if payment.place is PaymentPlace.SETTLED]
    disputed = {each.payment_id for each in seen.disputes.values() if each.status is DisputeStatus.OPEN}
    open_refunds = [each for each in seen.refunds.values() if each.status in (RefundStatus.DUE, RefundStatus.REFUSED)]
    left = sum(payment.amount - payment.returned for payment in paid) - sum(
        refund.amount for refund in open_refunds if refund.payment_id in {payment.payment_id for payment in paid}
    )
    match error:
        case RefundExceedsPayment():
            enough = (request.amount or 1) <= left
            correct = seen.status is PaymentStatus.PAID and error.left == max(0, left)
            expect(correct and not enough, INVARIANT, f"{left} is left, and {message}")
        case IdempotencyKeyReused():
            known = seen.refunds.get(request.refund_id)
            expect(known is not None and known.fingerprint != request.fingerprint, INVARIANT, message)
        case RefundDisputed():
            expect(bool(disputed & {payment.payment_id for payment in paid}), INVARIANT, message)
        case TooManyRefunds():
            requested = [refund for refund in seen.refunds.values() if refund.fingerprint is not None]
            expect(len(requested) >= MOST_REQUESTED_REFUNDS, INVARIANT, message)
        case OrderNotPaid():
            expect(seen.status is not PaymentStatus.PAID, INVARIANT, message)


def _has_another_link(process: Process, seen: Order | None) -> bool:
    """Whether the process came by a payment link that is not the order's, or not any more."""
    return process.link_id is not None and seen is not None and seen.link_id != process.link_id


def _is_handed_over(seen: Order | None) -> bool:
    """Whether the order is not the buyer's any more who acts here."""
    return seen is not None and seen.buyer_id == NEXT_BUYER


def _check_terms(node: Node, error: Exception, seen: Order | None, message: str) -> None:
    """The payment terms refuse a payment only of an order that has them."""
    now = NOON + timedelta(seconds=node.clock_time + node.skew)
    pending = seen is not None and seen.status is PaymentStatus.PENDING_PAYMENT
    late = seen is not None and seen.pay_by is not None and seen.pay_by <= now
    expect((pending and late) or not isinstance(error, PayByPassed), INVARIANT, message)
    withheld = pending and seen is not None and not seen.payable
    expect(withheld or not isinstance(error, OrderNotPayable), INVARIANT, message)


def _would_stop(node: Node, seen: Order) -> bool:
    """Whether a stop of a payment would release this order: from its own attempt, or from an overdue one."""
    return seen.held_by(node.process.attempt_id or "") or _is_overdue(node, seen)


def _is_overdue(node: Node, seen: Order) -> bool:
    now = NOON + timedelta(seconds=node.clock_time + node.skew)
    return seen.due_at is not None and seen.due_at <= now


def _operates(process: Process) -> bool:
    """Whether an operator runs it, whom the state of the review or refund may refuse."""
    return bool(process.decision or process.rechecked_attempt_id or process.refund_id)


def _declares_another_sum(process: Process, seen: Order | None) -> bool:
    return "settle_manually" in process.writes and seen is not None and seen.total != CASH.amount


def _attempt_named_by(process: Process) -> str:
    decided = process.decision.attempt_id if process.decision else None
    return process.attempt_id or decided or process.rechecked_attempt_id or ""


def check_not_found(node: Node, error: Exception) -> None:
    """What is answered as not found does not exist; only a refund that exists and is not made is written off."""
    seen = last_order(node)
    process = node.process
    message = f"{process.name} got {error!r}, and read {summary_of(seen)}"
    if not process.authorised:
        return
    named = _attempt_named_by(process)
    absent = bool(named) and (seen is None or not _is_known(process, seen, named))
    expect(absent or not isinstance(error, AttemptNotFound), INVARIANT, message)
    if process.refund_id is None:
        return
    refund = seen.refunds.get(process.refund_id) if seen else None
    made = refund is not None and refund.status is RefundStatus.REFUNDED
    is_being_made = last_seen(node, RefundState) is RefundState.PENDING
    expect(made or is_being_made or not isinstance(error, InvalidRequest), INVARIANT, message)
    expect(refund is None or not isinstance(error, RefundNotFound), INVARIANT, message)


def _is_known(process: Process, seen: Order, attempt_id: str) -> bool:
    """Whether the order had this attempt; a process that shows it or asks about it needs more of it than its id."""
    by_id = process.cancels_payment or process.releases_by_force or process.decision is not None
    evicted = by_id and attempt_id in seen.evicted_attempt_ids
    return evicted or _attempt_in(seen, attempt_id) is not None


def _check_lock_error(node: Node, error: OrderLocked, seen: Order | None, message: str) -> None:
    attempt = seen.attempt if seen else None
    timed = seen is not None and seen.status is PaymentStatus.IN_PAYMENT
    timed = timed and attempt is not None and attempt.status is not AttemptStatus.PROCESSING
    expected = attempt and (attempt.attempt_id, attempt.deadline if timed else None)
    expect((error.attempt_id, error.until) == expected, INVARIANT, message)
    due = seen is not None and _is_overdue(node, seen)
    expect(error.overdue == due, INVARIANT, f"overdue: {error.overdue}, and {message}")
    # A lock that came while this process acted, by a first try that arrived late, may be overdue at once.
    first = first_order(node)
    found = first is not None and first.held_by(error.attempt_id)
    touches = node.process.pays or node.process.cancels_payment
    left = error.overdue and found and touches and not _has_just_asked(node)
    expect(not left, "I5 no lock outlives its purpose", f"an overdue lock was left, and {message}")


def _has_just_asked(node: Node) -> bool:
    """Whether its last write postponed the release; suspended since planning it, it may find the lock overdue."""
    return isinstance(node.seen, Applied) and node.seen.order.last_event.type == EventType.RELEASE_PENDING


def _check_key_refused(node: Node, error: Exception, seen: Order | None, message: str) -> None:
    """A key used for another request, or for a payment that was evicted, gets its own error."""
    attempt_id = node.process.attempt_id or ""
    known = _attempt_in(seen, attempt_id) if seen else None
    other = known is not None and known.fingerprint != node.process.fingerprint
    reused = other or (seen is not None and attempt_id in seen.evicted_attempt_ids)
    expect(reused == isinstance(error, IdempotencyKeyReused), INVARIANT, message)


def _revision_asked_of(node: Node) -> int | None:
    """The revision that the process named; the seller names the one that they read."""
    read = first_read(node)
    return read.revision if node.process.edits_as_read and read else node.process.revision


def _check_undecided(node: Node, decision: ReviewDecision, seen: Order, refusal: tuple[Exception, str]) -> None:
    """A refused decision is not applied; it is contended only where the order changed after it was read."""
    (error, message), read = refusal, first_read(node)
    expect(not is_decided(decision, seen), INVARIANT, f"it stands, and {message}")
    if isinstance(error, OrderContended):
        expect(_is_decidable(decision, read), INVARIANT, f"it was never under review, and {message}")
        expect(read is not None and read.version != seen.version, INVARIANT, f"nothing changed, and {message}")
    else:
        expect(not _is_decidable(decision, seen), INVARIANT, message)
    other = is_decided(replace(decision, settles=not decision.settles), seen)
    expect(other == isinstance(error, DecidedOtherwise), INVARIANT, message)


def is_decided(decision: ReviewDecision, order: Order) -> bool:
    """Whether the order already is as this operator's decision makes it."""
    attempt_id = decision.attempt_id
    if not decision.settles:
        reasons = [refund.reason for refund in order.refunds.values() if refund.attempt_id == attempt_id]
        return "given back after review" in reasons or _went_back_before(order, attempt_id)
    return order.status is PaymentStatus.PAID and order.held_by(attempt_id) and not _is_exact(order.attempt)


def _went_back_before(order: Order, attempt_id: str) -> bool:
    """The money was returned before a decision, and the order was unlocked with it."""
    late = order.past_attempts.get(attempt_id)
    back = [payment.place is PaymentPlace.RETURNED for payment in order.payments.values()]
    return late is not None and late.status is AttemptStatus.REFUNDED and any(back)


def _attempt_in(order: Order, attempt_id: str) -> Attempt | PastAttempt | None:
    return order.attempt if order.held_by(attempt_id) else order.past_attempts.get(attempt_id)


def _is_exact(attempt: Attempt | None) -> bool:
    captured = attempt.captured if attempt else None
    return (
        captured is None
        or attempt is None
        or (captured.amount, captured.currency, captured.returned) == (attempt.amount, attempt.currency, 0)
    )


def _is_decidable(decision: ReviewDecision, order: Order | None) -> bool:
    return order is not None and order.status is PaymentStatus.REVIEW and order.held_by(decision.attempt_id)
