"""An event of the table's stream goes into the order's history and onto the event bus."""

from collections.abc import Callable

from paylatch.domain.recorded_events import RecordedEvent
from paylatch.ports import OrderStore

Publish = Callable[[RecordedEvent], None]


def record_event(event: RecordedEvent, publish: Publish, store: OrderStore) -> None:
    """Store the event in the history, then publish it.

    Safe to repeat: the history does not change; subscribers may receive the event twice.
    """
    store.record_event(event)
    publish(event)
