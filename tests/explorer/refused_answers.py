"""I7: a refusal names the reason that is so, in the order as it refused."""

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
from paylatch.domain.payment import Attempt, AttemptStatus, PaymentPlace, RefundStatus, SupersededAttempt
from tests.explorer.agreed_limits import TRIES
from tests.explorer.hindsight import first_read, last_order, tries_of
from tests.explorer.nodes import Node
from tests.explorer.people import FIRST, FIRST_REFUND, SECOND
from tests.explorer.promises import expect, in_short
from tests.explorer.reading_answers import is_absent
from tests.explorer.strangers import STRANGERS

# What the order is when a caller is refused so.
_REASONS = {
    OrderLocked: LOCKED,
    OrderPaid: frozenset({PaymentStatus.PAID}),
    OrderCancelled: frozenset({PaymentStatus.CANCELLED}),
}
# Of whose payment an operator decides, and whether they take it for the order's.
DECISIONS = {
    "operator-settles": (FIRST, True),
    "operator-settles-other": (SECOND, True),
    "operator-refunds": (FIRST, False),
}
PROMISE = "I7 truthful answers"


def check_refusal(node: Node, error: Exception) -> None:
    """The reason that a caller is given is so, in the order as it refused."""
    name, seen = node.process.name, last_order(node)
    told = f"{name} was told {error!r}, and saw {in_short(seen)}"
    reasons = _REASONS.get(type(error))
    expect(reasons is None or (seen is not None and seen.status in reasons), PROMISE, told)
    denied = isinstance(error, (OrderNotFound, NotAllowed)) and not is_absent(node, error)
    expect(name in STRANGERS or not denied, PROMISE, told)
    operates = name in ("recheck", "operator-writes-off") or name in DECISIONS
    expect(operates or not isinstance(error, InvalidRequest), PROMISE, told)
    if name in DECISIONS and seen is not None:
        _check_undecided(node, error, seen, told)
    if isinstance(error, OrderLocked):
        _check_lock_told(error, seen, told)
    if "lock" in node.process.writes:
        _check_key_refused(node, error, seen, told)
    if isinstance(error, OrderContended):
        tries = tries_of(node)
        expect(name in DECISIONS or tries >= TRIES, PROMISE, f"it gave up after {tries} tries, and {told}")
    if isinstance(error, RevisionMismatch):
        asked = _revision_asked_of(node)
        other = seen is not None and asked is not None and seen.revision == error.current != asked
        free = seen is not None and seen.status is PaymentStatus.PENDING_PAYMENT
        expect(other and free, PROMISE, told)
    if isinstance(error, (Transient, OutcomeUnknown, Misconfigured)) and "lock" in node.process.writes:
        given_up = "release" in node.applied
        expect(not given_up, "I1 one attempt at a time", f"{told}: not known whether it is open, and given up")
    if isinstance(error, Refused) and node.process.attempt_id is not None:
        locked = seen is not None and seen.status is PaymentStatus.IN_PAYMENT
        held = seen.attempt if locked and seen is not None and seen.held_by(node.process.attempt_id) else None
        kept = held is not None and held.status is AttemptStatus.OPENING
        expect(not kept, "I5 no lock outlives its purpose", f"{name} was refused for good, and left the order locked")


def check_not_found(node: Node, error: Exception) -> None:
    """What is not found is not there; only a refund that there is, and that is not made, can be given up."""
    seen = last_order(node)
    told = f"{node.process.name} was told {error!r}, and saw {in_short(seen)}"
    if node.process.name in STRANGERS:
        return
    decided, _ = DECISIONS.get(node.process.name, (FIRST, False))
    attempt = _attempt_in(seen, node.process.attempt_id or decided) if seen else None
    expect(attempt is None or not isinstance(error, AttemptNotFound), PROMISE, told)
    if node.process.name != "operator-writes-off":
        return
    refund = seen.refunds.get(FIRST_REFUND) if seen else None
    made = refund is not None and refund.status is RefundStatus.REFUNDED
    expect(made or not isinstance(error, InvalidRequest), PROMISE, told)
    expect(refund is None or not isinstance(error, RefundNotFound), PROMISE, told)


def _check_lock_told(error: OrderLocked, seen: Order | None, told: str) -> None:
    attempt = seen.attempt if seen else None
    timed = seen is not None and seen.status is PaymentStatus.IN_PAYMENT
    agreed = attempt and (attempt.attempt_id, attempt.deadline if timed else None)
    expect((error.attempt_id, error.until) == agreed, PROMISE, told)


def _check_key_refused(node: Node, error: Exception, seen: Order | None, told: str) -> None:
    """A key that came with another request, or so long ago that its payment was evicted, is told of as such."""
    attempt_id = node.process.attempt_id or ""
    known = _attempt_in(seen, attempt_id) if seen else None
    other = known is not None and known.fingerprint != node.process.fingerprint
    reused = other or (seen is not None and attempt_id in seen.evicted_attempt_ids)
    expect(reused == isinstance(error, IdempotencyKeyReused), PROMISE, told)


def _revision_asked_of(node: Node) -> int | None:
    """The revision that the process named; the seller names the one that they read."""
    read = first_read(node)
    return read.revision if node.process.name == "edit-seller" and read else node.process.revision


def _check_undecided(node: Node, error: Exception, seen: Order, told: str) -> None:
    """Whose decision is refused has not decided; only what changed after it was read may be looked at again."""
    name, read = node.process.name, first_read(node)
    expect(not is_decided(name, seen), PROMISE, f"it stands, and {told}")
    if isinstance(error, OrderContended):
        expect(_is_decidable(name, read), PROMISE, f"it was never under review, and {told}")
        expect(read is not None and read.version != seen.version, PROMISE, f"nothing changed, and {told}")
    else:
        expect(not _is_decidable(name, seen), PROMISE, told)


def is_decided(name: str, order: Order) -> bool:
    """Whether the order is as this operator wants to have it."""
    attempt_id, settles = DECISIONS[name]
    if not settles:
        reasons = [refund.reason for refund in order.refunds.values() if refund.attempt_id == attempt_id]
        return "given back after review" in reasons or _went_back_before(order, attempt_id)
    return order.status is PaymentStatus.PAID and order.held_by(attempt_id) and not _is_exact(order.attempt)


def _went_back_before(order: Order, attempt_id: str) -> bool:
    """The money was back before anybody decided, and the order was given back with it."""
    late = order.past_attempts.get(attempt_id)
    back = [payment.place is PaymentPlace.RETURNED for payment in order.payments.values()]
    return late is not None and late.status is AttemptStatus.REFUNDED and any(back)


def _attempt_in(order: Order, attempt_id: str) -> Attempt | SupersededAttempt | None:
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
