"""Mutants of the transitions: each clause of each guard dropped in turn, and each change.

They are made from the values that the builders return, not from the source, so every clause is dropped wherever it
comes from.
"""

import re
from dataclasses import dataclass, replace

from paylatch.domain.changes import Change
from paylatch.domain.guards import Clause
from paylatch.domain.transitions import Transition
from tests.closure.closure import Closure
from tests.closure.configuration import Configuration

_FIELD = re.compile("[a-z_]+")
VERSION_CLAUSE = "version equals"
# No closure has heads of another storage format: `tests/integration/test_words_of_the_next_release.py` has.
FORMAT_CLAUSE = "format equals"


@dataclass(frozen=True, slots=True, order=True)
class Weakening:
    """One transition without one clause of its guard, or without one change, in every plan of it."""

    transition: str
    part: str
    clause: bool

    @property
    def name(self) -> str:
        """The name in the report."""
        return f"{self.transition} without the {'clause' if self.clause else 'change'} {self.part}"

    def __call__(self, transition: Transition) -> Transition:
        if transition.name != self.transition:
            return transition
        if self.clause:
            kept = tuple(clause for clause in transition.guard if clause_part(clause) != self.part)
            return transition if len(kept) == len(transition.guard) else replace(transition, guard=kept)
        changes = tuple(change for change in transition.changes if change_part(change) != self.part)
        return transition if len(changes) == len(transition.changes) else replace(transition, changes=changes)


def clause_part(clause: Clause) -> str:
    """A clause, identified by the attributes it compares, without the values."""
    return " or ".join(
        dict.fromkeys(f"{_path(comparison.path)} {comparison.operator.value}" for comparison in clause.any_of)
    )


def change_part(change: Change) -> str:
    """A change, identified by its kind and attribute."""
    return f"{type(change).__name__} {_path(change.path)}"


def _path(path: tuple[str, ...]) -> str:
    return ".".join(step if _FIELD.fullmatch(step) else "*" for step in path)


def weakenings_in(configuration: Configuration, clauses_only: bool = False) -> set[Weakening]:
    """All weakenings of the transitions that the plans of this configuration make."""
    found: set[Weakening] = set()

    def noted(transition: Transition) -> Transition:
        parts = {clause_part(clause) for clause in transition.guard} - {FORMAT_CLAUSE}
        found.update(Weakening(transition.name, part, True) for part in parts)
        if not clauses_only:
            found.update(Weakening(transition.name, change_part(change), False) for change in transition.changes)
        return transition

    Closure(configuration, noted).run()
    return found
