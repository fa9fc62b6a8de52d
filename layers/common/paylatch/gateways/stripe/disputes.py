"""Stripe's disputes, converted to the values of the gateway port."""

from collections.abc import Mapping

from paylatch.domain.payment import Dispute, DisputeStatus
from paylatch.gateways import fields
from paylatch.gateways.fields import Document
from paylatch.gateways.stripe.money import from_stripe

# Closed inquiries, and disputes that were prevented or answered by a refund, took no money.
_DISPUTES = {
    "warning_needs_response": DisputeStatus.OPEN,
    "warning_under_review": DisputeStatus.OPEN,
    "appeal_needs_response": DisputeStatus.OPEN,
    "appeal_under_review": DisputeStatus.OPEN,
    "needs_response": DisputeStatus.OPEN,
    "under_review": DisputeStatus.OPEN,
    "warning_closed": DisputeStatus.WON,
    "charge_refunded": DisputeStatus.WON,
    "prevented": DisputeStatus.WON,
    "won": DisputeStatus.WON,
    "lost": DisputeStatus.LOST,
}


def dispute_status(dispute: Document) -> DisputeStatus:
    """The status of a dispute. Raises `UnknownStatus` for a status that Stripe does not document."""
    return fields.known(_DISPUTES, dispute, "status")


def dispute_of(document: Document) -> Dispute | None:
    """The dispute; None for one of a charge without a payment intent, which no Checkout Session made."""
    payment_id = intent_id_of(document)
    if payment_id is None:
        return None
    code = fields.currency(document, "currency")
    evidence = document.get("evidence_details")
    return Dispute(
        dispute_id=fields.word(document, "id"),
        payment_id=payment_id,
        amount=from_stripe(fields.minor_units(document, "amount"), code),
        currency=code,
        status=dispute_status(document),
        evidence_due=fields.epoch_timestamp(evidence, "due_by") if isinstance(evidence, Mapping) else None,
    )


def intent_id_of(document: Document) -> str | None:
    """The id of the payment intent that a charge, refund or dispute names, expanded or not; None without one."""
    intent = document.get("payment_intent")
    return fields.optional_word(intent if isinstance(intent, Mapping) else {"id": intent}, "id")
