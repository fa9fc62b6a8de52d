"""A row of the state table: where a transition leads from and to, the clauses of its guard, and its event.

The module of each transition has its row; `STATE_TABLE` lists them. The guard in Python, the DynamoDB condition, the
tests' matrix, and the diagram and the guards' text in the docs are made from it.
"""

from collections.abc import Mapping
from dataclasses import field

from paylatch.domain import clauses
from paylatch.domain.clauses import ClauseTemplate, ClauseValues
from paylatch.domain.event_words import EventType as EventType
from paylatch.domain.frozen_dataclass import dataclass
from paylatch.domain.guards import Guard
from paylatch.domain.order import PAYING as PAYING
from paylatch.domain.order import PaymentStatus

PENDING = frozenset({PaymentStatus.PENDING_PAYMENT})
REVIEW = frozenset({PaymentStatus.REVIEW})
PAID = frozenset({PaymentStatus.PAID})
ANY = frozenset(PaymentStatus)


Clauses = tuple[ClauseTemplate, ...]
# The form of a transition that has only one, and of one that is planned without what its other forms are for.
USUAL = ""


def _one_form() -> Mapping[str, Clauses]:
    return {USUAL: ()}


@dataclass(frozen=True, slots=True)
class Rule:
    """One row. An empty `sources` means that the order must not exist; `target` None leaves the status as it is.

    `clauses` are those that every form of the transition has. `forms` has what each form requires beside them, by the
    case that the form is for.
    """

    name: str
    sources: frozenset[PaymentStatus]
    target: PaymentStatus | None
    event: EventType
    clauses: Clauses = ()
    forms: Mapping[str, Clauses] = field(default_factory=_one_form)

    @property
    def required_of_order(self) -> Clauses:
        """The clauses that every row with its sources has."""
        if not self.sources:
            return (clauses.NO_SUCH_ORDER,)
        return (clauses.status_is_one_of(self.sources), clauses.FORMAT_IS_KNOWN)

    def guard(self, values: ClauseValues, form: str = USUAL) -> Guard:
        """The guard of one plan. Raises `KeyError` for a form that the row has not, and for a value that is missing."""
        templates = (*self.required_of_order, *self.clauses, *self.forms[form])
        return tuple(template.clause(values) for template in templates)
