"""The table's stream: each record of a head is one event."""

from collections.abc import Mapping
from typing import Any

from paylatch.domain.documents import order_from_document
from paylatch.domain.recorded_events import RecordedEvent, event_of
from paylatch.store.dynamodb import HEAD
from paylatch.store.items import document_of


def event_of_record(record: Mapping[str, Any]) -> RecordedEvent | None:
    """The event in a stream record; None for records of other items and of removals."""
    change = record["dynamodb"]
    if change["Keys"]["sk"]["S"] != HEAD or "NewImage" not in change:
        return None
    return event_of(order_from_document(document_of(change["NewImage"])))
