"""The record that replaces the head of a retired order, whose id is never used again."""

from datetime import datetime
from typing import Any

from paylatch.domain.guards import Document
from paylatch.domain.order import Order
from paylatch.domain.timestamps import as_text, from_text

_RETIRED_AT = "retired_at"


def tombstone(order: Order, now: datetime) -> dict[str, Any]:
    """The record in place of the head. No guard holds on it: it has no status, and `create` requires no version."""
    return {"version": order.version + 1, _RETIRED_AT: as_text(now)}


def is_tombstone(document: Document) -> bool:
    """Whether the document in a head's place is one of a retired order."""
    return _RETIRED_AT in document and "payment_status" not in document


def retired_at_of(document: Document) -> datetime:
    """When the order of a tombstone was retired."""
    return from_text(document[_RETIRED_AT])
