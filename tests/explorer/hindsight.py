"""What a process has seen by now."""

from typing import TypeVar

from paylatch.domain.order import Order
from paylatch.ports import Applied, Rejected
from tests.explorer.nodes import Node

T = TypeVar("T")


def last_order(node: Node) -> Order | None:
    """The order as this process saw it last."""
    step: Node | None = node
    while step is not None:
        seen = getattr(step.seen, "order", step.seen)
        if isinstance(seen, Order):
            return seen
        step = step.parent
    return None


def last_read(node: Node) -> Order | None:
    """The order as this process read it last; what a write answered does not count."""
    return last_seen(node, Order)


def calls_of(node: Node) -> list[str]:
    """The calls that this process has made, the last one first."""
    found: list[str] = []
    step = node.parent
    while step is not None:
        found += [step.call.method] if step.call else []
        step = step.parent
    return found


def tries_of(node: Node) -> int:
    """How many orders in a row have refused what this process wrote, up to now."""
    found: set[int] = set()
    step: Node | None = node
    while step is not None and not isinstance(step.seen, Applied):
        if isinstance(step.seen, Rejected) and step.seen.order is not None:
            found.add(step.seen.order.version)
        step = step.parent
    return len(found)


def put_by(node: Node) -> list[str]:
    """The ids of the content that this process has put."""
    found: list[str] = []
    step = node.parent
    while step is not None:
        found += [step.call.args[1]] if step.call and step.call.method == "put_content" else []
        step = step.parent
    return found


def first_read(node: Node) -> Order | None:
    """The order as this process read it first; what a write answered does not count."""
    found: Order | None = None
    step: Node | None = node
    while step is not None:
        found = step.seen if isinstance(step.seen, Order) else found
        step = step.parent
    return found


def last_seen(node: Node, kind: type[T]) -> T | None:
    """The last answer of that kind that this process was given."""
    step: Node | None = node
    while step is not None:
        if isinstance(step.seen, kind):
            return step.seen
        step = step.parent
    return None
