"""Guards and changes as PynamoDB expressions."""

from functools import reduce
from operator import and_, or_

from pynamodb.expressions.condition import Condition
from pynamodb.expressions.operand import Path
from pynamodb.expressions.update import Action

from paylatch.domain.changes import AddTo, Change, Increment, Remove, Set
from paylatch.domain.guards import Clause, Comparison, Guard, Operator


class Attribute(Path):
    """A path of attribute names alone.

    PynamoDB would read brackets in a name as an index, and payment ids come from gateways.
    """

    def serialize(
        self,
        placeholder_names: dict[str, str],
        expression_attribute_values: dict[str, str],  # noqa: ARG002
    ) -> str:
        return ".".join(placeholder_names.setdefault(name, f"#{len(placeholder_names)}") for name in self.path)


def condition_of(guard: Guard) -> Condition:
    """The DynamoDB condition that holds exactly when the guard does."""
    return reduce(and_, (_clause(clause) for clause in guard))


def actions_of(changes: tuple[Change, ...]) -> list[Action]:
    """The update actions that make these changes."""
    return [_action(change) for change in changes]


def _clause(clause: Clause) -> Condition:
    return reduce(or_, (_comparison(comparison) for comparison in clause.any_of))


def _comparison(comparison: Comparison) -> Condition:
    attribute = Attribute(list(comparison.path))
    match comparison.operator:
        case Operator.EQUALS:
            return attribute == comparison.value
        case Operator.EXISTS:
            return attribute.exists()
        case Operator.MISSING:
            return attribute.does_not_exist()
        case Operator.LESS_THAN:
            return attribute < comparison.value
        case Operator.GREATER_THAN:
            return attribute > comparison.value
        case Operator.LACKS:
            lacks: Condition = ~attribute.contains(comparison.value)
            return lacks


def _action(change: Change) -> Action:
    attribute = Attribute(list(change.path))
    match change:
        case Set(_, value):
            return attribute.set(value)
        case AddTo(_, texts):
            return attribute.add(set(texts))
        case Increment():
            return attribute.set(attribute + 1)
        case Remove():
            return attribute.remove()
