"""Conditions as data: read by Python, and translated to a DynamoDB condition, from the same value.

A guard is a conjunction of clauses; a clause is a disjunction of comparisons. `clauses.py` has
the meaning of each clause.
"""

from collections.abc import Mapping, Set
from enum import StrEnum
from typing import Any

from paylatch.domain.frozen_dataclass import dataclass
from paylatch.domain.ids import attempt_suffix

Path = tuple[str, ...]
Document = Mapping[str, Any]


class Operator(StrEnum):
    """The comparisons that both interpreters know."""

    EQUALS = "equals"
    EXISTS = "exists"
    MISSING = "missing"
    LESS_THAN = "less_than"
    GREATER_THAN = "greater_than"
    LACKS = "lacks"


@dataclass(frozen=True, slots=True)
class Comparison:
    """One test of one attribute.

    Two operators compare whole numbers, or texts by code points; `LACKS` looks into a set of texts.
    """

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
                return _is_less(found, self.value)
            case Operator.GREATER_THAN:
                return _is_less(self.value, found)
            case Operator.LACKS:
                return not isinstance(found, Set) or self.value not in found


def _is_less(one: Any, other: Any) -> bool:
    """Whether both are whole numbers, or both texts, and the first is the smaller."""
    if isinstance(one, int) and isinstance(other, int):
        return one < other
    return isinstance(one, str) and isinstance(other, str) and one < other


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


def past_attempt_path(attempt_id: str) -> Path:
    """Where a head keeps an attempt that does not hold it any more."""
    return ("past_attempts", attempt_suffix(attempt_id))
