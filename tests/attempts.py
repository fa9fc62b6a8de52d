"""Attempts and refunds as the use cases hand them to an adapter."""

from datetime import datetime, timedelta

from paylatch.domain.payment import Attempt, AttemptStatus, Capture, Refund, RefundStatus
from paylatch.ports import Session, SessionRequest

SHOPS_PAGE = "https://shop.example/thanks?order=1&name=%C3%BC"
LOCK = timedelta(minutes=15)


def attempt_of(gateway: str, request: SessionRequest, session: Session | None, now: datetime) -> Attempt:
    """The attempt of that request, locked now; `opening` while it has no session."""
    return Attempt(
        attempt_id=request.attempt_id,
        status=AttemptStatus.OPEN if session else AttemptStatus.OPENING,
        amount=request.amount,
        currency=request.currency,
        revision=1,
        gateway=gateway,
        since=now,
        deadline=now + LOCK,
        reference=request.reference,
        return_url=SHOPS_PAGE,
        fingerprint="f",
        session_id=session.session_id if session else None,
        pay_url=session.pay_url if session else None,
    )


def refund_of(attempt: Attempt, capture: Capture, now: datetime) -> Refund:
    """A refund of the whole capture, owed since now and due at once."""
    return Refund(
        payment_id=capture.payment_id,
        attempt_id=attempt.attempt_id,
        gateway=attempt.gateway,
        amount=capture.amount,
        currency=capture.currency,
        status=RefundStatus.DUE,
        reason="edited",
        since=now,
        next_at=now,
    )
