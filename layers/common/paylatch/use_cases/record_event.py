"""The table's stream becomes the order's history, and events for whoever listens."""

from collections.abc import Callable

from paylatch.domain.recorded_events import RecordedEvent
from paylatch.ports import OrderStore

Publish = Callable[[RecordedEvent], None]


def record_event(event: RecordedEvent, publish: Publish, store: OrderStore) -> None:
    """Keep the event, then publish it. Safe to repeat: the history stays as it is, listeners may hear it twice."""
    store.record_event(event)
    publish(event)
