"""Conversion between the head and its document of plain values.

This module, `attempt_documents` and `money_documents` are the only ones that know the attributes' names.
"""

from typing import Any

from paylatch.domain.attempt_documents import (
    attempt_from,
    evicted_attempt_ids_from,
    past_attempts_from,
    without_none,
)
from paylatch.domain.errors import OrderUnreadable
from paylatch.domain.guards import Document
from paylatch.domain.money_documents import dispute_from, payment_from, refund_from
from paylatch.domain.order import Content, Event, Line, Order, PaymentStatus
from paylatch.domain.stored_fields import STORAGE_FORMAT, StoredFields, Unreadable
from paylatch.domain.timestamps import as_text


def order_from_document(document: Document) -> Order:
    """The order that a head's document describes; unknown attributes are ignored.

    Raises `OrderUnreadable` for another storage format, a missing field or an unknown word; its cause names the
    field.
    """
    try:
        return _order_from(StoredFields(document))
    except Unreadable as error:
        raise OrderUnreadable(str(document.get("order_id", "without an id")), str(error)) from error


def _order_from(fields: StoredFields) -> Order:
    fields.require("format", STORAGE_FORMAT)
    payments = {key: payment_from(key, value) for key, value in fields.parts("payments").items()}
    event = _event_from(fields.part("last_event"))
    return Order(
        order_id=fields.text("order_id"),
        reference=fields.text("reference"),
        buyer_id=fields.text("buyer_id"),
        seller_id=fields.text("seller_id"),
        status=fields.word("payment_status", PaymentStatus),
        version=fields.number("version"),
        revision=fields.number("revision"),
        content_id=fields.text("content_id"),
        previous_content_id=fields.optional_text("previous_content_id"),
        total=fields.number("total"),
        currency=fields.text("currency"),
        fingerprint=fields.text("fingerprint"),
        created_at=fields.timestamp("created_at"),
        updated_at=event.at,
        last_event=event,
        attempt=attempt_from(fields, payments),
        past_attempts=past_attempts_from(fields, payments),
        payments=payments,
        refunds={key: refund_from(key, value, payments) for key, value in fields.parts("refunds").items()},
        disputes={key: dispute_from(key, value) for key, value in fields.parts("disputes").items()},
        attempts_made=fields.number("attempts_made"),
        evicted_attempt_ids=evicted_attempt_ids_from(fields),
        due_at=fields.optional_timestamp("due_at"),
        follow_up_at=fields.optional_timestamp("follow_up_at"),
    )


def event_document(event: Event) -> dict[str, Any]:
    """The value of `last_event`.

    `seq` equals the head's version and is not repeated.
    """
    document: dict[str, Any] = {
        "write_id": event.write_id,
        "type": event.type,
        "at": as_text(event.at),
        "actor": event.actor,
    }
    if event.attempt_id is not None:
        document["attempt_id"] = event.attempt_id
    if event.detail:
        document["detail"] = dict(event.detail)
    if event.due_at is not None:
        document["due_at"] = as_text(event.due_at)
    return document


def event_from_document(document: Document) -> Event:
    """The event in a head's `last_event`. Raises `Unreadable` where a field is missing or malformed."""
    return _event_from(StoredFields(document, "last_event"))


def _event_from(fields: StoredFields) -> Event:
    return Event(
        write_id=fields.text("write_id"),
        type=fields.text("type"),
        at=fields.timestamp("at"),
        actor=fields.text("actor"),
        attempt_id=fields.optional_text("attempt_id"),
        detail=fields.mapping("detail") if fields.has("detail") else None,
        due_at=fields.optional_timestamp("due_at"),
    )


def content_document(content: Content) -> dict[str, Any]:
    """The document of one revision's content."""
    return without_none(
        {
            "lines": [
                {
                    "sku": line.sku,
                    "name": line.name,
                    "quantity": line.quantity,
                    "unit_price": line.unit_price,
                }
                for line in content.lines
            ],
            "shipping_address": dict(content.shipping_address) if content.shipping_address is not None else None,
            "note": content.note,
        }
    )


def content_from_document(document: Document) -> Content:
    """The content that a document describes. Raises `Unreadable` for a missing field or an unknown word."""
    fields = StoredFields(document)
    return Content(
        lines=tuple(_line_from(line) for line in fields.list_of_parts("lines")),
        shipping_address=_texts_of(fields.mapping("shipping_address")) if fields.has("shipping_address") else None,
        note=fields.optional_text("note"),
    )


def _texts_of(document: Document) -> dict[str, str]:
    return {name: value for name, value in document.items() if isinstance(value, str)}


def _line_from(fields: StoredFields) -> Line:
    return Line(
        sku=fields.text("sku"),
        name=fields.text("name"),
        quantity=fields.number("quantity"),
        unit_price=fields.number("unit_price"),
    )
