"""Orders that are kept no longer are retired; the item that expires beside the head is only a reminder to check."""

from collections.abc import Callable, Iterator, Mapping, Sequence
from contextlib import contextmanager
from datetime import datetime, timedelta

from paylatch.domain.erasure import FINISHED
from paylatch.domain.errors import OrderUnreadable, PaylatchError, StoreUnavailable
from paylatch.domain.order import Order
from paylatch.domain.recorded_events import RecordedEvent
from paylatch.domain.retention import NEXT_TRY, is_over, next_retirement_check
from paylatch.ports import HasTime, Heads, Metric, Ports
from paylatch.ports.retention import Retention, RetentionStore

Record = Callable[[Sequence[RecordedEvent]], Mapping[str, PaylatchError]]


def record_and_schedule(
    events: Sequence[RecordedEvent], record: Record, keep: timedelta, store: RetentionStore
) -> Mapping[str, PaylatchError]:
    """Record the events, and schedule the finished orders among them for the end of the time that they are kept.

    Gives the error of each event by its order.
    """
    errors = dict(record(events))
    ends = {
        event.order_id: event.at + keep
        for event in events
        if event.payment_status in FINISHED and event.order_id not in errors
    }
    return {**errors, **store.schedule(ends)} if ends else errors


def retire_orders(
    order_ids: Sequence[str], retention: Retention, has_time: HasTime, ports: Ports
) -> Mapping[str, PaylatchError]:
    """Retire those of at most `LARGEST_PAGE` orders that are over, and schedule the others anew: the head decides.

    An order is scheduled once more before it is touched, so that a crash leaves nothing for good; what fails after that
    is reported, and delays no other order. While there is no time, the orders are only scheduled. Gives the error of
    the first order that could not be scheduled: it and those behind it are to be handed in again.
    """
    heads = ports.store.read_heads(order_ids)
    for order_id in order_ids:
        try:
            _look_at(order_id, heads, retention, has_time, ports)
        except PaylatchError as error:
            return {order_id: error}
    return {}


def _look_at(order_id: str, heads: Heads, retention: Retention, has_time: HasTime, ports: Ports) -> None:
    if order_id in heads.unprocessed:
        raise StoreUnavailable("BatchGetItem: the database did not read the order")
    head, now = heads.found.get(order_id), ports.clock.now()
    if order_id in heads.retired:
        if retention.store.remains(order_id):
            _schedule(order_id, now + NEXT_TRY, retention)
            with _reporting(order_id, ports):
                _remove_all(order_id, has_time, retention)
    elif head is None or retention.keep is None:
        pass  # It never was, or is kept for ever.
    elif isinstance(head, Order) and not is_over(head, retention.keep, now):
        _schedule(order_id, next_retirement_check(head, retention.keep, now), retention)
    else:
        _schedule(order_id, now + NEXT_TRY, retention)
        with _reporting(order_id, ports):
            _retire(head, has_time, retention, ports)


def _retire(head: Order | OrderUnreadable, has_time: HasTime, retention: Retention, ports: Ports) -> None:
    if isinstance(head, OrderUnreadable):
        raise head
    if has_time() and retention.store.retire(head, ports.clock.now()):
        ports.metrics.count(Metric.ORDER_RETIRED, order_id=head.order_id)
        _remove_all(head.order_id, has_time, retention)


def _remove_all(order_id: str, has_time: HasTime, retention: Retention) -> None:
    while has_time() and (keys := retention.store.remains(order_id)):
        retention.store.remove(order_id, keys)


def _schedule(order_id: str, time: datetime, retention: Retention) -> None:
    for error in retention.store.schedule({order_id: time}).values():
        raise error


@contextmanager
def _reporting(order_id: str, ports: Ports) -> Iterator[None]:
    """An error within this context is reported: the order is scheduled, so that nothing is lost."""
    try:
        yield
    except Exception as error:
        ports.metrics.fail(error, order_id=order_id)
