"""A caller lists orders: buyers and sellers their own; a service or an operator those of a seller or a buyer."""

from collections.abc import Callable, Sequence
from dataclasses import replace
from operator import attrgetter

from paylatch.domain.caller import Caller, Role
from paylatch.domain.errors import InvalidRequest, NotAllowed, OrderUnreadable, StoreUnavailable
from paylatch.domain.frozen_dataclass import dataclass
from paylatch.domain.listing import Listing, OrderFilter, Position, cursor_of, listing_for, position_in
from paylatch.domain.order import Order
from paylatch.ports import LARGEST_PAGE, Heads, Ports

Pause = Callable[[float], None]
# Before each try of the reads that the database did not get to.
PAUSES_SECONDS = (0.05, 0.1, 0.2, 0.4)
# Their heads are read together. A seller who gives one reference to more orders has them found among all of theirs.
MOST_WITH_A_REFERENCE = LARGEST_PAGE
_ALL = frozenset({Role.SERVICE, Role.OPERATOR})


@dataclass(frozen=True, slots=True)
class OrdersPage:
    """Orders without their content, the newest first. `next_cursor` is None on the last page."""

    orders: tuple[Order, ...]
    next_cursor: str | None


def list_orders(
    asked: OrderFilter, cursor: str | None, limit: int, caller: Caller, ports: Ports, pause: Pause
) -> OrdersPage:
    """One page, by one query for at most `limit` entries and one batch read of their heads.

    A page may have fewer orders, or none, and still a next one: what the head itself does not match is left out. An
    order that cannot be read is counted and left out. Raises `NotAllowed` for the orders of others, and
    `InvalidRequest` for a filter that names too little or a cursor of another list; neither reads anything.
    """
    wanted = permitted_filter(asked, caller)
    listing = listing_for(wanted, caller)
    after = None if cursor is None else position_in(listing, cursor)

    def shown(order_ids: Sequence[str]) -> tuple[Order, ...]:
        heads = _read(order_ids, ports, pause)
        orders = (_readable(heads.get(order_id), ports) for order_id in order_ids)
        return tuple(order for order in orders if order is not None and _is_shown(order, wanted, caller))

    if listing.reference is not None:
        ids = ports.store.find_reference(listing.key, listing.reference, MOST_WITH_A_REFERENCE + 1)
        if len(ids) <= MOST_WITH_A_REFERENCE:
            return _page_of(shown(ids), after, limit, listing)
    page = ports.store.list_entries(listing.in_time, after, limit)
    orders = shown([entry.order_id for entry in page.entries])
    return OrdersPage(orders, cursor_of(page.entries[-1], listing) if page.has_more else None)


def _page_of(orders: Sequence[Order], after: Position | None, limit: int, listing: Listing) -> OrdersPage:
    """The page of a list that was read whole."""
    places = {Position(order.created_at, order.order_id): order for order in orders}
    newest_first = sorted(places, key=attrgetter("age_rank"), reverse=True)
    rest = [place for place in newest_first if after is None or place.age_rank < after.age_rank]
    cursor = cursor_of(rest[limit - 1], listing) if len(rest) > limit else None
    return OrdersPage(tuple(places[place] for place in rest[:limit]), cursor)


def permitted_filter(asked: OrderFilter, caller: Caller) -> OrderFilter:
    """The filter, narrowed to what this caller may see.

    Raises `NotAllowed` for the orders of others, and `InvalidRequest` where it names too little.
    """
    wanted = asked if caller.roles & _ALL else _own(asked, caller)
    if wanted.seller_id is None and wanted.buyer_id is None:
        raise InvalidRequest({"seller_id": "is required where there is no buyer_id"})
    if wanted.reference is not None and wanted.seller_id is None:
        raise InvalidRequest({"reference": "requires a seller_id"})
    return wanted


def _own(asked: OrderFilter, caller: Caller) -> OrderFilter:
    own = caller.subject
    sells = Role.SELLER in caller.roles and asked.seller_id in (None, own)
    buys = Role.BUYER in caller.roles and asked.buyer_id in (None, own)
    if not sells and not buys:
        raise NotAllowed("Buyers and sellers may list only their own orders.")
    if sells and buys:
        # With both roles, they say which of their orders they mean.
        return asked
    return replace(asked, seller_id=own) if sells else replace(asked, buyer_id=own)


def _is_shown(order: Order, wanted: OrderFilter, caller: Caller) -> bool:
    return wanted.matches(order) and caller.may_read(order.buyer_id, order.seller_id)


def _readable(head: Order | OrderUnreadable | None, ports: Ports) -> Order | None:
    if isinstance(head, OrderUnreadable):
        ports.metrics.fail(head)
        return None
    return head


def _read(order_ids: Sequence[str], ports: Ports, pause: Pause) -> dict[str, Order | OrderUnreadable]:
    heads = ports.store.read_heads(order_ids)
    found = dict(heads.found)
    for seconds in PAUSES_SECONDS:
        if not heads.unprocessed:
            return found
        pause(seconds)
        heads = ports.store.read_heads(heads.unprocessed)
        found |= heads.found
    return _complete(heads, found)


def _complete(heads: Heads, found: dict[str, Order | OrderUnreadable]) -> dict[str, Order | OrderUnreadable]:
    if heads.unprocessed:
        raise StoreUnavailable("BatchGetItem: the database did not process some keys")
    return found
