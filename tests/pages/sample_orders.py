"""Orders in each state that a payment page shows."""

from collections.abc import Mapping
from dataclasses import replace
from datetime import UTC, datetime, timedelta
from typing import Any

from paylatch.domain.cancellation import Cancellation, CancellationReason
from paylatch.domain.order import Content, Event, Line, LineKind, Order, PaymentStatus
from paylatch.domain.payment import (
    Attempt,
    AttemptStatus,
    Capture,
    CapturedPayment,
    PaymentPlace,
    Refund,
    RefundStatus,
)
from paylatch.domain.release_reasons import ReleaseReason
from paylatch.domain.transitions.attempt_changes import past_attempt
from paylatch.domain.transitions.rule import EventType
from paylatch.domain.without_gateway import NO_GATEWAY

NOW = datetime(2026, 11, 24, 12, 0, tzinfo=UTC)
# What happened before the payment began, at the time that the page shows.
CREATED = NOW - timedelta(hours=2)
DEADLINE = NOW + timedelta(minutes=12, seconds=30)
ORDER_ID = "D7KY3NPF3FM5GY6V"
ATTEMPT_ID = f"{ORDER_ID}_0CCCCCCC"
TOTAL = 6890
CONTENT = Content(
    (
        Line("TEA-01", "Green tea, loose leaves", 2, 1250),
        Line("CUP-07", "Cup with a lid", 1, 3900),
        Line("SHIP", "Shipping", 1, 990, LineKind.SHIPPING),
        Line("THANKS", "Regular customer", 1, -500, LineKind.DISCOUNT),
    )
)
FREE_CONTENT = Content((Line("SAMPLE", "Sample of green tea", 1, 0),))
PAY_URL = "https://gateway.example/pay/cs_1"


def event(kind: EventType, detail: Mapping[str, Any] | None = None, at: datetime = NOW) -> Event:
    return Event("write-1", kind, at, "system", ATTEMPT_ID, detail)


def attempt(status: AttemptStatus, **changes: Any) -> Attempt:
    made = Attempt(
        attempt_id=ATTEMPT_ID,
        status=status,
        amount=TOTAL,
        currency="EUR",
        revision=1,
        gateway="sandbox",
        since=NOW,
        deadline=DEADLINE,
        return_url="https://shop.example/thanks",
        fingerprint="0QRS5TV7WX9Y",
        pay_url=PAY_URL if status is AttemptStatus.OPEN else None,
    )
    return replace(made, **changes)


def attempt_until(seconds: int) -> Attempt:
    """An attempt at the gateway whose lock ends so many seconds from now."""
    return attempt(AttemptStatus.OPEN, deadline=NOW + timedelta(seconds=seconds))


def order(status: PaymentStatus = PaymentStatus.PENDING_PAYMENT, **changes: Any) -> Order:
    made = Order(
        order_id=ORDER_ID,
        reference="2026-1001",
        buyer_id="buyer-1",
        seller_id="seller-1",
        status=status,
        version=3,
        revision=1,
        content_id="CONTENT1",
        total=TOTAL,
        currency="EUR",
        fingerprint="W3E5R7T9Y1AB",
        created_at=CREATED,
        updated_at=NOW,
        last_event=event(EventType.ORDER_CREATED),
        past_attempts={},
        payments={},
        refunds={},
        disputes={},
        attempts_made=0,
    )
    return replace(made, **changes)


def in_payment(status: AttemptStatus, **changes: Any) -> Order:
    usual = {"attempt": attempt(status), "attempts_made": 1, "due_at": DEADLINE}
    return order(PaymentStatus.IN_PAYMENT, **{**usual, **changes})


def unlocked(reason: ReleaseReason, **changes: Any) -> Order:
    """An order whose one attempt ended for this reason; what happened last is something else."""
    kept = past_attempt(attempt(AttemptStatus.CLOSING), AttemptStatus(reason.value), None)
    usual = {"past_attempts": {kept.attempt_id: kept}, "attempts_made": 1}
    return order(**{**usual, "last_event": event(EventType.PAY_LINK_ISSUED), **changes})


def payment(place: PaymentPlace, returned: int = 0, **changes: Any) -> CapturedPayment:
    made = CapturedPayment(
        payment_id="pay-1",
        attempt_id=ATTEMPT_ID,
        gateway="sandbox",
        amount=TOTAL,
        currency="EUR",
        place=place,
        since=NOW,
        returned=returned,
    )
    return replace(made, **changes)


def with_money(base: Order, *payments: CapturedPayment, refunds: tuple[Refund, ...] = ()) -> Order:
    return replace(
        base,
        payments={one.payment_id: one for one in payments},
        refunds={one.refund_id: one for one in refunds},
    )


def refund(amount: int, status: RefundStatus = RefundStatus.DUE, **changes: Any) -> Refund:
    made = Refund(
        payment_id="pay-1",
        attempt_id=ATTEMPT_ID,
        gateway="sandbox",
        amount=amount,
        currency="EUR",
        status=status,
        reason="one packet came back",
        since=NOW,
        next_at=NOW,
        own_id=f"{ORDER_ID}_R0AAAAAAAAAA1",
    )
    return replace(made, **changes)


def paid(returned: int = 0, at: datetime = NOW, refunds: tuple[Refund, ...] = ()) -> Order:
    settled = attempt(AttemptStatus.SUCCEEDED, captured=Capture("pay-1", TOTAL, "EUR", returned))
    base = order(PaymentStatus.PAID, attempt=settled, attempts_made=1, paid_at=at)
    return with_money(base, payment(PaymentPlace.SETTLED, returned), refunds=refunds)


def paid_free(at: datetime = NOW) -> Order:
    settled = attempt(AttemptStatus.SUCCEEDED, gateway=NO_GATEWAY)
    return order(PaymentStatus.PAID, total=0, attempt=settled, attempts_made=1, paid_at=at)


def in_review() -> Order:
    base = order(PaymentStatus.REVIEW, attempt=attempt(AttemptStatus.MISMATCHED), attempts_made=1)
    return with_money(base, payment(PaymentPlace.REVIEW, amount=TOTAL - 390))


def ended(reason: CancellationReason = CancellationReason.REQUESTED) -> Order:
    return order(PaymentStatus.CANCELLED, cancelled=Cancellation(NOW, reason))
