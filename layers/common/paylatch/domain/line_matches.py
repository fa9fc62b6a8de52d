"""Lines are compared as a multiset: which stored line each sent one stands for, whatever their order."""

from collections import defaultdict, deque
from collections.abc import Callable, Hashable, Mapping, Sequence

from paylatch.domain.order import Line

Places = dict[int, int]


def stored_places(stored: Sequence[Line], sent: Sequence[Line]) -> Mapping[int, int]:
    """By the place of a sent line, the place of the stored line of the same offer; each stored line is taken once.

    Where an order has one offer twice, a line of the same quantity is taken first.
    """
    found: Places = {}
    for key in (_offer_and_quantity, _offer):
        found |= _matched(stored, sent, found, key)
    return found


def kept_places(stored: Sequence[Line], sent: Sequence[Line]) -> Mapping[int, int]:
    """As `stored_places`; a sent line with another name or price stands for what is left of the same sku."""
    found = dict(stored_places(stored, sent))
    return found | _matched(stored, sent, found, lambda line: line.sku)


def _matched(stored: Sequence[Line], sent: Sequence[Line], found: Places, key: Callable[[Line], Hashable]) -> Places:
    taken, free = frozenset(found.values()), defaultdict[Hashable, deque[int]](deque)
    for place, line in enumerate(stored):
        if place not in taken:
            free[key(line)].append(place)
    left = ((place, key(line)) for place, line in enumerate(sent) if place not in found)
    return {place: free[wanted].popleft() for place, wanted in left if free[wanted]}


def _offer(line: Line) -> Hashable:
    return line.offer


def _offer_and_quantity(line: Line) -> Hashable:
    return (line.offer, line.quantity)
