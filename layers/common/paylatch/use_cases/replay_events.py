"""An operator has events published again from the history: those of one order, or of all orders in a span of time."""

import dataclasses
from collections.abc import Iterator, Sequence
from dataclasses import field, replace
from datetime import datetime
from typing import Generic, TypeVar

from paylatch.domain.caller import Caller
from paylatch.domain.erasure import as_erased
from paylatch.domain.errors import EventNotPublished, EventRefused, OrderNotFound, OrderUnreadable, StoreUnavailable
from paylatch.domain.frozen_dataclass import dataclass
from paylatch.domain.order import Order
from paylatch.domain.recorded_events import RecordedEvent
from paylatch.ports import HasTime, Metric, Ports
from paylatch.ports.event_scan import EventScan, ScanPosition
from paylatch.use_cases.access import authorize_operators
from paylatch.use_cases.record_events import Receiver, send_all

# After this many events a call begins no further page.
MOST_REPLAYED = 500
OF_AN_ORDER = 25
Position = TypeVar("Position")


@dataclass(frozen=True, slots=True)
class _Page(Generic[Position]):
    events: Sequence[RecordedEvent]
    unreadable: Sequence[OrderUnreadable]
    next_position: Position | None


@dataclasses.dataclass(slots=True)
class Replay(Generic[Position]):
    """What one call did: the next one goes on after `next_position`, which is None where all was done.

    `skipped` are the orders of events that the bus refuses for good, or that this release does not understand.
    """

    next_position: Position | None
    published: int = 0
    skipped: list[str] = field(default_factory=list)


def replay_order(
    order_id: str, after: int | None, caller: Caller, bus: Receiver, has_time: HasTime, ports: Ports
) -> Replay[int]:
    """Publish the order's recorded events again, from the one behind `after` on, each with its own `seq`.

    Raises `NotAllowed`, `OrderNotFound`, and what `_replayed` raises.
    """
    authorize_operators(caller)
    return _replayed(_pages_of_order(order_id, after or 0, ports), after, bus, has_time, ports)


def replay_between(
    first: datetime,
    until: datetime,
    after: ScanPosition | None,
    caller: Caller,
    bus: Receiver,
    has_time: HasTime,
    scan: EventScan,
    ports: Ports,
) -> Replay[ScanPosition]:
    """Publish again what was recorded at or after the first time and before the second, but for retired orders.

    Raises `NotAllowed`, and what `_replayed` raises.
    """
    authorize_operators(caller)
    return _replayed(_pages_between(first, until, after, scan, ports), after, bus, has_time, ports)


def _replayed(
    pages: Iterator[_Page[Position]], start: Position | None, bus: Receiver, has_time: HasTime, ports: Ports
) -> Replay[Position]:
    """Page by page, until it is enough. A page that fails is for the next call, as a whole.

    Raises `EventNotPublished` or `StoreUnavailable` where the first page fails: nothing is known to be done.
    """
    done = Replay(start)
    try:
        for page in pages:
            _publish(page, done, bus, ports)
            done.next_position = page.next_position
            if done.published >= MOST_REPLAYED or not has_time():
                break
    except (EventNotPublished, StoreUnavailable):
        if done.next_position == start:
            raise
    return done


def _publish(page: _Page[Position], done: Replay[Position], bus: Receiver, ports: Ports) -> None:
    published, failures = send_all(page.events, bus)
    for _, error in failures:
        if not isinstance(error, EventRefused):
            raise error
    for error in page.unreadable:
        ports.metrics.fail(error, Metric.EVENT_UNREADABLE)
    done.published += len(published)
    done.skipped += [event.order_id for event, _ in failures] + [error.order_id for error in page.unreadable]


def _pages_of_order(order_id: str, after: int, ports: Ports) -> Iterator[_Page[int]]:
    following: int | None = after
    while following is not None:
        page = ports.store.read_history(order_id, following, OF_AN_ORDER)
        # Read behind the page: erased or retired meanwhile, it is not published as it was.
        order = ports.store.read_head(order_id)
        if order is None:
            raise OrderNotFound(order_id)
        following = page.next_after
        yield _Page([_whole(event, order) for event in page.events], page.unreadable, following)


def _pages_between(
    first: datetime, until: datetime, after: ScanPosition | None, scan: EventScan, ports: Ports
) -> Iterator[_Page[ScanPosition]]:
    while True:
        page = scan.events_between(first, until, after)
        heads = ports.store.read_heads(list(dict.fromkeys(event.order_id for event in page.events)))
        if heads.unprocessed:
            raise StoreUnavailable("BatchGetItem: the database did not process all orders")
        # Items of a retired order that are still to be removed are left out.
        kept = [event for event in page.events if event.order_id not in heads.retired]
        yield _Page(
            [_whole(event, heads.found.get(event.order_id)) for event in kept], page.unreadable, page.next_position
        )
        if page.next_position is None:
            return
        after = page.next_position


def _whole(event: RecordedEvent, order: Order | OrderUnreadable | None) -> RecordedEvent:
    """The event with what the history does not store of it, and without what was erased, if its order can be read."""
    if not isinstance(order, Order):
        return event
    buyer_id = event.buyer_id or order.buyer_id
    return replace(as_erased(event, order), reference=order.reference, seller_id=order.seller_id, buyer_id=buyer_id)
