"""What an erasure leaves after its write: contents that no head names any more, and texts in the history."""

from collections.abc import Iterator, Mapping, Sequence

from paylatch.domain.erasure import erased_event
from paylatch.domain.errors import OrderUnreadable, PaylatchError, StoreUnavailable
from paylatch.domain.order import Order
from paylatch.domain.recorded_events import RecordedEvent
from paylatch.domain.transitions import EventType
from paylatch.ports import LAST_SEQ, HasTime, Metric, Ports


def finish_erasure(order_id: str, content_id: str, has_time: HasTime, ports: Ports, last_seq: int = LAST_SEQ) -> None:
    """Delete every content of an erased order but that one, which its head names, and its events' texts, to `last_seq`.

    No write can name another content: the order is over, and erased. Safe to repeat, and to go on with after a crash.
    Raises `StoreUnavailable`, also where the time ran out, and at the end `OrderUnreadable` for an event that this
    release does not understand: it may have texts.
    """
    for unnamed in _content_ids(order_id, ports):
        if unnamed != content_id:
            _require_time(has_time)
            ports.store.remove_content(order_id, unnamed)
    unreadable: list[OrderUnreadable] = []
    for event in _events(order_id, unreadable, ports):
        erased = erased_event(event)
        if erased != event and event.seq <= last_seq:
            _require_time(has_time)
            _rewrite(erased, ports)
    if unreadable:
        raise unreadable[0]


def record_and_erase(events: Sequence[RecordedEvent], has_time: HasTime, ports: Ports) -> Mapping[str, PaylatchError]:
    """Store the events in their orders' histories, and finish the erasures among them.

    An order's events are stored in sequence, so that those before its erasure are there by then; where some are
    delivered again, so is the erasure. Gives the error of each event by its order.
    """
    errors = dict(ports.store.record_events(events))
    for event in events:
        if event.order_id in errors or event.type != EventType.PERSONAL_DATA_ERASED:
            continue
        try:
            _finish(event, has_time, ports)
        except OrderUnreadable as error:
            # A retry would fail in the same way; the caller who asked for the erasure gets the error too.
            ports.metrics.fail(error, Metric.EVENT_UNREADABLE)
        except PaylatchError as error:
            errors[event.order_id] = error
    return errors


def _finish(erasure: RecordedEvent, has_time: HasTime, ports: Ports) -> None:
    """Finish the erasure that this event records; texts of later events stay."""
    head = _head(erasure.order_id, ports)
    if head is not None and head.erased_at is not None:
        finish_erasure(erasure.order_id, head.content_id, has_time, ports, erasure.seq)


def _head(order_id: str, ports: Ports) -> Order | None:
    heads = ports.store.read_heads([order_id])
    if heads.unprocessed:
        raise StoreUnavailable("BatchGetItem: the database did not read the order")
    head = heads.found.get(order_id)
    if isinstance(head, OrderUnreadable):
        raise head
    return head


def _content_ids(order_id: str, ports: Ports) -> Iterator[str]:
    after = ""
    while page := ports.store.content_ids(order_id, after):
        yield from page
        after = page[-1]


def _events(order_id: str, unreadable: list[OrderUnreadable], ports: Ports) -> Iterator[RecordedEvent]:
    after: int | None = 0
    while after is not None:
        page = ports.store.read_history(order_id, after)
        unreadable += page.unreadable
        yield from page.events
        after = page.next_after


def _rewrite(event: RecordedEvent, ports: Ports) -> None:
    for error in ports.store.record_events([event]).values():
        raise error


def _require_time(has_time: HasTime) -> None:
    if not has_time():
        raise StoreUnavailable("no time was left to erase the rest")
