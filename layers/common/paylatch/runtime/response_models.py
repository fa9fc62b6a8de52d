"""What the API shows of orders and attempts."""

from dataclasses import MISSING, fields
from datetime import datetime
from http import HTTPStatus
from typing import Any, cast

from aws_lambda_powertools.event_handler import Response

from paylatch.domain.endings import cancellation_of, paid_at_of
from paylatch.domain.ids import derived_refund_id
from paylatch.domain.ledger import ledger_of, open_disputes, refunded_part, refunds_of, settled_payment
from paylatch.domain.order import Content, Order
from paylatch.domain.payment import (
    IN_FLIGHT,
    Attempt,
    AttemptStatus,
    Capture,
    CapturedPayment,
    Dispute,
    PastAttempt,
    PaymentPlace,
    Refund,
)
from paylatch.domain.recorded_events import RecordedEvent, shown_event_document
from paylatch.domain.timestamps import as_text
from paylatch.ports import HistoryPage
from paylatch.runtime import event_types, response_types
from paylatch.runtime.http import answer
from paylatch.runtime.request_models import as_requested
from paylatch.use_cases.list_orders import OrdersPage
from paylatch.use_cases.read_order import WholeOrder

# Once the payer has submitted the payment, the link leads nowhere.
_PAYABLE = IN_FLIGHT - {AttemptStatus.PROCESSING}
# What is not stored has its default.
_NO_CONTENT = {field.name: field.default for field in fields(Content) if field.default is not MISSING}


def order_answer(whole: WholeOrder, now: datetime, status: HTTPStatus = HTTPStatus.OK) -> Response[str]:
    """An order as an HTTP response: revision and version are the ETag, and a new order has its Location."""
    headers = {"ETag": f'"{whole.order.revision}.{whole.order.version}"'}
    if status is HTTPStatus.CREATED:
        headers["Location"] = f"/orders/{whole.order.order_id}"
    return answer(order_response(whole, now), status, headers)


def pay_link_response(pages_url: str, order_id: str, link_id: str) -> response_types.PayLink:
    """The URL of an order's payment page, under that base URL."""
    return {"url": f"{pages_url}/pay/{order_id}/{link_id}"}


def order_response(whole: WholeOrder, now: datetime) -> dict[str, Any]:
    """An order with its content, which is shown as stored, but for what a later release stored there."""
    return {**head_response(whole.order, now), **_NO_CONTENT, **as_requested(whole.content)}


def head_response(order: Order, now: datetime) -> response_types.OrderHead:
    """An order without its content, as it is at that time."""
    return {
        "order_id": order.order_id,
        "reference": order.reference,
        "buyer_id": order.buyer_id,
        "seller_id": order.seller_id,
        "revision": order.revision,
        "payment_status": order.status,
        "currency": order.currency,
        "total": order.total,
        "lock": _lock(order, now),
        "payment": attempt_response(order.attempt, order.order_id) if order.attempt else None,
        "unapplied": [_unapplied(order, payment) for payment in order.payments.values() if payment.place in _UNAPPLIED],
        "refunds": [refund_response(refund) for refund in _settled_refunds(order)],
        "refunded": _went_back(order),
        "refund_status": refunded_part(order),
        "disputed": bool(open_disputes(order)),
        "disputes": [_dispute(dispute) for dispute in order.disputes.values()],
        "ledger": _ledger(order),
        "created_at": as_text(order.created_at),
        "updated_at": as_text(order.updated_at),
        "paid_at": as_text(paid_at) if (paid_at := paid_at_of(order)) else None,
        "cancelled": _cancelled(order),
        "erased_at": as_text(order.erased_at) if order.erased_at else None,
    }


def _cancelled(order: Order) -> response_types.Cancellation | None:
    end = cancellation_of(order)
    return {"at": as_text(end.at), "reason": end.reason} if end else None


def refund_response(refund: Refund) -> response_types.Refund:
    """A refund of the payment for an order."""
    return {
        "refund_id": refund.refund_id,
        "amount": refund.amount,
        "currency": refund.currency,
        "status": refund.status,
        "reason": refund.reason,
        "requested_at": as_text(refund.since),
    }


def orders_response(page: OrdersPage, now: datetime) -> response_types.OrderPage:
    """One page of a list, as its orders are at that time."""
    return {"orders": [head_response(order, now) for order in page.orders], "next_cursor": page.next_cursor}


def attempt_response(attempt: Attempt | PastAttempt, order_id: str) -> response_types.Attempt:
    """A payment attempt: what was agreed, and what was received; the link only while it leads somewhere."""
    return {
        "attempt_id": attempt.attempt_id,
        "order_id": order_id,
        "revision": attempt.revision,
        "status": attempt.status,
        "gateway": attempt.gateway,
        "amount": attempt.amount,
        "currency": attempt.currency,
        "captured": _captured(attempt.captured),
        "pay_url": attempt.pay_url if isinstance(attempt, Attempt) and attempt.status in _PAYABLE else None,
        "expires_at": as_text(attempt.deadline),
    }


def history_response(page: HistoryPage) -> event_types.History:
    """One page of the history."""
    return {"events": [_event(event) for event in page.events], "next_after": page.next_after}


def _event(event: RecordedEvent) -> event_types.Event:
    # The details are those of whichever release wrote the event.
    return cast("event_types.Event", shown_event_document(event, with_names=True))


def _settled_refunds(order: Order) -> list[Refund]:
    payment = settled_payment(order)
    return sorted(refunds_of(order, payment), key=lambda refund: refund.since) if payment else []


def _went_back(order: Order) -> int:
    payment = settled_payment(order)
    return payment.amount - payment.capture.held if payment else 0


def _dispute(dispute: Dispute) -> response_types.Dispute:
    return {
        "dispute_id": dispute.dispute_id,
        "payment_id": dispute.payment_id,
        "amount": dispute.amount,
        "currency": dispute.currency,
        "status": dispute.status,
        "evidence_due": as_text(dispute.evidence_due) if dispute.evidence_due else None,
    }


def _ledger(order: Order) -> response_types.Ledger:
    ledger = ledger_of(order)
    return {
        "agreed": ledger.agreed,
        "captured": ledger.captured,
        "refunded": ledger.refunded,
        "returned": ledger.returned,
        "owed": ledger.owed,
        "written_off": ledger.written_off,
        "kept": ledger.kept,
        "disputed": ledger.disputed,
    }


def _captured(capture: Capture | None) -> response_types.Capture | None:
    if capture is None:
        return None
    return {
        "payment_id": capture.payment_id,
        "amount": capture.amount,
        "currency": capture.currency,
        "returned": capture.returned,
    }


def _lock(order: Order, now: datetime) -> response_types.Lock | None:
    attempt = order.attempt
    if attempt is None or not order.locked:
        return None
    return {
        "attempt_id": attempt.attempt_id,
        "reason": order.status,
        "since": as_text(attempt.since),
        "until": as_text(order.locked_until) if order.locked_until else None,
        "overdue": order.is_overdue(now),
    }


# Money that neither pays for the order nor waits for a decision about it.
_UNAPPLIED = frozenset({PaymentPlace.CLAIMED, PaymentPlace.REFUND, PaymentPlace.RETURNED})


def _unapplied(order: Order, payment: CapturedPayment) -> response_types.UnappliedPayment:
    refund = order.refunds.get(derived_refund_id(payment.attempt_id, payment.payment_id))
    return {
        "payment_id": payment.payment_id,
        "attempt_id": payment.attempt_id,
        "amount": payment.amount,
        "currency": payment.currency,
        "returned": payment.returned,
        "status": refund.status if refund else payment.place,
        "refund_id": refund.refund_id if refund else None,
        "reason": refund.reason if refund else None,
        "since": as_text(refund.since if refund else payment.since),
    }
