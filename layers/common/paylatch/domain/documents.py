"""The head as a document of plain values, and back. With `money_documents`, what knows the attribute names."""

from collections.abc import Iterable, Mapping
from typing import Any

from paylatch.domain.errors import OrderUnreadable
from paylatch.domain.guards import Document
from paylatch.domain.instructions import Instruction
from paylatch.domain.moments import as_text
from paylatch.domain.money_documents import dispute_from, payment_from, refund_from
from paylatch.domain.order import Content, Event, Line, Order, PaymentStatus
from paylatch.domain.payment import Attempt, AttemptStatus, Capture, CapturedPayment, SupersededAttempt
from paylatch.domain.stored_fields import StoredFields, Unreadable

Payments = Mapping[str, CapturedPayment]


def order_from_document(document: Document) -> Order:
    """The order that a head's document describes.

    Unknown attributes are ignored. Raises `OrderUnreadable` for a missing field or an unknown word.
    """
    try:
        return _order_from(StoredFields(document))
    except Unreadable as error:
        raise OrderUnreadable(str(document.get("order_id", "without an id")), str(error)) from error


def _order_from(fields: StoredFields) -> Order:
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
        created_at=fields.moment("created_at"),
        updated_at=event.at,
        last_event=event,
        attempt=_attempt_from(fields, payments) if fields.has("attempt_id") else None,
        superseded={key: _superseded_from(key, value, payments) for key, value in fields.parts("superseded").items()},
        payments=payments,
        refunds={key: refund_from(key, value, payments) for key, value in fields.parts("refunds").items()},
        disputes={key: dispute_from(key, value) for key, value in fields.parts("disputes").items()},
        attempts_made=fields.number("attempts_made"),
        forgotten=frozenset(fields.mapping("forgotten")),
        due_at=fields.optional_moment("due_at"),
        owed_at=fields.optional_moment("owed_at"),
    )


def event_document(event: Event) -> dict[str, Any]:
    """What `last_event` holds; the `seq` is the head's version and not repeated."""
    document: dict[str, Any] = {
        "token": event.token,
        "type": event.type,
        "at": as_text(event.at),
        "actor": event.actor,
    }
    if event.attempt_id is not None:
        document["attempt_id"] = event.attempt_id
    if event.detail:
        document["detail"] = dict(event.detail)
    return document


def event_from_document(document: Document) -> Event:
    """The event that a head's `last_event` describes. Raises `Unreadable` where it is not whole."""
    return _event_from(StoredFields(document, "last_event"))


def _event_from(fields: StoredFields) -> Event:
    return Event(
        token=fields.text("token"),
        type=fields.text("type"),
        at=fields.moment("at"),
        actor=fields.text("actor"),
        attempt_id=fields.optional_text("attempt_id"),
        detail=fields.mapping("detail") if fields.has("detail") else None,
    )


def superseded_document(attempt: SupersededAttempt) -> dict[str, Any]:
    """The short form of an attempt, keyed by its id in the head."""
    return _without_nothing(
        {
            "status": attempt.status.value,
            "amount": attempt.amount,
            "currency": attempt.currency,
            "revision": attempt.revision,
            "gateway": attempt.gateway,
            "since": as_text(attempt.since),
            "deadline": as_text(attempt.deadline),
            "fingerprint": attempt.fingerprint,
            "session": attempt.session_id,
            "check_at": as_text(attempt.check_at) if attempt.check_at else None,
        }
    )


def content_document(content: Content) -> dict[str, Any]:
    """The content of one revision."""
    return _without_nothing(
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
    """The content that a document describes. Raises `Unreadable` for what it does not understand."""
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


def _attempt_from(fields: StoredFields, payments: Payments) -> Attempt:
    return Attempt(
        attempt_id=fields.text("attempt_id"),
        status=fields.word("attempt_status", AttemptStatus),
        amount=fields.number("attempt_amount"),
        currency=fields.text("attempt_currency"),
        revision=fields.number("attempt_revision"),
        gateway=fields.text("attempt_gateway"),
        since=fields.moment("attempt_since"),
        deadline=fields.moment("attempt_deadline"),
        return_url=fields.text("attempt_return_url"),
        fingerprint=fields.text("attempt_fingerprint"),
        session_id=fields.optional_text("attempt_session"),
        pay_url=fields.optional_text("attempt_pay_url"),
        reason=fields.word("attempt_reason", Instruction) if fields.has("attempt_reason") else None,
        checks=fields.number("attempt_checks", 0),
        captured=_captured_from(fields, payments),
        reference=fields.text("reference"),
    )


def _captured_from(fields: StoredFields, payments: Payments) -> Capture | None:
    payment_id = fields.optional_text("captured_payment")
    if payment_id is None:
        return None
    if payment_id not in payments:
        raise Unreadable("captured_payment is no recorded payment")
    return payments[payment_id].capture


def _superseded_from(attempt_id: str, fields: StoredFields, payments: Payments) -> SupersededAttempt:
    gateway = fields.text("gateway")
    return SupersededAttempt(
        attempt_id=attempt_id,
        status=fields.word("status", AttemptStatus),
        amount=fields.number("amount"),
        currency=fields.text("currency"),
        revision=fields.number("revision"),
        gateway=gateway,
        since=fields.moment("since"),
        deadline=fields.moment("deadline"),
        fingerprint=fields.text("fingerprint"),
        session_id=fields.optional_text("session"),
        check_at=fields.optional_moment("check_at"),
        captured=_first_capture(payments.values(), attempt_id, gateway),
    )


def _first_capture(payments: Iterable[CapturedPayment], attempt_id: str, gateway: str) -> Capture | None:
    came = [payment for payment in payments if (payment.attempt_id, payment.gateway) == (attempt_id, gateway)]
    return min(came, key=lambda payment: (payment.since, payment.payment_id)).capture if came else None


def _without_nothing(document: Mapping[str, Any]) -> dict[str, Any]:
    return {key: value for key, value in document.items() if value is not None}
