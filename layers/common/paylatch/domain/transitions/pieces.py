"""The changes that several transitions share."""

from datetime import datetime

from paylatch.domain.backoff import OVERDUE
from paylatch.domain.changes import Change, Put, Remove
from paylatch.domain.documents import superseded_document
from paylatch.domain.moments import as_text
from paylatch.domain.order import Order, PaymentStatus
from paylatch.domain.payment import (
    Attempt,
    AttemptStatus,
    Capture,
    Refund,
    RefundStatus,
    SupersededAttempt,
)

KEPT_ATTEMPTS = 20
# An order with so many is not unlocked behind one more: its gateway must end that one first.
MOST_LIVE_LINKS = 10
ATTEMPT_FIELDS = (
    "attempt_id",
    "attempt_status",
    "attempt_amount",
    "attempt_currency",
    "attempt_revision",
    "attempt_gateway",
    "attempt_since",
    "attempt_deadline",
    "attempt_return_url",
    "attempt_fingerprint",
    "attempt_session",
    "attempt_pay_url",
    "attempt_reason",
    "attempt_checks",
    "captured_payment",
    "captured_amount",
    "captured_currency",
)


def superseded(attempt: Attempt, status: AttemptStatus, check_at: datetime | None) -> SupersededAttempt:
    """The short form of an attempt that stops holding its order."""
    return SupersededAttempt(
        attempt_id=attempt.attempt_id,
        status=status,
        amount=attempt.amount,
        currency=attempt.currency,
        revision=attempt.revision,
        gateway=attempt.gateway,
        since=attempt.since,
        deadline=attempt.deadline,
        fingerprint=attempt.fingerprint,
        session_id=attempt.session_id,
        check_at=check_at,
    )


def attempt_leaves(order: Order, kept: SupersededAttempt) -> tuple[Change, ...]:
    old = _too_many(order)
    return (
        superseded_as(kept),
        *(Remove(("superseded", attempt_id)) for attempt_id in old),
        *(Put(("forgotten", attempt_id), 1) for attempt_id in old),
        *(Remove((name,)) for name in ATTEMPT_FIELDS),
    )


def _too_many(order: Order) -> list[str]:
    """The oldest attempts that nothing is expected of, beyond those that a head keeps: it must never outgrow its item.

    Money that still comes for one of them goes back, as for an attempt that was never made; its id is kept, so that no
    repeated request can make it again; the history has them all.
    """
    ended = sorted(
        (attempt.since, attempt.attempt_id)
        for attempt in order.superseded.values()
        if attempt.check_at is None and attempt.status is not AttemptStatus.REFUND_DUE
    )
    return [attempt_id for _, attempt_id in ended[: max(0, len(order.superseded) + 1 - KEPT_ATTEMPTS)]]


def superseded_as(attempt: SupersededAttempt) -> Change:
    return Put(("superseded", attempt.attempt_id), superseded_document(attempt))


def captured(capture: Capture) -> tuple[Change, ...]:
    return (
        Put(("captured_payment",), capture.payment_id),
        Put(("captured_amount",), capture.amount),
        Put(("captured_currency",), capture.currency),
    )


def money(capture: Capture) -> dict[str, str | int]:
    return {
        "payment_id": capture.payment_id,
        "amount": capture.amount,
        "currency": capture.currency,
    }


def no_longer_due() -> tuple[Change, ...]:
    return (Remove(("due_at",)), Remove(("attention_at",)))


def owed(
    order: Order,
    *,
    also: datetime | None = None,
    replacing: Refund | None = None,
    without_check_of: str | None = None,
) -> Change:
    """The earliest moment at which this order owes money or a last look, once the transition is made."""
    refunds = {**order.refunds, replacing.payment_id: replacing} if replacing else order.refunds
    moments = [refund.next_at for refund in refunds.values() if refund.status is RefundStatus.DUE]
    moments += [
        attempt.check_at
        for attempt in order.superseded.values()
        if attempt.check_at is not None and attempt.attempt_id != without_check_of
    ]
    moments += [also] if also is not None else []
    return Put(("owed_at",), as_text(min(moments))) if moments else Remove(("owed_at",))


def overdue(order: Order, replacing: Refund) -> tuple[Change, ...]:
    """A person looks at refunds that take too long; what they look at already, they see without this."""
    if order.status in (PaymentStatus.RELEASING, PaymentStatus.REVIEW):
        return ()
    refunds = {**order.refunds, replacing.payment_id: replacing}
    moments = [refund.since for refund in refunds.values() if refund.status is RefundStatus.DUE]
    return (Put(("attention_at",), as_text(min(moments) + OVERDUE)) if moments else Remove(("attention_at",)),)
