"""Queries on the answers that a process has got so far."""

from collections.abc import Iterator
from itertools import takewhile
from typing import TypeVar

from paylatch.domain.order import Order
from paylatch.ports import Applied, Rejected
from tests.model_checker.process_tree import Node
from tests.model_checker.scripted_ports import Call

T = TypeVar("T")


def last_order(node: Node) -> Order | None:
    """The order as this process saw it last."""
    seen = (getattr(step.seen, "order", step.seen) for step in _backwards(node))
    return next((order for order in seen if isinstance(order, Order)), None)


def first_order(node: Node) -> Order | None:
    """The order as this process saw it first."""
    seen = [getattr(step.seen, "order", step.seen) for step in _backwards(node)]
    return next((order for order in reversed(seen) if isinstance(order, Order)), None)


def last_read(node: Node) -> Order | None:
    """The order as this process read it last; what a write answered does not count."""
    return last_seen(node, Order)


def reads_of(node: Node) -> Iterator[Order]:
    """The order as this process read it, the last time first; what a write answered does not count."""
    return (step.seen for step in _backwards(node) if isinstance(step.seen, Order))


def first_read(node: Node) -> Order | None:
    """The order as this process read it first; what a write answered does not count."""
    found: Order | None = None
    for step in _backwards(node):
        found = step.seen if isinstance(step.seen, Order) else found
    return found


def last_seen(node: Node, kind: type[T]) -> T | None:
    """The last answer of that type that this process got."""
    return next((step.seen for step in _backwards(node) if isinstance(step.seen, kind)), None)


def calls_of(node: Node) -> list[Call]:
    """The calls that this process has made, the last one first."""
    return [step.call for step in _backwards(node.parent) if step.call]


def answers_to(node: Node, method: str) -> Iterator[tuple[Call, object]]:
    """The calls of that method that were answered, with what was answered, the last one first."""
    for step in _backwards(node):
        if step.parent is not None and step.parent.call is not None and step.parent.call.method == method:
            yield step.parent.call, step.seen


def consecutive_refusals(node: Node) -> int:
    """How many orders in a row have refused what this process wrote, up to now."""
    since = takewhile(lambda step: not isinstance(step.seen, Applied), _backwards(node))
    refused = [step.seen.order for step in since if isinstance(step.seen, Rejected)]
    return len({order.version for order in refused if order is not None})


def steps_of(node: Node) -> Iterator[Node]:
    """This process's steps so far, the last one first."""
    return _backwards(node)


def _backwards(node: Node | None) -> Iterator[Node]:
    while node is not None:
        yield node
        node = node.parent
