"""Orders listed in an index. Each part of the index, and each order, is read and fails independently."""

from collections.abc import Callable, Iterable, Iterator
from dataclasses import dataclass, field

from paylatch.domain.errors import Misconfigured, OrderUnreadable, StoreRefused
from paylatch.domain.order import Order
from paylatch.ports import DueSource, HasTime, Metric, Ports

# The arguments are the source's name and the error that it raised.
OnFailure = Callable[[str, Exception], None]


@dataclass(slots=True)
class Unread:
    """What a run could not read and the next run reads again.

    `orders` (ids) and `sources` (names) failed; there was no time for the sources in `skipped`. `refusal` is the
    database's error where it rejected the read of a source.
    """

    orders: list[str] = field(default_factory=list)
    sources: list[str] = field(default_factory=list)
    skipped: list[str] = field(default_factory=list)
    refusal: StoreRefused | None = None

    def add_source(self, name: str, error: Exception) -> None:
        """Record a source that could not be read, and its error."""
        self.sources.append(name)
        if isinstance(error, StoreRefused):
            self.refusal = error


def ids_in(source: DueSource, on_failure: OnFailure, ports: Ports) -> Iterator[str | None]:
    """The ids of one source; a final None where it failed, after `on_failure` was called and the failure counted."""
    try:
        yield from source.read()
    except Exception as error:  # a failing source must not delay the others
        on_failure(source.name, error)
        ports.metrics.fail(error, counted(error, Metric.READ_FAILED), source=source.name)
        yield None


def ids_of(sources: Iterable[DueSource], has_time: HasTime, unread: Unread, ports: Ports) -> Iterator[str]:
    """The ids of all readable sources, while there is time."""
    for source in sources:
        if has_time():
            yield from (order_id for order_id in ids_in(source, unread.add_source, ports) if order_id is not None)
        else:
            unread.skipped.append(source.name)


def orders_of(order_ids: Iterable[str], has_time: HasTime, unread: Unread, ports: Ports) -> Iterator[Order]:
    """Each of these orders that exists and can be read, while there is time."""
    for order_id in order_ids:
        if not has_time():
            unread.orders.append(order_id)
            continue
        try:
            order = ports.store.read_head(order_id)
        except Exception as error:  # an unreadable order must not hide the others
            unread.orders.append(order_id)
            count_failure(Metric.READ_FAILED, order_id, error, ports)
        else:
            yield from (order,) if order is not None else ()


def count_failure(metric: Metric, order_id: str, error: Exception, ports: Ports) -> None:
    """Count a skipped order under this metric, or under the error's own where a person must act."""
    ports.metrics.fail(error, counted(error, metric), order_id=order_id)


def counted(error: Exception, metric: Metric) -> Metric | None:
    """The metric; None for an error that the next run meets again, which counts under its own metric."""
    return None if isinstance(error, (OrderUnreadable, StoreRefused, Misconfigured)) else metric
