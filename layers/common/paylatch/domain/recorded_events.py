"""The history's events as documents, and the one place that makes an event from a head."""

from collections.abc import Mapping
from dataclasses import dataclass, field
from datetime import datetime
from typing import Any

from paylatch.domain.guards import Document
from paylatch.domain.moments import as_text, from_text
from paylatch.domain.order import Order


@dataclass(frozen=True, slots=True, kw_only=True)
class RecordedEvent:
    """One event of an order's history, `seq` counting from 1 without a gap."""

    order_id: str
    seq: int
    type: str
    at: datetime
    actor: str
    attempt_id: str | None = None
    payment_status: str
    revision: int
    detail: Mapping[str, str | int] = field(default_factory=dict)


def event_of(order: Order) -> RecordedEvent:
    """The event that the head's last transition left; its `seq` is the head's version."""
    last = order.last_event
    return RecordedEvent(
        order_id=order.order_id,
        seq=order.version,
        type=last.type,
        at=last.at,
        actor=last.actor,
        attempt_id=last.attempt_id,
        payment_status=order.status.value,
        revision=order.revision,
        detail=dict(last.detail or {}),
    )


def recorded_event_document(event: RecordedEvent) -> dict[str, Any]:
    """An event as it is kept, published and answered."""
    document: dict[str, Any] = {
        "order_id": event.order_id,
        "seq": event.seq,
        "type": event.type,
        "at": as_text(event.at),
        "actor": event.actor,
        "attempt_id": event.attempt_id,
        "payment_status": event.payment_status,
        "revision": event.revision,
        "detail": dict(event.detail),
    }
    return {name: value for name, value in document.items() if value not in (None, {})}


def recorded_event_from(document: Document) -> RecordedEvent:
    """The event that a document describes."""
    return RecordedEvent(
        order_id=document["order_id"],
        seq=document["seq"],
        type=document["type"],
        at=from_text(document["at"]),
        actor=document["actor"],
        attempt_id=document.get("attempt_id"),
        payment_status=document["payment_status"],
        revision=document["revision"],
        detail=document.get("detail", {}),
    )
