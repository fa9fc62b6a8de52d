"""The table's stream: each record of a head carries one event."""

from collections.abc import Mapping
from typing import Any

from paylatch.domain.recorded_events import RecordedEvent
from paylatch.store.dynamodb import HEAD, order_id_of_key
from paylatch.store.records import event_of_image


def event_of_record(record: Mapping[str, Any]) -> RecordedEvent | None:
    """The event in a stream record; None for removals and records of other items.

    Only the head's last event is read. Raises `OrderUnreadable` where the event is incomplete or malformed.
    """
    change = record["dynamodb"]
    if change["Keys"]["sk"]["S"] != HEAD or "NewImage" not in change:
        return None
    return event_of_image(order_id_of_key(change["Keys"]), change["NewImage"])
