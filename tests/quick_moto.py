"""moto's own work, done once: what it computes again and again takes most of the time of the tests on it."""

from collections.abc import Callable, Iterator
from contextlib import contextmanager
from functools import cache
from importlib import import_module
from typing import Any

import pytest
from moto.core.serialize import ResponseSerializer
from moto.dynamodb.parsing.validators import ActionCountValidator, OverlappingPathsValidator

# Modules without types.
_ast_nodes: Any = import_module("moto.dynamodb.parsing.ast_nodes")
_expressions: Any = import_module("moto.dynamodb.parsing.expressions")


@contextmanager
def quick_moto() -> Iterator[None]:
    """Give moto's DynamoDB quicker functions with the same results."""
    with pytest.MonkeyPatch.context() as patch:
        patch.setattr(ResponseSerializer, "get_value", _value_of)
        parser = _expressions.UpdateExpressionParser
        patch.setattr(parser, "make", cache(parser.make))
        patch.setattr(_ast_nodes.DepthFirstTraverser, "traverse_node_recursively", _traversed)
        for validator, check in (
            (OverlappingPathsValidator, "check_for_overlapping_paths"),
            (ActionCountValidator, "verify_action_counts"),
        ):
            patch.setattr(validator, check, _at_the_root(getattr(validator, check)))
        yield


_look_up = ResponseSerializer.get_value


def _value_of(serializer: ResponseSerializer, value: Any, key: str, shape: Any) -> Any:
    # DynamoDB's results have the wire's own names. moto looks for others at every attribute.
    if type(value) is dict and serializer.service_model.service_name == "dynamodb":
        return value.get(key)
    return _look_up(serializer, value, key, shape)


def _at_the_root(check: Callable[[Any, Any], Any]) -> Callable[[Any, Any], Any]:
    # The root's clauses are those of the whole expression. moto goes through them again at every clause.
    def checked(validator: Any, node: Any) -> Any:
        return check(validator, node) if node.parent is None else node

    return checked


def _traversed(traverser: Any, node: Any, child_id: int = -1) -> Any:
    # moto makes the tuple of classes, and asks Node's abstract base class, at every node.
    processed = traverser.__dict__.get("classes_of_nodes")
    if processed is None:
        processed = traverser.__dict__["classes_of_nodes"] = frozenset(traverser.nodes_to_be_processed())
    return _walked(traverser, node, child_id, processed)


def _walked(traverser: Any, node: Any, child_id: int, processed: frozenset[type]) -> Any:
    kinds = type(node).__mro__
    if _ast_nodes.Node not in kinds:
        return node
    parent = node.parent
    for place, child in enumerate(node.children or ()):
        traverser.pre_processing_of_child(node, place)
        _walked(traverser, child, place, processed)
    if processed.isdisjoint(kinds):
        return node
    node = traverser.process(node)
    node.parent = parent
    if parent:
        parent.children[child_id] = node
    return node
