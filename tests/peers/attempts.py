"""Attempts to pay at a peer."""

import secrets
import time
from collections.abc import Callable
from dataclasses import replace
from typing import TypeVar

from paylatch.domain.payment import Attempt, Capture, Refund
from paylatch.domain.return_address import with_ids
from paylatch.ports import Session, SessionRequest
from tests import attempts
from tests.attempts import LOCK
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
        expires_at=RealClock().now() + LOCK,
        return_url=with_ids(SHOPS_PAGE, order_id, f"{order_id}_8K3V9QZ1"),
        callback_url=callback_url,
    )


def attempt_of(gateway: str, request: SessionRequest, session: Session | None) -> Attempt:
    attempt = attempts.attempt_of(gateway, request, session, request.expires_at - LOCK)
    return replace(attempt, return_url=SHOPS_PAGE)


def refund_of(attempt: Attempt, capture: Capture) -> Refund:
    return attempts.refund_of(attempt, capture, RealClock().now())
