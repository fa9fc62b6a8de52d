"""Recorded events of the history, their documents, and their derivation from a head."""

from base64 import b64encode
from collections.abc import Mapping
from dataclasses import field
from datetime import datetime
from decimal import Decimal
from typing import Any

from paylatch.domain.documents import event_from_document
from paylatch.domain.frozen_dataclass import dataclass
from paylatch.domain.guards import Document
from paylatch.domain.order import Detail
from paylatch.domain.stored_fields import StoredFields
from paylatch.domain.stored_records import record_document, record_from

# What `event_of_head` reads of a head.
EVENT_FIELDS = ("last_event", "version", "payment_status", "revision")


@dataclass(frozen=True, slots=True, kw_only=True)
class RecordedEvent:
    """One event of an order's history; `seq` counts from 1 without a gap."""

    order_id: str
    seq: int
    type: str
    at: datetime
    actor: str
    attempt_id: str | None = None
    payment_status: str
    revision: int
    detail: Detail = field(default_factory=dict)


def event_of_head(order_id: str, document: Document) -> RecordedEvent:
    """The event of the last transition, read from a head's document.

    No other part of the document needs to be readable. Raises a `KeyError`, `TypeError` or `ValueError` where the
    event itself is incomplete or malformed.
    """
    last = event_from_document(document["last_event"])
    return RecordedEvent(
        order_id=order_id,
        seq=int(document["version"]),
        type=_text(last.type),
        at=last.at,
        actor=_text(last.actor),
        attempt_id=last.attempt_id,
        payment_status=_text(document["payment_status"]),
        revision=int(document["revision"]),
        detail={name: _as_json(value) for name, value in (last.detail or {}).items()},
    )


def writer_of_head(document: Document) -> str:
    """The id of a head's last write. Raises `KeyError` or `TypeError` where the document has none."""
    write_id: str = document["last_event"]["write_id"]
    return write_id


def recorded_event_document(event: RecordedEvent) -> dict[str, Any]:
    """The document of an event, as stored, published and returned by the API."""
    return record_document(event)


def recorded_event_from(document: Document) -> RecordedEvent:
    """The event that a document describes. Raises `Unreadable` for a missing or malformed field."""
    return record_from(RecordedEvent, StoredFields(document))


def _text(value: Any) -> str:
    if not isinstance(value, str):
        raise TypeError(f"{value!r} is not text")
    return value


def _as_json(value: Any) -> Any:
    """The detail as JSON: a later release may store a detail of any type."""
    match value:
        case Mapping():
            return {name: _as_json(inner) for name, inner in value.items()}
        case list():
            return [_as_json(element) for element in value]
        case set():
            return sorted(map(_as_json, value), key=str)
        case bytes():
            return b64encode(value).decode()
        case Decimal():
            return str(value)
    return value
