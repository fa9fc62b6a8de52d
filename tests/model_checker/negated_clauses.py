"""The negation of a clause, for mutants."""

from dataclasses import dataclass

from paylatch.domain.guards import Clause, Document


@dataclass(frozen=True)
class NegatedClause(Clause):
    """Holds exactly where the negated clause does not."""

    def holds(self, document: Document) -> bool:
        return not any(comparison.holds(document) for comparison in self.any_of)


def negated_clause(clause: Clause) -> Clause:
    """The negation of a clause."""
    return NegatedClause(f"not: {clause.description}", clause.any_of)
