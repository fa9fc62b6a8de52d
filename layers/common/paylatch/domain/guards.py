"""Conditions as data: read by Python, and translated to a DynamoDB condition, from the same value.

A guard is a conjunction of clauses; a clause is a disjunction of comparisons and is named by a sentence.
"""

from collections.abc import Collection, Mapping, Set
from enum import StrEnum
from typing import Any

from paylatch.domain.caller import Caller, Role
from paylatch.domain.frozen_dataclass import dataclass
from paylatch.domain.ids import attempt_suffix
from paylatch.domain.payment import AttemptStatus, DisputeStatus, PaymentPlace, RefundStatus
from paylatch.domain.stored_fields import STORAGE_FORMAT

Path = tuple[str, ...]
Document = Mapping[str, Any]


class Operator(StrEnum):
    """The comparisons that both interpreters know."""

    EQUALS = "equals"
    EXISTS = "exists"
    MISSING = "missing"
    LESS_THAN = "less_than"
    LACKS = "lacks"


@dataclass(frozen=True, slots=True)
class Comparison:
    """One test of one attribute; `LESS_THAN` compares whole numbers, `LACKS` looks into a set of texts."""

    path: Path
    operator: Operator
    value: str | int = ""

    def holds(self, document: Document) -> bool:
        """Whether the attribute of this document passes; a missing one equals nothing."""
        found = look_up(document, self.path)
        match self.operator:
            case Operator.EQUALS:
                return bool(found == self.value)
            case Operator.EXISTS:
                return found is not None
            case Operator.MISSING:
                return found is None
            case Operator.LESS_THAN:
                return isinstance(found, int) and isinstance(self.value, int) and found < self.value
            case Operator.LACKS:
                return not isinstance(found, Set) or self.value not in found


@dataclass(frozen=True, slots=True)
class Clause:
    """A named condition that holds when any of its comparisons does."""

    description: str
    any_of: tuple[Comparison, ...]

    def holds(self, document: Document) -> bool:
        """Whether this document satisfies the clause."""
        return any(comparison.holds(document) for comparison in self.any_of)


Guard = tuple[Clause, ...]


def broken_clauses(guard: Guard, document: Document) -> tuple[Clause, ...]:
    """The clauses that this document does not satisfy; none when the guard holds."""
    return tuple(clause for clause in guard if not clause.holds(document))


def look_up(document: Document, path: Path) -> Any:
    """The value at a path, or None where any step of it is missing."""
    value: Any = document
    for step in path:
        if not isinstance(value, Mapping) or step not in value:
            return None
        value = value[step]
    return value


def _equal(description: str, path: Path, *values: str | int) -> Clause:
    return Clause(description, tuple(Comparison(path, Operator.EQUALS, value) for value in values))


def past_attempt_path(attempt_id: str) -> Path:
    """Where a head keeps an attempt that does not hold it any more."""
    return ("past_attempts", attempt_suffix(attempt_id))


def no_such_order() -> Clause:
    return Clause("there is no such order", (Comparison(("version",), Operator.MISSING),))


def format_is_known() -> Clause:
    return _equal(f"its storage format is {STORAGE_FORMAT}", ("format",), STORAGE_FORMAT)


def status_is_one_of(statuses: Collection[str]) -> Clause:
    names = sorted(str(status) for status in statuses)
    return _equal(f"the order is {' or '.join(names)}", ("payment_status",), *names)


def order_exists() -> Clause:
    return Clause("the order exists", (Comparison(("version",), Operator.EXISTS),))


def caller_owns_it(caller: Caller) -> Clause:
    if Role.SERVICE in caller.roles:
        return order_exists()
    owners = [
        Comparison((f"{role}_id",), Operator.EQUALS, caller.subject)
        for role in (Role.BUYER, Role.SELLER)
        if role in caller.roles
    ]
    # A clause must compare something. An order without a version does not exist: an operator owns none.
    return Clause("the caller owns it", tuple(owners) or (Comparison(("version",), Operator.MISSING),))


def revision_is(revision: int) -> Clause:
    return _equal(f"it is at revision {revision}", ("revision",), revision)


def version_is(version: int) -> Clause:
    return _equal("nothing happened since it was read", ("version",), version)


def attempt_is(attempt_id: str) -> Clause:
    return _equal("this attempt holds it", ("attempt", "id"), attempt_id)


def attempt_stands_at(status: AttemptStatus) -> Clause:
    return _equal(f"the attempt is {status}", ("attempt", "status"), status.value)


def attempt_is_new(attempt_id: str) -> Clause:
    return Clause(
        "this attempt was never made before",
        (Comparison(past_attempt_path(attempt_id), Operator.MISSING),),
    )


def attempt_was_not_evicted(attempt_id: str) -> Clause:
    lacks = Comparison(("evicted_attempts",), Operator.LACKS, attempt_suffix(attempt_id))
    return Clause("nor long ago", (lacks,))


def gateway_is(gateway: str) -> Clause:
    return _equal("the attempt is at this gateway", ("attempt", "gateway"), gateway)


def amount_is(amount: int) -> Clause:
    return _equal("the amount is the order's", ("total",), amount)


def currency_is(currency: str) -> Clause:
    return _equal("the currency is the order's", ("currency",), currency)


def attempts_made_below(most: int) -> Clause:
    return Clause(f"it has had fewer than {most} attempts", (Comparison(("attempts_made",), Operator.LESS_THAN, most),))


def payment_is_unknown(payment_id: str) -> Clause:
    return Clause("this payment is not known yet", (Comparison(("payments", payment_id), Operator.MISSING),))


def payment_has_no_place(payment_id: str) -> Clause:
    path = ("payments", payment_id)
    claimed = Comparison((*path, "place"), Operator.EQUALS, PaymentPlace.CLAIMED.value)
    return Clause("this payment has no place yet", (Comparison(path, Operator.MISSING), claimed))


def less_was_returned(payment_id: str, total: int) -> Clause:
    less = Comparison(("payments", payment_id, "returned"), Operator.LESS_THAN, total)
    return Clause("less of this payment was returned so far", (less,))


def refund_is_one_of(refund_id: str, statuses: Collection[RefundStatus]) -> Clause:
    names = sorted(status.value for status in statuses)
    return _equal(f"this refund is {' or '.join(names)}", ("refunds", refund_id, "status"), *names)


def dispute_is_new(dispute_id: str) -> Clause:
    return Clause("this dispute is not known yet", (Comparison(("disputes", dispute_id), Operator.MISSING),))


def dispute_is_not_closed(dispute_id: str) -> Clause:
    path = ("disputes", dispute_id)
    is_open = Comparison((*path, "status"), Operator.EQUALS, DisputeStatus.OPEN.value)
    return Clause("this dispute is not closed yet", (Comparison(path, Operator.MISSING), is_open))
