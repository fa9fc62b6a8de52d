"""Conversion between payments, refunds and disputes and their parts of the head's document."""

from collections.abc import Mapping
from typing import Any

from paylatch.domain.ids import derived_refund_id
from paylatch.domain.payment import (
    CapturedPayment,
    Dispute,
    DisputeStatus,
    PaymentPlace,
    Refund,
    RefundStatus,
)
from paylatch.domain.stored_fields import StoredFields, Unreadable
from paylatch.domain.timestamps import as_text


def payment_document(payment: CapturedPayment) -> dict[str, Any]:
    """The document of a captured payment, which the head keeps under the payment's id."""
    document: dict[str, Any] = {
        "attempt_id": payment.attempt_id,
        "gateway": payment.gateway,
        "amount": payment.amount,
        "currency": payment.currency,
        "place": payment.place.value,
        "since": as_text(payment.since),
        "returned": payment.returned,
    }
    if payment.next_at is not None:
        document |= {"next_at": as_text(payment.next_at), "tries": payment.tries}
    return document


def payment_from(payment_id: str, fields: StoredFields) -> CapturedPayment:
    """The captured payment that a document describes."""
    return CapturedPayment(
        payment_id=payment_id,
        attempt_id=fields.text("attempt_id"),
        gateway=fields.text("gateway"),
        amount=fields.number("amount"),
        currency=fields.text("currency"),
        place=fields.word("place", PaymentPlace),
        since=fields.timestamp("since"),
        returned=fields.number("returned", 0),
        next_at=fields.optional_timestamp("next_at"),
        tries=fields.number("tries", 0),
    )


def refund_document(refund: Refund) -> dict[str, Any]:
    """The document of a refund, which the head keeps under the refund's id.

    Fields that equal those of its payment are stored there alone.
    """
    return {
        "payment_id": refund.payment_id,
        "amount": refund.amount,
        "status": refund.status.value,
        "reason": refund.reason,
        "since": as_text(refund.since),
        "next_at": as_text(refund.next_at),
        "tries": refund.tries,
    }


def refund_from(refund_id: str, fields: StoredFields, payments: Mapping[str, CapturedPayment]) -> Refund:
    """The refund that a document describes. Raises `Unreadable` where its payment is not recorded."""
    payment = payments.get(fields.text("payment_id"))
    if payment is None:
        raise Unreadable(f"refunds.{refund_id} names a payment that is not recorded")
    return Refund(
        payment_id=payment.payment_id,
        attempt_id=payment.attempt_id,
        gateway=payment.gateway,
        amount=fields.number("amount"),
        currency=payment.currency,
        status=fields.word("status", RefundStatus),
        reason=fields.text("reason"),
        since=fields.timestamp("since"),
        next_at=fields.timestamp("next_at"),
        tries=fields.number("tries", 0),
        own_id=None if refund_id == derived_refund_id(payment.attempt_id, payment.payment_id) else refund_id,
    )


def dispute_document(dispute: Dispute) -> dict[str, Any]:
    """The document of a dispute, which the head keeps under the dispute's id."""
    document: dict[str, Any] = {
        "payment_id": dispute.payment_id,
        "amount": dispute.amount,
        "currency": dispute.currency,
        "status": dispute.status.value,
    }
    if dispute.evidence_due is not None:
        document["evidence_due"] = as_text(dispute.evidence_due)
    return document


def dispute_from(dispute_id: str, fields: StoredFields) -> Dispute:
    """The dispute that a document describes."""
    return Dispute(
        dispute_id=dispute_id,
        payment_id=fields.text("payment_id"),
        amount=fields.number("amount"),
        currency=fields.text("currency"),
        status=fields.word("status", DisputeStatus),
        evidence_due=fields.optional_timestamp("evidence_due"),
    )
