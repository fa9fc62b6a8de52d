"""I7: a refusal names the reason that is so, in the order as it refused."""

from collections.abc import Callable

from paylatch.domain.errors import (
    IdempotencyKeyReused,
    InvalidRequest,
    NotAllowed,
    OrderCancelled,
    OrderContended,
    OrderLocked,
    OrderNotFound,
    OrderPaid,
    Refused,
    RevisionMismatch,
)
from paylatch.domain.order import LOCKED, Order, PaymentStatus
from paylatch.domain.payment import Attempt, AttemptStatus, SupersededAttempt
from tests.explorer.hindsight import first_order, last_order
from tests.explorer.nodes import Node
from tests.explorer.people import FIRST
from tests.explorer.promises import expect
from tests.explorer.strangers import STRANGERS

# What the order is when a caller is refused so.
_REASONS = {
    OrderLocked: LOCKED,
    OrderPaid: frozenset({PaymentStatus.PAID}),
    OrderCancelled: frozenset({PaymentStatus.CANCELLED}),
}
# What the order is when an operator decided so.
DECISIONS: dict[str, Callable[[Order], bool]] = {
    "operator-settles": lambda order: (
        order.status is PaymentStatus.PAID and order.held_by(FIRST) and not _is_exact(order.attempt)
    ),
    "operator-refunds": lambda order: (
        FIRST in order.superseded and any(refund.attempt_id == FIRST for refund in order.refunds.values())
    ),
}
PROMISE = "I7 truthful answers"


def check_refusal(node: Node, error: Exception) -> None:
    """The reason that a caller is given is so, in the order as it refused."""
    name, seen = node.process.name, last_order(node)
    told = f"{name} was told {error!r}, and saw {seen}"
    reasons = _REASONS.get(type(error))
    expect(reasons is None or (seen is not None and seen.status in reasons), PROMISE, told)
    expect(name in STRANGERS or not isinstance(error, (OrderNotFound, NotAllowed)), PROMISE, told)
    operates = name == "recheck" or name.startswith("operator-")
    expect(operates or not isinstance(error, InvalidRequest), PROMISE, told)
    if name in DECISIONS and seen is not None:
        expect(not _is_decidable(seen) and not DECISIONS[name](seen), PROMISE, told)
        raced = isinstance(error, OrderContended)
        expect(_is_decidable(first_order(node)) or not raced, PROMISE, f"it was never under review, and {told}")
    if isinstance(error, OrderLocked):
        _check_lock_told(error, seen, told)
    if "lock" in node.process.writes:
        _check_key_refused(node, error, seen, told)
    expect(operates or not isinstance(error, OrderContended), PROMISE, f"there is a reason, and {told}")
    if isinstance(error, RevisionMismatch):
        other = seen is not None and seen.revision == error.current != node.process.revision
        free = seen is not None and seen.status is PaymentStatus.PENDING_PAYMENT
        expect(other and free, PROMISE, told)
    if isinstance(error, Refused) and node.process.attempt_id is not None:
        locked = seen is not None and seen.status is PaymentStatus.IN_PAYMENT
        held = seen.attempt if locked and seen is not None and seen.held_by(node.process.attempt_id) else None
        kept = held is not None and held.status is AttemptStatus.OPENING
        expect(not kept, "I5 no lock outlives its purpose", f"{name} was refused for good, and left the order locked")


def _check_lock_told(error: OrderLocked, seen: Order | None, told: str) -> None:
    attempt = seen.attempt if seen else None
    timed = seen is not None and seen.status is PaymentStatus.IN_PAYMENT
    agreed = attempt and (attempt.attempt_id, attempt.deadline if timed else None)
    expect((error.attempt_id, error.until) == agreed, PROMISE, told)


def _check_key_refused(node: Node, error: Exception, seen: Order | None, told: str) -> None:
    """A key that came with another request, or so long ago that its payment is forgotten, is told of as such."""
    attempt_id = node.process.attempt_id or ""
    known = _attempt_in(seen, attempt_id) if seen else None
    other = known is not None and known.fingerprint != node.process.fingerprint
    reused = other or (seen is not None and attempt_id in seen.forgotten)
    expect(reused == isinstance(error, IdempotencyKeyReused), PROMISE, told)


def _attempt_in(order: Order, attempt_id: str) -> Attempt | SupersededAttempt | None:
    return order.attempt if order.held_by(attempt_id) else order.superseded.get(attempt_id)


def _is_exact(attempt: Attempt | None) -> bool:
    captured = attempt.captured if attempt else None
    return (
        captured is None
        or attempt is None
        or (captured.amount, captured.currency) == (attempt.amount, attempt.currency)
    )


def _is_decidable(order: Order | None) -> bool:
    return order is not None and order.status is PaymentStatus.REVIEW and order.held_by(FIRST)
