"""The table's stream: each record of a head is one event."""

from collections.abc import Mapping
from typing import Any

from paylatch.domain.recorded_events import RecordedEvent
from paylatch.store.dynamodb import HEAD, order_id_of_key
from paylatch.store.items import document_of
from paylatch.store.records import last_event_of


def event_of_record(record: Mapping[str, Any]) -> RecordedEvent | None:
    """The event in a stream record; None for records of other items and of removals.

    Of the head nothing but its last event is read. Raises `OrderUnreadable` where that is not whole.
    """
    change = record["dynamodb"]
    if change["Keys"]["sk"]["S"] != HEAD or "NewImage" not in change:
        return None
    return last_event_of(order_id_of_key(change["Keys"]), document_of(change["NewImage"]))
