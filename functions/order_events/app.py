"""Order events: the table's stream becomes the history, and events on the stack's bus."""

from typing import Any

from paylatch.domain.errors import OrderUnreadable
from paylatch.domain.recorded_events import RecordedEvent
from paylatch.ports import Metric
from paylatch.runtime.event_bus import publish
from paylatch.runtime.wiring import entry, ports
from paylatch.store.stream import event_of_record
from paylatch.use_cases.record_event import record_event


@entry.stream
def handler(record: dict[str, Any]) -> None:
    recorded = _event_of(record)
    if recorded is not None:
        record_event(recorded, publish, ports().store)


def _event_of(record: dict[str, Any]) -> RecordedEvent | None:
    try:
        return event_of_record(record)
    except OrderUnreadable as error:
        # A retry would fail in the same way, so nothing waits for it. The stream keeps the record for a day.
        number = record["dynamodb"]["SequenceNumber"]
        ports().metrics.fail(error, Metric.EVENT_UNREADABLE, sequence_number=number)
        return None
