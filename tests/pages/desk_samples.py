"""Orders in each state that the order desk shows, and the API's answers about them, made by its own models."""

from collections import Counter
from collections.abc import Mapping
from dataclasses import replace
from datetime import timedelta
from typing import Any

from paylatch.domain.attention import Cause, Group
from paylatch.domain.cancellation import CancellationReason
from paylatch.domain.order import Content, Order, PaymentStatus
from paylatch.domain.payment import AttemptStatus, Capture, Dispute, DisputeStatus, PaymentPlace, RefundStatus
from paylatch.domain.recorded_events import RecordedEvent
from paylatch.domain.statement import Discrepancy, Finding
from paylatch.ports import HistoryPage
from paylatch.runtime.attention_responses import attention_response, groups_response
from paylatch.runtime.response_models import history_response, order_response, orders_response
from paylatch.use_cases.due_orders import Unread
from paylatch.use_cases.group_attention import GroupedAttention, GroupSummary
from paylatch.use_cases.list_findings import OpenFindings
from paylatch.use_cases.list_orders import OrdersPage
from paylatch.use_cases.read_order import WholeOrder
from paylatch.use_cases.review_payment import Attention
from tests.pages import sample_orders as samples
from tests.pages.sample_orders import ATTEMPT_ID, CREATED, NOW, ORDER_ID, TOTAL

Answers = dict[str, Any]
SELLER, OPERATOR = "seller-1", "operator-1"
ADDRESS = {"recipient": "Ada Ek", "line1": "Storgatan 1", "city": "Uppsala", "postal_code": "753 31", "country": "SE"}
CONTENT = replace(
    samples.CONTENT,
    shipping_address=ADDRESS,
    note="Ring twice, please.",
    email="ada@example.com",
    locale="sv",
    metadata={"channel": "web"},
)
_PLACED = ("OrderCreated", "PayLinkIssued")
_LOCKED = (*_PLACED, "OrderLocked", "PaymentOpened")


def states() -> Mapping[str, Order]:
    """An order in each state of the desk."""
    releasing = samples.attempt(AttemptStatus.CLOSING)
    dispute = Dispute("dp-1", "pay-1", TOTAL, "EUR", DisputeStatus.OPEN, NOW + timedelta(days=9), NOW)
    too_little = Capture("pay-1", TOTAL - 390, "EUR")
    part = samples.refund(1250, RefundStatus.REFUNDED)
    return {
        "pending": samples.order(),
        "locked": samples.in_payment(AttemptStatus.OPEN),
        "releasing": samples.order(
            PaymentStatus.RELEASING, attempt=releasing, attempts_made=1, due_at=NOW - timedelta(minutes=1)
        ),
        "processing": samples.in_payment(AttemptStatus.PROCESSING),
        "review": replace(samples.in_review(), attempt=samples.attempt(AttemptStatus.MISMATCHED, captured=too_little)),
        "paid": samples.paid(),
        "partly-refunded": samples.paid(returned=1250, refunds=(part,)),
        "refunded": samples.paid(returned=TOTAL),
        "disputed": replace(samples.paid(), disputes={"dp-1": dispute}),
        "cancelled": samples.ended(CancellationReason.EXPIRED),
        "late-money": samples.with_money(
            samples.order(),
            samples.payment(PaymentPlace.REFUND, payment_id="pay-late"),
            refunds=(samples.refund(TOTAL, RefundStatus.REFUSED, payment_id="pay-late", own_id=None),),
        ),
    }


def order_answers(order: Order, content: Content = CONTENT) -> Answers:
    """What the API answers about one order, by path."""
    return {
        f"/orders/{order.order_id}": order_response(WholeOrder(order, content), NOW),
        f"/orders/{order.order_id}/history": history_response(HistoryPage(tuple(_history(order)), None)),
    }


def list_answers(*orders: Order) -> Answers:
    """The only page of the list."""
    return {"/orders": orders_response(OrdersPage(orders, None), NOW)}


def full_list() -> Answers:
    """Every state in one list, with long references."""
    orders = [
        replace(order, order_id=f"{ORDER_ID[:14]}{number:02}", reference=f"2026-10{number:02}-{name}")
        for number, (name, order) in enumerate(states().items(), 10)
    ]
    return list_answers(*orders)


def attention_answers(*names: str) -> Answers:
    """What needs a person: orders in these states, and two findings; nothing for no name."""
    orders = tuple(states()[name] for name in names)
    findings = OpenFindings(
        (_finding(Discrepancy.DOUBLE_CAPTURE), _finding(Discrepancy.UNKNOWN_ORDER)) if names else ()
    )
    causes = (Cause.RELEASE_UNCONFIRMED, Cause.REVIEW, Cause.REFUND_REFUSED, Cause.PAYMENT_DISPUTED)
    groups = {Group("sandbox", cause): _summary() for cause in causes} if names else {}
    return {
        "/operations/attention": attention_response(Attention(orders, Unread()), findings, NOW),
        "/operations/attention/groups": groups_response(GroupedAttention(groups, Unread(), True), findings),
    }


def _summary() -> GroupSummary:
    return GroupSummary(NOW - timedelta(hours=3), [ORDER_ID], Counter({"EUR": TOTAL}))


def _finding(discrepancy: Discrepancy) -> Finding:
    return Finding(
        gateway="sandbox",
        day="2026-11-23",
        discrepancy=discrepancy,
        subject="pay_3gjt5m55cy24m25u",
        payment_id="pay_3gjt5m55cy24m25u",
        attempt_id=ATTEMPT_ID,
        amount=TOTAL,
        currency="EUR",
        put_right=False,
        since=NOW - timedelta(days=1),
    )


def _history(order: Order) -> list[RecordedEvent]:
    kinds = [*_LOCKED, *_last_events(order)] if order.attempts_made else list(_PLACED)
    kinds += ["OrderCancelled"] if order.status is PaymentStatus.CANCELLED else []
    return [_event(order, seq, kind) for seq, kind in enumerate(kinds, 1)]


def _last_events(order: Order) -> tuple[str, ...]:
    if order.status is PaymentStatus.PAID:
        return ("OrderPaid",)
    by_status = {
        PaymentStatus.RELEASING: ("ReleasePending",),
        PaymentStatus.REVIEW: ("PaymentMismatched",),
    }
    return by_status.get(order.status, ())


def _event(order: Order, seq: int, kind: str) -> RecordedEvent:
    actors = {"OrderCreated": "seller-1", "PayLinkIssued": "seller-1", "OrderLocked": "buyer-1"}
    details: Mapping[str, Mapping[str, Any]] = {
        "OrderLocked": {"gateway": "sandbox", "until": "2026-11-24T12:12:30.000Z"},
        "OrderPaid": {"payment_id": "pay-1", "amount": TOTAL, "currency": "EUR"},
        "ReleasePending": {"reason": "timed_out"},
        "PaymentMismatched": {"payment_id": "pay-1", "amount": TOTAL - 390, "currency": "EUR"},
        "OrderCancelled": {"reason": "expired"},
    }
    return RecordedEvent(
        order_id=order.order_id,
        seq=seq,
        type=kind,
        at=CREATED if kind in _PLACED else NOW,
        actor=actors.get(kind, "gateway:sandbox"),
        attempt_id=ATTEMPT_ID if seq > 2 and kind != "OrderCancelled" else None,
        payment_status=order.status,
        revision=1,
        detail=details.get(kind, {}),
        reference=order.reference,
        buyer_id="buyer-1",
        seller_id="seller-1",
    )
