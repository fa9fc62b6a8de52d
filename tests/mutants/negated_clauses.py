"""The negation of a clause, for mutants."""

from dataclasses import dataclass

from paylatch.domain.clauses import ClauseTemplate, ClauseValues
from paylatch.domain.guards import Clause, Document


@dataclass(frozen=True)
class NegatedClause(Clause):
    """Holds exactly where the negated clause does not."""

    def holds(self, document: Document) -> bool:
        return not any(comparison.holds(document) for comparison in self.any_of)


@dataclass(frozen=True)
class NegatedTemplate(ClauseTemplate):
    """Makes the negation of the clause that the template makes."""

    def clause(self, values: ClauseValues) -> Clause:
        return NegatedClause(f"not: {self.description}", self.compare(values))


def negated_template(template: ClauseTemplate) -> ClauseTemplate:
    """The template of the negated clauses."""
    return NegatedTemplate(template.description, template.compare)
