"""Conversion between the head and its document of plain values.

Attributes have the names of their fields. Only this module, `attempt_documents` and `money_documents` use other names.
"""

from collections.abc import Mapping
from dataclasses import replace
from typing import Any

from paylatch.domain.attempt_documents import attempt_from, evicted_attempt_ids_from, past_attempts_from
from paylatch.domain.cancellation import Cancellation
from paylatch.domain.errors import OrderUnreadable
from paylatch.domain.guards import Document
from paylatch.domain.money_documents import dispute_from, payment_from, refund_from
from paylatch.domain.order import Content, Event, Order, PaymentStatus
from paylatch.domain.stored_fields import STORAGE_FORMAT, StoredFields, Unreadable
from paylatch.domain.stored_records import record_document, record_from


def order_from_document(document: Document) -> Order:
    """The order that a head's document describes; unknown attributes are ignored.

    Raises `OrderUnreadable` for another storage format, a missing field or an unknown word; its cause names the
    field.
    """
    try:
        return _order_from(StoredFields(document))
    except Unreadable as error:
        raise OrderUnreadable(str(document.get("order_id", "without an id")), str(error)) from error


def _order_from(stored: StoredFields) -> Order:
    stored.require("format", STORAGE_FORMAT)
    payments = {key: payment_from(key, part) for key, part in stored.parts("payments").items()}
    event = record_from(Event, stored.part("last_event"))
    return record_from(
        Order,
        stored,
        status=stored.word("payment_status", PaymentStatus),
        updated_at=event.at,
        last_event=event,
        attempt=attempt_from(stored, payments),
        past_attempts=past_attempts_from(stored, payments),
        payments=payments,
        refunds={key: refund_from(key, part, payments) for key, part in stored.parts("refunds").items()},
        disputes={key: dispute_from(key, part) for key, part in stored.parts("disputes").items()},
        evicted_attempt_ids=evicted_attempt_ids_from(stored),
        cancelled=record_from(Cancellation, stored.part("cancelled")) if stored.has("cancelled") else None,
    )


def event_document(event: Event) -> dict[str, Any]:
    """The value of `last_event`.

    `seq` equals the head's version and is not repeated.
    """
    return record_document(event)


def event_from_document(document: Document) -> Event:
    """The event in a head's `last_event`. Raises `Unreadable` for a missing or malformed field."""
    return record_from(Event, StoredFields(document, "last_event"))


def content_document(content: Content) -> dict[str, Any]:
    """The document of one revision's content."""
    return record_document(content)


def known_content_document(content: Content) -> dict[str, Any]:
    """The same without what a later release stored; addresses and metadata have texts alone."""
    known = replace(
        content,
        lines=tuple(replace(line, unknown={}) for line in content.lines),
        shipping_address=_texts_of(content.shipping_address),
        billing_address=_texts_of(content.billing_address),
        metadata=_texts_of(content.metadata),
        unknown={},
    )
    return content_document(known)


def _texts_of(part: Mapping[str, Any] | None) -> dict[str, str] | None:
    return None if part is None else {name: value for name, value in part.items() if isinstance(value, str)}


def content_from_document(document: Document) -> Content:
    """The content that a document describes. Raises `Unreadable` for a missing or malformed field."""
    return record_from(Content, StoredFields(document))
