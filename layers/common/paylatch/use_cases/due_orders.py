"""Orders that an index names: each part of it is read, and fails, by itself, and so is each order."""

from collections.abc import Callable, Iterable, Iterator
from dataclasses import dataclass, field

from paylatch.domain.errors import Misconfigured, OrderUnreadable, StoreRefused
from paylatch.domain.order import Order
from paylatch.ports import DueSource, Metric, Ports

HasTime = Callable[[], bool]
# Takes the source's name, and what it raised.
OnFailure = Callable[[str, Exception], None]


@dataclass(slots=True)
class Unread:
    """What a run passed over, and the next run reads again.

    `orders` by id and `sources` by name are what could not be read; for the sources `skipped` there was no time.
    `refusal` is what the database says where it refuses to read a source.
    """

    orders: list[str] = field(default_factory=list)
    sources: list[str] = field(default_factory=list)
    skipped: list[str] = field(default_factory=list)
    refusal: StoreRefused | None = None

    def add_source(self, name: str, error: Exception) -> None:
        """A source that could not be read, and why."""
        self.sources.append(name)
        if isinstance(error, StoreRefused):
            self.refusal = error


def ids_in(source: DueSource, on_failure: OnFailure, ports: Ports) -> Iterator[str | None]:
    """The ids of one source; None at its end where it failed, which is counted and told to `on_failure`."""
    try:
        yield from source.read()
    except Exception as error:  # a source that fails must delay no other
        on_failure(source.name, error)
        ports.metrics.fail(error, _counted(error, Metric.READ_FAILED), source=source.name)
        yield None


def ids_of(sources: Iterable[DueSource], has_time: HasTime, unread: Unread, ports: Ports) -> Iterator[str]:
    """The ids of all sources that can be read while there is time."""
    for source in sources:
        if has_time():
            yield from (order_id for order_id in ids_in(source, unread.add_source, ports) if order_id is not None)
        else:
            unread.skipped.append(source.name)


def orders_of(order_ids: Iterable[str], has_time: HasTime, unread: Unread, ports: Ports) -> Iterator[Order]:
    """Each of these orders that is there and can be read while there is time."""
    for order_id in order_ids:
        if not has_time():
            unread.orders.append(order_id)
            continue
        try:
            order = ports.store.read_head(order_id)
        except Exception as error:  # an order that cannot be read must hide no other
            unread.orders.append(order_id)
            count_failure(Metric.READ_FAILED, order_id, error, ports)
        else:
            yield from (order,) if order is not None else ()


def count_failure(metric: Metric, order_id: str, error: Exception, ports: Ports) -> None:
    """Count an order that was passed over, under this metric or as what a person must mend."""
    ports.metrics.fail(error, _counted(error, metric), order_id=order_id)


def _counted(error: Exception, metric: Metric) -> Metric | None:
    """None: as the error's own kind, which is not over with the next run."""
    return None if isinstance(error, (OrderUnreadable, StoreRefused, Misconfigured)) else metric
