"""Conditions as data: read by Python, and translated to a DynamoDB condition, from the same value.

A guard is a conjunction of clauses; a clause is a disjunction of comparisons and is named by a sentence.
"""

from collections.abc import Collection, Mapping
from dataclasses import dataclass
from enum import StrEnum
from typing import Any

from paylatch.domain.caller import Caller, Role
from paylatch.domain.payment import AttemptStatus, RefundStatus

Path = tuple[str, ...]
Document = Mapping[str, Any]


class Operator(StrEnum):
    """The comparisons that both interpreters know."""

    EQUALS = "equals"
    EXISTS = "exists"
    MISSING = "missing"


@dataclass(frozen=True, slots=True)
class Comparison:
    """One test of one attribute."""

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


@dataclass(frozen=True, slots=True)
class Clause:
    """A named condition that holds when any of its comparisons does."""

    sentence: str
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


def _equal(sentence: str, path: Path, *values: str | int) -> Clause:
    return Clause(sentence, tuple(Comparison(path, Operator.EQUALS, value) for value in values))


def no_such_order() -> Clause:
    return Clause("there is no such order", (Comparison(("version",), Operator.MISSING),))


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
    return _equal("this attempt holds it", ("attempt_id",), attempt_id)


def attempt_stands_at(status: AttemptStatus) -> Clause:
    return _equal(f"the attempt is {status}", ("attempt_status",), status.value)


def attempt_is_new(attempt_id: str) -> Clause:
    return Clause(
        "this attempt was never made before",
        (Comparison(("superseded", attempt_id), Operator.MISSING),),
    )


def attempt_is_not_forgotten(attempt_id: str) -> Clause:
    return Clause("nor forgotten since", (Comparison(("forgotten", attempt_id), Operator.MISSING),))


def gateway_is(gateway: str) -> Clause:
    return _equal("the attempt is at this gateway", ("attempt_gateway",), gateway)


def amount_is(amount: int) -> Clause:
    return _equal("the amount is the attempt's", ("attempt_amount",), amount)


def currency_is(currency: str) -> Clause:
    return _equal("the currency is the attempt's", ("attempt_currency",), currency)


def payment_is_unrecorded(payment_id: str) -> Clause:
    return Clause(
        "this payment has no place yet",
        (Comparison(("refunds", payment_id), Operator.MISSING),),
    )


def refund_is_due(payment_id: str) -> Clause:
    return _equal("this refund is due", ("refunds", payment_id, "status"), RefundStatus.DUE.value)


def refund_is_recorded(payment_id: str) -> Clause:
    return Clause("this refund is recorded", (Comparison(("refunds", payment_id), Operator.EXISTS),))
