"""Sample requests for the tests of the sandbox gateway."""

from datetime import UTC, datetime, timedelta
from typing import Any

from sandbox.fault_plan import FaultPlan
from sandbox.sessions import Session, Terms, opened

from paylatch.domain.payment import Attempt, AttemptStatus, Refund, RefundStatus
from paylatch.ports import SessionRequest

NOON = datetime(2026, 11, 24, 12, tzinfo=UTC)
ORDER_ID = "7ZQ4M2K9X0B5T1WD"
ATTEMPT_ID = f"{ORDER_ID}_3N8RV6YA"


def terms(**changes: Any) -> Terms:
    return Terms(
        **{
            "attempt_id": ATTEMPT_ID,
            "order_id": ORDER_ID,
            "amount": 4990,
            "currency": "EUR",
            "expires_at": NOON + timedelta(minutes=15),
            "return_url": "https://shop.example/checkout?basket=17",
            "callback_url": "https://api.example/gateways/sandbox/callbacks",
            "description": "R-1001",
            "shop": "Corner Shop",
            **changes,
        }
    )


def open_session(fault_plan: FaultPlan | None = None, **changes: Any) -> Session:
    return opened(terms(**changes), fault_plan or FaultPlan(), NOON)


def session_request(**changes: Any) -> SessionRequest:
    return SessionRequest(
        **{
            "attempt_id": ATTEMPT_ID,
            "order_id": ORDER_ID,
            "reference": "R-1001",
            "amount": 4990,
            "currency": "EUR",
            "expires_at": NOON + timedelta(minutes=15),
            "return_url": "https://shop.example/checkout?basket=17",
            "callback_url": "https://api.example/gateways/sandbox/callbacks",
            **changes,
        }
    )


def attempt(**changes: Any) -> Attempt:
    return Attempt(
        **{
            "attempt_id": ATTEMPT_ID,
            "status": AttemptStatus.OPEN,
            "amount": 4990,
            "currency": "EUR",
            "revision": 1,
            "gateway": "sandbox",
            "since": NOON,
            "deadline": NOON + timedelta(minutes=15),
            "return_url": "https://shop.example/checkout",
            "fingerprint": "",
            **changes,
        }
    )


def refund_of(payment_id: str, **changes: Any) -> Refund:
    return Refund(
        **{
            "payment_id": payment_id,
            "attempt_id": ATTEMPT_ID,
            "gateway": "sandbox",
            "amount": 4990,
            "currency": "EUR",
            "status": RefundStatus.DUE,
            "reason": "edited since",
            "since": NOON,
            "next_at": NOON,
            **changes,
        }
    )
