"""Attempts to pay at a peer."""

import secrets
import time
from collections.abc import Callable
from datetime import timedelta
from typing import TypeVar

from paylatch.domain.payment import Attempt, AttemptStatus, Capture, Refund, RefundStatus
from paylatch.domain.return_address import with_ids
from paylatch.ports import Session, SessionRequest
from tests.peers.real_clock import RealClock

ALPHABET = "0123456789ABCDEFGHJKMNPQRSTVWXYZ"
SHOPS_PAGE = "https://shop.example/thanks"
AMOUNT = 12_34


T = TypeVar("T")
A = TypeVar("A")


def after(seconds: float, move: Callable[[A], T], subject: A) -> T:
    """Run one side of a race, that much later than the other."""
    time.sleep(seconds)
    return move(subject)


def new_request(currency: str, callback_url: str) -> SessionRequest:
    order_id = "".join(secrets.choice(ALPHABET) for _ in range(16))
    return SessionRequest(
        attempt_id=f"{order_id}_8K3V9QZ1",
        order_id=order_id,
        reference="R-1001",
        amount=AMOUNT,
        currency=currency,
        expires_at=RealClock().now() + timedelta(minutes=15),
        return_url=with_ids(SHOPS_PAGE, order_id, f"{order_id}_8K3V9QZ1"),
        callback_url=callback_url,
    )


def attempt_of(gateway: str, request: SessionRequest, session: Session | None) -> Attempt:
    return Attempt(
        attempt_id=request.attempt_id,
        status=AttemptStatus.OPEN if session else AttemptStatus.OPENING,
        amount=request.amount,
        currency=request.currency,
        revision=1,
        gateway=gateway,
        since=request.expires_at - timedelta(minutes=15),
        deadline=request.expires_at,
        reference=request.reference,
        return_url=SHOPS_PAGE,
        fingerprint="f",
        session_id=session.session_id if session else None,
        pay_url=session.pay_url if session else None,
    )


def refund_of(attempt: Attempt, capture: Capture) -> Refund:
    now = RealClock().now()
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
