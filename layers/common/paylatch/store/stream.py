"""The table's stream: each record of a head carries one event."""

from collections.abc import Mapping
from typing import Any

from paylatch.domain.limits import DUE_SOON
from paylatch.domain.recorded_events import RecordedEvent
from paylatch.ports import Timer
from paylatch.store.keys import HEAD, order_id_of_key
from paylatch.store.records import event_of_image, stored_event_of_image


def event_of_record(record: Mapping[str, Any]) -> RecordedEvent | None:
    """The event in a stream record; None for removals and records of other items.

    Only the head's last event is read. Raises `OrderUnreadable` where the event is incomplete or malformed.
    """
    change = record["dynamodb"]
    if change["Keys"]["sk"]["S"] != HEAD or "NewImage" not in change:
        return None
    return event_of_image(order_id_of_key(change["Keys"]), change["NewImage"])


def timer_of_record(record: Mapping[str, Any]) -> Timer | None:
    """The timer of an order that is due so soon after its last write that no sweep might see it coming; else None.

    Only the head's last event is read. Raises `OrderUnreadable` where the event is incomplete or malformed.
    """
    change = record["dynamodb"]
    if change["Keys"]["sk"]["S"] != HEAD or "NewImage" not in change:
        return None
    order_id = order_id_of_key(change["Keys"])
    event = stored_event_of_image(order_id, change["NewImage"])
    if event.due_at is None or event.due_at - event.at >= DUE_SOON:
        return None
    return Timer(order_id, event.due_at)
