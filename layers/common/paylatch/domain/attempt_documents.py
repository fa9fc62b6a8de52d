"""Conversion between attempts and their parts of the head's document."""

from collections.abc import Iterable, Mapping
from datetime import datetime
from typing import Any

from paylatch.domain.attempt_edit import AttemptEdit
from paylatch.domain.ids import attempt_id_with
from paylatch.domain.payment import Attempt, AttemptStatus, Capture, CapturedPayment, PastAttempt
from paylatch.domain.stored_fields import StoredFields, Unreadable
from paylatch.domain.stored_records import record_document, record_from
from paylatch.domain.timestamps import as_milliseconds, as_text

Payments = Mapping[str, CapturedPayment]


def attempt_document(
    attempt_id: str,
    status: AttemptStatus,
    gateway: str,
    since: datetime,
    deadline: datetime,
    fingerprint: str,
    **more: str | None,
) -> dict[str, Any]:
    """The document of the attempt that holds an order.

    Amount, currency and revision are the order's; the document does not repeat them.
    """
    return without_none(
        {
            "id": attempt_id,
            "status": status.value,
            "gateway": gateway,
            "since": as_text(since),
            "deadline": as_text(deadline),
            "fingerprint": fingerprint,
            **more,
        }
    )


def attempt_from(fields: StoredFields, payments: Payments) -> Attempt | None:
    """The attempt in a head's document; None where no attempt holds the order."""
    if not fields.has("attempt"):
        return None
    part = fields.part("attempt")
    return record_from(
        Attempt,
        part,
        attempt_id=part.text("id"),
        amount=fields.number("total"),
        currency=fields.text("currency"),
        revision=fields.number("revision"),
        return_url=part.optional_text("return_url") or "",
        session_id=part.optional_text("session"),
        captured=_captured_from(part, payments),
        reference=fields.text("reference"),
    )


def past_attempt_document(attempt: PastAttempt) -> dict[str, Any]:
    """The short form of an attempt that no longer holds its order.

    The head keeps it under the suffix of the attempt's id. Times are numbers of milliseconds, because up to ten
    past attempts make up most of a large head. The currency is the order's, which never changes.
    """
    return without_none(
        {
            "status": attempt.status.value,
            "amount": attempt.amount,
            "revision": attempt.revision,
            "gateway": attempt.gateway,
            "since": as_milliseconds(attempt.since),
            "lasts": as_milliseconds(attempt.deadline) - as_milliseconds(attempt.since),
            "fingerprint": attempt.fingerprint,
            "session": attempt.session_id,
            "check_at": as_milliseconds(attempt.check_at) if attempt.check_at else None,
            "edit": record_document(attempt.edit) if attempt.edit else None,
        }
    )


def past_attempts_from(fields: StoredFields, payments: Payments) -> dict[str, PastAttempt]:
    """The past attempts in a head's document, by attempt id."""
    order_id, currency = fields.text("order_id"), fields.text("currency")
    parts = {attempt_id_with(order_id, key): part for key, part in fields.parts("past_attempts").items()}
    return {key: _past_attempt_from(key, currency, part, payments) for key, part in parts.items()}


def evicted_attempt_ids_from(fields: StoredFields) -> frozenset[str]:
    """The ids of attempts whose other fields the head no longer stores."""
    order_id = fields.text("order_id")
    return frozenset(attempt_id_with(order_id, suffix) for suffix in fields.texts("evicted_attempts"))


def without_none(document: Mapping[str, Any]) -> dict[str, Any]:
    """The document without the keys whose value is None."""
    return {key: value for key, value in document.items() if value is not None}


def _past_attempt_from(attempt_id: str, currency: str, fields: StoredFields, payments: Payments) -> PastAttempt:
    return record_from(
        PastAttempt,
        fields,
        attempt_id=attempt_id,
        currency=currency,
        since=fields.milliseconds("since"),
        deadline=fields.later("since", "lasts"),
        session_id=fields.optional_text("session"),
        check_at=fields.optional_milliseconds("check_at"),
        captured=_first_capture(payments.values(), attempt_id, fields.text("gateway")),
        edit=record_from(AttemptEdit, fields.part("edit")) if fields.has("edit") else None,
    )


def _captured_from(fields: StoredFields, payments: Payments) -> Capture | None:
    payment_id = fields.optional_text("captured_payment")
    if payment_id is None:
        return None
    if payment_id not in payments:
        raise Unreadable("attempt.captured_payment is not a recorded payment")
    return payments[payment_id].capture


def _first_capture(payments: Iterable[CapturedPayment], attempt_id: str, gateway: str) -> Capture | None:
    came = [payment for payment in payments if (payment.attempt_id, payment.gateway) == (attempt_id, gateway)]
    return min(came, key=lambda payment: (payment.since, payment.payment_id)).capture if came else None
