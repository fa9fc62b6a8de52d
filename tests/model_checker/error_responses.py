"""I7: the reason that a refusal names is true of the order that refused."""

from datetime import timedelta

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
    OrderPaid,
    OutcomeUnknown,
    RefundNotFound,
    Refused,
    RevisionMismatch,
    Transient,
)
from paylatch.domain.order import LOCKED, Order, PaymentStatus
from paylatch.domain.payment import Attempt, AttemptStatus, PastAttempt, PaymentPlace, RefundStatus
from tests.invariants import expect
from tests.model_checker.actors import FIRST_ATTEMPT, FIRST_REFUND, SECOND_ATTEMPT
from tests.model_checker.process_history import consecutive_refusals, first_order, first_read, last_order
from tests.model_checker.process_tree import Node
from tests.model_checker.processes import STOPS
from tests.model_checker.reading_answers import is_absent
from tests.model_checker.scripted_ports import NOON
from tests.model_checker.spec_limits import TRIES
from tests.model_checker.transition_invariants import summary_of

# The order's state that each refusal demands.
_REASONS = {
    OrderLocked: LOCKED,
    OrderPaid: frozenset({PaymentStatus.PAID}),
    OrderCancelled: frozenset({PaymentStatus.CANCELLED}),
}
# The attempt that an operator decides about, and whether the decision settles the order.
DECISIONS = {
    "operator-settles": (FIRST_ATTEMPT, True),
    "operator-settles-other": (SECOND_ATTEMPT, True),
    "operator-refunds": (FIRST_ATTEMPT, False),
}
INVARIANT = "I7 truthful answers"


def check_refusal(node: Node, error: Exception) -> None:
    """The reason of a refusal is true of the order that refused."""
    name, seen = node.process.name, last_order(node)
    message = f"{name} got {error!r}, and read {summary_of(seen)}"
    reasons = _REASONS.get(type(error))
    expect(reasons is None or (seen is not None and seen.status in reasons), INVARIANT, message)
    denied = isinstance(error, (OrderNotFound, NotAllowed)) and not is_absent(node, error)
    expect(not node.process.authorised or not denied, INVARIANT, message)
    operates = name in ("recheck", "operator-writes-off") or name in DECISIONS
    expect(operates or not isinstance(error, InvalidRequest), INVARIANT, message)
    if name in DECISIONS and seen is not None:
        _check_undecided(node, error, seen, message)
    if isinstance(error, OrderLocked):
        _check_lock_error(node, error, seen, message)
    if "lock" in node.process.writes:
        _check_key_refused(node, error, seen, message)
    if isinstance(error, OrderContended):
        tries = consecutive_refusals(node)
        expect(name in DECISIONS or tries >= TRIES, INVARIANT, f"contended after {tries} tries, and {message}")
    if isinstance(error, RevisionMismatch):
        asked = _revision_asked_of(node)
        other = seen is not None and asked is not None and seen.revision == error.current != asked
        free = seen is not None and seen.status is PaymentStatus.PENDING_PAYMENT
        free = free or (name in STOPS and seen is not None and seen.held_by(node.process.attempt_id or ""))
        expect(other and free, INVARIANT, message)
    if isinstance(error, (Transient, OutcomeUnknown, Misconfigured)) and "lock" in node.process.writes:
        given_up = seen is not None and node.process.attempt_id in seen.past_attempts
        expect(not given_up, "I1 one attempt at a time", f"{message}: not known whether it is open, and cancelled")
    if isinstance(error, Refused) and node.process.attempt_id is not None:
        locked = seen is not None and seen.status is PaymentStatus.IN_PAYMENT
        held = seen.attempt if locked and seen is not None and seen.held_by(node.process.attempt_id) else None
        kept = held is not None and held.status is AttemptStatus.OPENING
        expect(
            not kept, "I5 no lock outlives its purpose", f"{name} was refused permanently, and left the order locked"
        )


def check_not_found(node: Node, error: Exception) -> None:
    """What is answered as not found does not exist; only a refund that exists and has not succeeded is written off."""
    seen = last_order(node)
    message = f"{node.process.name} got {error!r}, and read {summary_of(seen)}"
    if not node.process.authorised:
        return
    decided, _ = DECISIONS.get(node.process.name, (FIRST_ATTEMPT, False))
    attempt = _attempt_in(seen, node.process.attempt_id or decided) if seen else None
    expect(attempt is None or not isinstance(error, AttemptNotFound), INVARIANT, message)
    if node.process.name != "operator-writes-off":
        return
    refund = seen.refunds.get(FIRST_REFUND) if seen else None
    made = refund is not None and refund.status is RefundStatus.REFUNDED
    expect(made or not isinstance(error, InvalidRequest), INVARIANT, message)
    expect(refund is None or not isinstance(error, RefundNotFound), INVARIANT, message)


def _check_lock_error(node: Node, error: OrderLocked, seen: Order | None, message: str) -> None:
    attempt = seen.attempt if seen else None
    timed = seen is not None and seen.status is PaymentStatus.IN_PAYMENT
    expected = attempt and (attempt.attempt_id, attempt.deadline if timed else None)
    expect((error.attempt_id, error.until) == expected, INVARIANT, message)
    now = NOON + timedelta(seconds=node.clock_time + node.skew)
    due = seen is not None and seen.due_at is not None and seen.due_at <= now
    expect(error.overdue == due, INVARIANT, f"overdue: {error.overdue}, and {message}")
    # A lock that came while this process acted, by a first try that arrived late, may be overdue at once.
    first = first_order(node)
    found = first is not None and first.held_by(error.attempt_id)
    left = error.overdue and found and node.process.name.startswith(("pay", "cancel-payment", "cancel-other", "stop-"))
    expect(not left, "I5 no lock outlives its purpose", f"an overdue lock was left, and {message}")


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
    return read.revision if node.process.name == "edit-seller" and read else node.process.revision


def _check_undecided(node: Node, error: Exception, seen: Order, message: str) -> None:
    """A refused decision is not applied; it is contended only where the order changed after it was read."""
    name, read = node.process.name, first_read(node)
    expect(not is_decided(name, seen), INVARIANT, f"it stands, and {message}")
    if isinstance(error, OrderContended):
        expect(_is_decidable(name, read), INVARIANT, f"it was never under review, and {message}")
        expect(read is not None and read.version != seen.version, INVARIANT, f"nothing changed, and {message}")
    else:
        expect(not _is_decidable(name, seen), INVARIANT, message)


def is_decided(name: str, order: Order) -> bool:
    """Whether the order already is as this operator's decision makes it."""
    attempt_id, settles = DECISIONS[name]
    if not settles:
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


def _is_decidable(name: str, order: Order | None) -> bool:
    return order is not None and order.status is PaymentStatus.REVIEW and order.held_by(DECISIONS[name][0])
