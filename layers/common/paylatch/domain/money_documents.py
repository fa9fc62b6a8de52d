"""Conversion between payments, refunds and disputes and their parts of the head's document."""

from collections.abc import Mapping
from typing import Any

from paylatch.domain.ids import derived_refund_id
from paylatch.domain.payment import CapturedPayment, Dispute, Refund
from paylatch.domain.stored_fields import StoredFields, Unreadable
from paylatch.domain.stored_records import record_document, record_from


def payment_document(payment: CapturedPayment) -> dict[str, Any]:
    """The document of a captured payment, which the head keeps under the payment's id.

    The number of tries belongs to the next query, and is stored with it alone.
    """
    return record_document(payment, "payment_id", *(["tries"] if payment.next_at is None else []))


def payment_from(payment_id: str, stored: StoredFields) -> CapturedPayment:
    """The captured payment that a document describes."""
    return record_from(CapturedPayment, stored, payment_id=payment_id)


def refund_document(refund: Refund) -> dict[str, Any]:
    """The document of a refund, which the head keeps under the refund's id.

    Fields that equal those of its payment are stored there alone.
    """
    return record_document(refund, "own_id", "attempt_id", "gateway", "currency")


def refund_from(refund_id: str, stored: StoredFields, payments: Mapping[str, CapturedPayment]) -> Refund:
    """The refund that a document describes. Raises `Unreadable` where its payment is not recorded."""
    payment = payments.get(stored.text("payment_id"))
    if payment is None:
        raise Unreadable(f"refunds.{refund_id} names a payment that is not recorded")
    return record_from(
        Refund,
        stored,
        attempt_id=payment.attempt_id,
        gateway=payment.gateway,
        currency=payment.currency,
        own_id=None if refund_id == derived_refund_id(payment.attempt_id, payment.payment_id) else refund_id,
    )


def dispute_document(dispute: Dispute) -> dict[str, Any]:
    """The document of a dispute, which the head keeps under the dispute's id."""
    return record_document(dispute, "dispute_id")


def dispute_from(dispute_id: str, stored: StoredFields) -> Dispute:
    """The dispute that a document describes."""
    return record_from(Dispute, stored, dispute_id=dispute_id)
