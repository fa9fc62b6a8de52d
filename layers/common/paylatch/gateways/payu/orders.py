"""PayU's orders, refunds and notifications, converted to the values of the gateway port."""

from dataclasses import replace

from paylatch.domain.currencies import NO_CURRENCY
from paylatch.domain.errors import CallbackRejected
from paylatch.domain.payment import Capture
from paylatch.gateways import fields
from paylatch.gateways.fields import Document
from paylatch.gateways.payu.calls import NAME
from paylatch.gateways.stack_reference import NotOurs, read_reference
from paylatch.ports import (
    ForeignPayment,
    FoundAttempt,
    GatewayEvent,
    GatewayEventKind,
    RefundState,
    SessionReport,
    SessionState,
)

ORDERS = "/api/v2_1/orders"
COMPLETED = "COMPLETED"
UNCOLLECTED = "WAITING_FOR_CONFIRMATION"

_STATES = {
    "NEW": SessionState.OPEN,
    "PENDING": SessionState.IN_PROGRESS,
    UNCOLLECTED: SessionState.IN_PROGRESS,
    "CANCELED": SessionState.CLOSED,
    "REJECTED": SessionState.CLOSED,
    COMPLETED: SessionState.PAID,
}
_EVENT_KINDS: dict[str, GatewayEventKind | None] = {
    "NEW": None,
    COMPLETED: GatewayEventKind.PAID,
    "PENDING": GatewayEventKind.IN_PROGRESS,
    UNCOLLECTED: GatewayEventKind.IN_PROGRESS,
    "CANCELED": GatewayEventKind.CLOSED,
    "REJECTED": GatewayEventKind.DECLINED,
}
_REFUND_STATES = {
    "FINALIZED": RefundState.DONE,
    "PENDING": RefundState.PENDING,
    "CANCELED": RefundState.FAILED,
}
_REFUND_EVENT_KINDS = {
    RefundState.PENDING: None,
    RefundState.DONE: GatewayEventKind.REFUNDED,
    RefundState.FAILED: GatewayEventKind.REFUND_FAILED,
}


def report_of(order: Document) -> SessionReport:
    """The state of an order."""
    state = fields.known(_STATES, order, "status")
    if state is SessionState.PAID:
        return SessionReport(state, capture_of(order))
    return SessionReport(state, misconfiguration=_misconfiguration(order))


def capture_of(order: Document) -> Capture:
    """The payment of a completed order; PayU takes one payment for each order, so the order's id names it."""
    return Capture(
        fields.word(order, "orderId"), fields.minor_units(order, "totalAmount"), fields.currency(order, "currencyCode")
    )


def refund_state(refund: Document) -> RefundState:
    """The state of a refund. Raises `UnknownStatus` for a status that PayU does not document."""
    return fields.known(_REFUND_STATES, refund, "status")


def gateway_events_of(notification: Document, pos_id: str, stack: str) -> tuple[GatewayEvent, ...]:
    """The statements of a genuine notification about an order, or about a refund of one."""
    refund = fields.part(notification, "refund") if "refund" in notification else None
    order = notification if refund is not None else fields.part(notification, "order")
    if refund is None and order.get("merchantPosId") != pos_id:
        raise CallbackRejected(NAME, "the notification is for another point of sale")
    try:
        found = read_reference(order.get("extOrderId"), stack)
        gateway_event = _notice(notification, order, refund, found)
    except NotOurs as foreign:
        return (_foreign(order, refund, str(foreign)),)
    return (gateway_event,) if gateway_event else ()


def _notice(
    notification: Document, order: Document, refund: Document | None, found: FoundAttempt
) -> GatewayEvent | None:
    attempt_id = found.attempt_id
    try:
        statement = (
            _refund_event(order, refund, attempt_id)
            if refund is not None
            else _order_event(notification, order, attempt_id)
        )
    except fields.UnknownStatus as unknown:
        statement = GatewayEvent(GatewayEventKind.UNKNOWN, attempt_id, cause=str(unknown))
    except fields.Malformed as malformed:
        if found.stack_named:
            raise
        raise NotOurs(f"it names no stack, and {malformed}") from malformed
    return replace(statement, stack_named=found.stack_named) if statement else None


def _order_event(notification: Document, order: Document, attempt_id: str) -> GatewayEvent | None:
    kind = fields.known(_EVENT_KINDS, order, "status")
    if kind is GatewayEventKind.PAID:
        # The only statement about an order with a time.
        return GatewayEvent(kind, attempt_id, capture_of(order), fields.timestamp(notification, "localReceiptDateTime"))
    return GatewayEvent(kind, attempt_id, misconfiguration=_misconfiguration(order)) if kind else None


def _refund_event(order: Document, refund: Document, attempt_id: str) -> GatewayEvent | None:
    kind = _REFUND_EVENT_KINDS[refund_state(refund)]
    if kind is None:
        return None
    order_id = fields.word(order, "orderId")
    stated_at = fields.timestamp(refund, "statusDateTime") or fields.timestamp(refund, "refundDate")
    refund_id = fields.refund_id_in(refund.get("extRefundId"), attempt_id)
    if not refund_id:
        # Made by hand: PayU need not give the amount of such a refund.
        return GatewayEvent(GatewayEventKind.MONEY_RETURNED, attempt_id, Capture(order_id, 0, NO_CURRENCY), stated_at)
    amount, code = fields.minor_units(refund, "amount"), fields.currency(refund, "currencyCode")
    return GatewayEvent(kind, attempt_id, Capture(order_id, amount, code), stated_at, refund_id=refund_id)


def _misconfiguration(order: Document) -> str:
    if order.get("status") != UNCOLLECTED:
        return ""
    stated = fields.text_as_given(order, "orderId")
    return f"order {stated} waits for confirmation: automatic collection is off at the point of sale"


def _foreign(order: Document, refund: Document | None, cause: str) -> GatewayEvent:
    money = order if refund is None else refund
    payment = ForeignPayment(
        ("refund " if refund is not None else "") + fields.text_as_given(money, "status"),
        cause,
        payment_id=fields.text_as_given(order, "orderId"),
        amount=fields.text_as_given(money, "amount" if refund is not None else "totalAmount"),
        currency=fields.text_as_given(money, "currencyCode"),
    )
    return GatewayEvent(GatewayEventKind.FOREIGN, "", foreign=payment)
