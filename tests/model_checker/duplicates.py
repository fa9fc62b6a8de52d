"""I7 and I8 for a write whose first try is delayed: the SDK's retry is answered, and the first try arrives later.

It may arrive at any later moment: after other processes acted, and after the process that sent it has ended. It is
applied if its guard holds then.
"""

from collections.abc import Iterator
from enum import Enum

from paylatch.domain import clauses
from paylatch.domain.errors import (
    Misconfigured,
    OrderContended,
    OutcomeUnknown,
    PaylatchError,
    StoreUnavailable,
    Transient,
)
from paylatch.domain.guards import Clause
from paylatch.domain.order import Order
from paylatch.domain.payment import AttemptStatus
from paylatch.domain.transitions import Transition
from paylatch.ports import Applied, Rejected
from tests.invariants import expect
from tests.model_checker.process import Process

# After these a caller does not know whether the request took effect, or has to repeat it.
_NOT_KNOWN = (Misconfigured, OrderContended, OutcomeUnknown, StoreUnavailable, Transient)
# A lock is written without a read. A caller whose lock was refused may find it applied: like any attempt that stays
# `opening`, it is closed after two minutes.
_HARMLESS = frozenset({"lock"})


class Duplicate(Enum):
    """The knowledge of a call whose first try is in transit: its retry's answer, and what the caller knows."""

    APPLIED = "the retry was applied"
    REFUSED = "the retry was refused"
    DENIED = "the retry and the caller were refused"


def known_of(response: object) -> Duplicate:
    """How the retry was answered."""
    return Duplicate.APPLIED if isinstance(response, Applied) else Duplicate.REFUSED


def is_denial(error: Exception | None) -> bool:
    """Whether this answer says that nothing was written."""
    return isinstance(error, PaylatchError) and not isinstance(error, _NOT_KNOWN)


def can_hold_later(transition: Transition, response: object) -> bool:
    """Whether the first try may hold later, now that the retry was answered: some clauses never hold once they failed.

    That they do not is an invariant of its own: a version only grows, an attempt never holds twice and does not go
    back, and a payment keeps its place.
    """
    order = response.order if isinstance(response, (Applied, Rejected)) else None
    # Refused at its own version, it is refused until the version changes.
    return order is not None and may_hold(transition, order, order.version + 1)


def may_hold(transition: Transition, order: Order, least_version: int) -> bool:
    """Whether the transition may hold, now or later, of an order that will be at that version or beyond."""
    failed = _failed_for_ever(transition, order, least_version)
    return not any(clause in transition.guard for clause in failed)


def _failed_for_ever(transition: Transition, order: Order, least_version: int) -> Iterator[Clause]:
    yield clauses.NO_SUCH_ORDER.clause({})
    yield from (clauses.VERSION_CHECK.clause({"version": version}) for version in range(1, least_version))
    attempt_id = transition.event.attempt_id or ""
    holder = order.attempt if order.held_by(attempt_id) else None
    if holder is not None or attempt_id in order.past_attempts:
        yield clauses.ATTEMPT_IS_NOT_PAST.clause({"attempt_id": attempt_id})
    if holder is not None and holder.status is not AttemptStatus.OPENING:
        yield clauses.attempt_status_is(AttemptStatus.OPENING).clause({})
    yield from (
        clauses.PAYMENT_HAS_NO_PLACE.clause({"payment_id": each}) for each in order.payments if order.records(each)
    )


def check_arrival(process: Process, known: Duplicate, applied: str) -> None:
    """A first try that arrives late does not contradict its caller's answer. Raises `InvariantViolated`."""
    twice = known is Duplicate.APPLIED
    expect(not twice, "I8 every change leaves one event", f"{process.name} made {applied} twice, by one request")
    contradicted = known is Duplicate.DENIED and applied in process.writes - _HARMLESS
    expect(not contradicted, "I7 truthful answers", f"{process.name} was refused, and {applied} was made afterwards")
