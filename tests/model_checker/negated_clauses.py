"""A clause that holds exactly when another does not; mutants are made with it."""

from dataclasses import dataclass

from paylatch.domain.guards import Clause, Document


@dataclass(frozen=True)
class NegatedClause(Clause):
    """Holds where the clause that it is the opposite of does not."""

    def holds(self, document: Document) -> bool:
        return not any(comparison.holds(document) for comparison in self.any_of)


def negated_clause(clause: Clause) -> Clause:
    """The opposite of a clause."""
    return NegatedClause(f"not: {clause.description}", clause.any_of)
