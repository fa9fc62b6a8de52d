"""What Stripe's events say, in the words of the port."""

from collections.abc import Callable, Mapping
from dataclasses import replace

from paylatch.domain.payment import Capture, Dispute, DisputeStatus
from paylatch.gateways import fields
from paylatch.gateways.fields import Document
from paylatch.gateways.stripe_money import from_stripe
from paylatch.gateways.stripe_sessions import SETTLED, attempt_of, capture_of
from paylatch.ports import Notice, NoticeKind

Reader = Callable[[Document, Document], Notice | None]

# What a refund that is pending, or waits for the payer, comes to is told by a later event.
_REFUND_NOTICES = {
    "succeeded": NoticeKind.REFUNDED,
    "failed": NoticeKind.REFUND_FAILED,
    "canceled": NoticeKind.REFUND_FAILED,
}
# An inquiry that was closed, and a dispute that was prevented or answered by a refund, took nothing by itself. In every
# other status, known or not, the dispute goes on.
_ENDED_DISPUTES = {
    "won": DisputeStatus.WON,
    "warning_closed": DisputeStatus.WON,
    "charge_refunded": DisputeStatus.WON,
    "prevented": DisputeStatus.WON,
    "lost": DisputeStatus.LOST,
}


def notices_of(event: Document, *, live: bool) -> tuple[Notice, ...]:
    """What an event says about one of our attempts; nothing where it is about something else, or for somebody else."""
    read = _READERS.get(fields.word(event, "type"))
    if read is None:
        return ()
    document = fields.part(fields.part(event, "data"), "object")
    notice = read(document, event) if _is_for_us(event, document, live) else None
    return (replace(notice, stated_at=fields.epoch_moment(event, "created")),) if notice else ()


def _is_for_us(event: Document, document: Document, live: bool) -> bool:
    # A platform's endpoint hears of its connected accounts too, whose events name them, and of both modes. At Stripe
    # event and object both tell the mode; servers that speak its API may leave it out of the event.
    return event.get("account") is None and event.get("livemode", document.get("livemode")) is live


def _completed(session: Document, _: Document) -> Notice | None:
    attempt_id = attempt_of(session)
    if attempt_id is None:
        return None
    if fields.word(session, "payment_status") not in SETTLED:
        return Notice(NoticeKind.IN_PROGRESS, attempt_id)
    return Notice(NoticeKind.PAID, attempt_id, capture_of(session))


def _plainly(kind: NoticeKind) -> Reader:
    def read(document: Document, _: Document) -> Notice | None:
        attempt_id = attempt_of(document)
        return Notice(kind, attempt_id) if attempt_id else None

    return read


def _expired(session: Document, event: Document) -> Notice | None:
    attempt_id = attempt_of(session)
    if attempt_id is None:
        return None
    # Stripe tells alike of a session whose time ran out and of one that a call expired before.
    ended, limit = fields.epoch_moment(event, "created"), fields.epoch_moment(session, "expires_at")
    ran_out = ended is not None and limit is not None and ended >= limit
    return Notice(NoticeKind.EXPIRED if ran_out else NoticeKind.CLOSED, attempt_id)


def _refund_changed(refund: Document, _: Document) -> Notice | None:
    kind, payment_id = _REFUND_NOTICES.get(fields.optional_word(refund, "status") or ""), _payment_id(refund)
    if kind is None or payment_id is None:
        return None
    attempt_id = attempt_of(refund)
    code = fields.currency(refund, "currency")
    if attempt_id and fields.is_refund_of(_metadata(refund).get("refund_id"), attempt_id):
        amount = from_stripe(fields.minor_units(refund, "amount"), code)
        return Notice(kind, attempt_id, Capture(payment_id, amount, code))
    if attempt_id is None and kind is NoticeKind.REFUNDED:
        # Made by hand: `charge.refunded` tells of it too, and names the attempt.
        return None
    return Notice(NoticeKind.MONEY_RETURNED, attempt_id or "", Capture(payment_id, 0, code))


def _charge_refunded(charge: Document, event: Document) -> Notice | None:
    attempt_id, payment_id = attempt_of(charge), _payment_id(charge)
    if attempt_id is None or payment_id is None or fields.is_refund_of(_idempotency_key(event), attempt_id):
        # Of a refund that we asked for, the refund's own events tell; this one comes while it may still be pending.
        return None
    code = fields.currency(charge, "currency")
    amount, returned = fields.minor_units(charge, "amount"), fields.minor_units(charge, "amount_refunded")
    capture = Capture(payment_id, from_stripe(amount, code), code, from_stripe(returned, code))
    return Notice(NoticeKind.MONEY_RETURNED, attempt_id, capture)


def _disputed(document: Document, _: Document) -> Notice | None:
    payment_id = _payment_id(document)
    if payment_id is None:
        # A charge without a payment intent was not made by a Checkout Session.
        return None
    code = fields.currency(document, "currency")
    evidence = document.get("evidence_details")
    dispute = Dispute(
        dispute_id=fields.word(document, "id"),
        payment_id=payment_id,
        amount=from_stripe(fields.minor_units(document, "amount"), code),
        currency=code,
        status=_ENDED_DISPUTES.get(fields.word(document, "status"), DisputeStatus.OPEN),
        evidence_due=fields.epoch_moment(evidence, "due_by") if isinstance(evidence, Mapping) else None,
    )
    # A dispute has metadata of its own: as a rule only the payment tells whose it is.
    return Notice(NoticeKind.DISPUTED, attempt_of(document) or "", dispute=dispute)


def _payment_id(document: Document) -> str | None:
    intent = document.get("payment_intent")
    return fields.optional_word(intent if isinstance(intent, Mapping) else {"id": intent}, "id")


def _metadata(document: Document) -> Document:
    metadata = document.get("metadata")
    return metadata if isinstance(metadata, Mapping) else {}


def _idempotency_key(event: Document) -> object:
    request = event.get("request")
    return request.get("idempotency_key") if isinstance(request, Mapping) else None


_READERS: dict[str, Reader] = {
    "checkout.session.completed": _completed,
    "checkout.session.async_payment_succeeded": _completed,
    "checkout.session.async_payment_failed": _plainly(NoticeKind.DECLINED),
    "checkout.session.expired": _expired,
    "payment_intent.payment_failed": _plainly(NoticeKind.TRY_FAILED),
    "charge.refunded": _charge_refunded,
    "charge.refund.updated": _refund_changed,
    "refund.created": _refund_changed,
    "refund.updated": _refund_changed,
    "refund.failed": _refund_changed,
    "charge.dispute.created": _disputed,
    "charge.dispute.updated": _disputed,
    "charge.dispute.closed": _disputed,
    "charge.dispute.funds_withdrawn": _disputed,
    "charge.dispute.funds_reinstated": _disputed,
}
