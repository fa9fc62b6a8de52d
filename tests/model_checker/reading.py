"""Readers: of the history, page by page, and the stream's consumer that writes it."""

from collections.abc import Callable, Iterator
from dataclasses import dataclass
from functools import partial

from paylatch.domain.caller import Caller
from paylatch.domain.errors import StoreUnavailable
from paylatch.domain.recorded_events import event_of_head
from paylatch.ports import HistoryPage, Ports
from paylatch.use_cases.finish_erasure import record_and_erase
from paylatch.use_cases.read_order import read_history
from paylatch.use_cases.record_events import Receiver, Send, record_events
from tests.model_checker.actors import ORDER
from tests.model_checker.scripted_ports import SuspendingStore

# So few that there are several pages.
PAGE = 2


@dataclass(frozen=True, slots=True)
class Consumed:
    """How far the stream's records are done with after one batch; 0 where not even its first is."""

    done: int


def pages_for(caller: Caller) -> Callable[[Ports], tuple[HistoryPage, ...]]:
    """Reads the whole history, one page after the other."""
    return lambda ports: tuple(_pages(caller, ports))


def _pages(caller: Caller, ports: Ports) -> Iterator[HistoryPage]:
    after: int | None = 0
    while after is not None:
        page = read_history(ORDER, after, PAGE, caller, ports)
        yield page
        after = page.next_after


def consume(ports: Ports) -> Consumed:
    """One batch of the stream, as AWS hands it to the function: what is not done with is handed out again."""
    store = stream_of(ports)
    records = store.read_stream()
    events = [event_of_head(ORDER, record) for record in records]
    failures = record_events(events, store.read_contents, *_receivers(store, ports))
    done = int(records[handled - 1]["version"]) if (handled := min(failures, default=len(records))) else 0
    if done:
        store.checkpoint(done)
    return Consumed(done)


def stream_of(ports: Ports) -> SuspendingStore:
    """The store as the stream's consumer sees it."""
    if not isinstance(ports.store, SuspendingStore):
        raise TypeError(f"{ports.store} has no stream")
    return ports.store


def _receivers(store: SuspendingStore, ports: Ports) -> tuple[Receiver, Receiver]:
    return _receiver(partial(record_and_erase, has_time=lambda: True, ports=ports)), _receiver(store.publish)


def _receiver(send: Send) -> Receiver:
    # An order has one event in a request, whatever the capacity.
    return Receiver(send, 10, lambda: True, StoreUnavailable("no time"), lambda _: None)
