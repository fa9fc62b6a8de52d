"""The sandbox's responses."""

import json
from dataclasses import dataclass
from typing import Any

from paylatch.domain.timestamps import as_text
from sandbox.outbox import Delivery
from sandbox.refunds import refund_document
from sandbox.sessions import Session, payment_document
from sandbox.voids import VoidResult


@dataclass(frozen=True, slots=True)
class SandboxResponse:
    """A status and a JSON document, sent after a delay in seconds."""

    status: int
    document: dict[str, Any]
    pause: int = 0


def problem(status: int, code: str, detail: str, **more: Any) -> SandboxResponse:
    """A problem document as a response."""
    return SandboxResponse(status, {"code": code, "detail": detail, **more})


def session_document(session: Session, pay_url: str) -> dict[str, Any]:
    """A session as its shop sees it."""
    terms = session.terms
    return {
        "session_id": session.session_id,
        "attempt_id": terms.attempt_id,
        "order_id": terms.order_id,
        "status": session.status.value,
        "amount": terms.amount,
        "currency": terms.currency,
        "description": terms.description,
        "shop": terms.shop,
        "stack": terms.stack,
        "pay_url": pay_url,
        "return_url": terms.return_url,
        "expires_at": as_text(terms.expires_at),
        "failed_tries": session.failed_tries,
        "payment": payment_document(session, session.payment) if session.payment else None,
        "refunds": [refund_document(refund) for refund in session.refunds],
        "callbacks": callbacks_document(session),
    }


def callbacks_document(session: Session) -> list[dict[str, Any]]:
    """The callbacks of a session, sent and pending."""
    return [_delivery_document(delivery) for delivery in session.outbox]


def void_document(session: Session, result: VoidResult) -> dict[str, Any]:
    """The answer to a void."""
    document: dict[str, Any] = {"result": result.value}
    if result is VoidResult.ALREADY_PAID and session.payment:
        document["payment"] = payment_document(session, session.payment)
    if result is VoidResult.NOT_VOIDABLE:
        document["until"] = as_text(session.link_expires_at)
    return document


def _delivery_document(delivery: Delivery) -> dict[str, Any]:
    return {
        "id": delivery.webhook_id,
        "type": json.loads(delivery.body)["type"],
        "tries": delivery.tries,
        "next_at": as_text(delivery.next_at) if delivery.next_at else None,
        "delivered_at": as_text(delivery.delivered_at) if delivery.delivered_at else None,
    }
