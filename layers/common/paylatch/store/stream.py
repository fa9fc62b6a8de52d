"""The table's stream: each record of a head carries one event."""

from collections.abc import Mapping
from typing import Any

from paylatch.domain.limits import DUE_SOON
from paylatch.domain.recorded_events import RecordedEvent
from paylatch.domain.tombstone import is_tombstone
from paylatch.ports import Timer
from paylatch.store.keys import EXPIRY, HEAD, order_id_of_key
from paylatch.store.records import event_of_image, stored_event_of_image


def event_of_record(record: Mapping[str, Any]) -> RecordedEvent | None:
    """The event in a stream record; None for removals, tombstones, and records of other items.

    Only the head's last event is read. Raises `OrderUnreadable` where the event is incomplete or malformed.
    """
    image = _head_in(record)
    return event_of_image(order_id_of_key(record["dynamodb"]["Keys"]), image) if image is not None else None


def timer_of_record(record: Mapping[str, Any]) -> Timer | None:
    """The timer of an order that is due so soon after its last write that no sweep might see it coming; else None.

    Only the head's last event is read. Raises `OrderUnreadable` where the event is incomplete or malformed.
    """
    image = _head_in(record)
    if image is None:
        return None
    order_id = order_id_of_key(record["dynamodb"]["Keys"])
    event = stored_event_of_image(order_id, image)
    if event.due_at is None or event.due_at - event.at >= DUE_SOON:
        return None
    return Timer(order_id, event.due_at)


def expired_order_of(record: Mapping[str, Any]) -> str | None:
    """The order whose expiry was deleted, by the table once it was due or by a person; None for other records."""
    keys = record["dynamodb"]["Keys"]
    is_expiry = record.get("eventName") == "REMOVE" and keys["sk"]["S"] == EXPIRY
    return order_id_of_key(keys) if is_expiry else None


def _head_in(record: Mapping[str, Any]) -> Mapping[str, Any] | None:
    change = record["dynamodb"]
    if change["Keys"]["sk"]["S"] != HEAD or "NewImage" not in change or is_tombstone(change["NewImage"]):
        return None
    image: Mapping[str, Any] = change["NewImage"]
    return image
