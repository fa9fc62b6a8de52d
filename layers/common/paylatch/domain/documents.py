"""The head as a document of plain values, and back. The one place that knows the attribute names."""

from collections.abc import Mapping
from datetime import datetime
from typing import Any

from paylatch.domain.guards import Document
from paylatch.domain.instructions import Instruction
from paylatch.domain.moments import as_text, from_text
from paylatch.domain.order import Content, Event, Line, Order, PaymentStatus
from paylatch.domain.payment import (
    Attempt,
    AttemptStatus,
    Capture,
    Refund,
    RefundStatus,
    SupersededAttempt,
)


def order_from_document(document: Document) -> Order:
    """The order that a head's document describes."""
    return Order(
        order_id=document["order_id"],
        reference=document["reference"],
        buyer_id=document["buyer_id"],
        seller_id=document["seller_id"],
        status=PaymentStatus(document["payment_status"]),
        version=document["version"],
        revision=document["revision"],
        content_id=document["content_id"],
        previous_content_id=document.get("previous_content_id"),
        total=document["total"],
        currency=document["currency"],
        fingerprint=document["fingerprint"],
        created_at=from_text(document["created_at"]),
        updated_at=from_text(document["last_event"]["at"]),
        last_event=event_from_document(document["last_event"]),
        attempt=_attempt_from(document) if "attempt_id" in document else None,
        superseded={key: _superseded_from(key, value) for key, value in document["superseded"].items()},
        refunds={key: _refund_from(key, value) for key, value in document["refunds"].items()},
        forgotten=frozenset(document["forgotten"]),
        due_at=_moment(document, "due_at"),
        owed_at=_moment(document, "owed_at"),
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
    """The event that a head's `last_event` describes."""
    return Event(
        token=document["token"],
        type=document["type"],
        at=from_text(document["at"]),
        actor=document["actor"],
        attempt_id=document.get("attempt_id"),
        detail=document.get("detail"),
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


def refund_document(refund: Refund) -> dict[str, Any]:
    """A refund, keyed by the captured payment's id in the head."""
    return _without_nothing(
        {
            "attempt_id": refund.attempt_id,
            "gateway": refund.gateway,
            "amount": refund.amount,
            "currency": refund.currency,
            "status": refund.status.value,
            "reason": refund.reason,
            "since": as_text(refund.since),
            "next_at": as_text(refund.next_at),
            "tries": refund.tries,
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
    """The content that a document describes."""
    return Content(
        lines=tuple(
            Line(line["sku"], line["name"], line["quantity"], line["unit_price"]) for line in document["lines"]
        ),
        shipping_address=document.get("shipping_address"),
        note=document.get("note"),
    )


def _attempt_from(document: Document) -> Attempt:
    return Attempt(
        attempt_id=document["attempt_id"],
        status=AttemptStatus(document["attempt_status"]),
        amount=document["attempt_amount"],
        currency=document["attempt_currency"],
        revision=document["attempt_revision"],
        gateway=document["attempt_gateway"],
        since=from_text(document["attempt_since"]),
        deadline=from_text(document["attempt_deadline"]),
        return_url=document["attempt_return_url"],
        fingerprint=document["attempt_fingerprint"],
        session_id=document.get("attempt_session"),
        pay_url=document.get("attempt_pay_url"),
        reason=Instruction(document["attempt_reason"]) if "attempt_reason" in document else None,
        checks=document.get("attempt_checks", 0),
        captured=_capture_from(document),
    )


def _capture_from(document: Document) -> Capture | None:
    if "captured_payment" not in document:
        return None
    return Capture(
        document["captured_payment"],
        document["captured_amount"],
        document["captured_currency"],
    )


def _superseded_from(attempt_id: str, document: Document) -> SupersededAttempt:
    return SupersededAttempt(
        attempt_id=attempt_id,
        status=AttemptStatus(document["status"]),
        amount=document["amount"],
        currency=document["currency"],
        revision=document["revision"],
        gateway=document["gateway"],
        since=from_text(document["since"]),
        deadline=from_text(document["deadline"]),
        fingerprint=document["fingerprint"],
        session_id=document.get("session"),
        check_at=_moment(document, "check_at"),
    )


def _refund_from(payment_id: str, document: Document) -> Refund:
    return Refund(
        payment_id=payment_id,
        attempt_id=document["attempt_id"],
        gateway=document["gateway"],
        amount=document["amount"],
        currency=document["currency"],
        status=RefundStatus(document["status"]),
        reason=document["reason"],
        since=from_text(document["since"]),
        next_at=from_text(document["next_at"]),
        tries=document["tries"],
    )


def _moment(document: Document, name: str) -> datetime | None:
    return from_text(document[name]) if name in document else None


def _without_nothing(document: Mapping[str, Any]) -> dict[str, Any]:
    return {key: value for key, value in document.items() if value is not None}
