"""What PayU's orders, refunds and notifications say, in the words of the port."""

from paylatch.domain.currencies import NO_CURRENCY
from paylatch.domain.errors import CallbackRejected
from paylatch.domain.payment import Capture
from paylatch.gateways import fields
from paylatch.gateways.fields import Document
from paylatch.gateways.payu_calls import NAME
from paylatch.ports import Notice, NoticeKind, RefundState, SessionReport, SessionState

ORDERS = "/api/v2_1/orders"
COMPLETED = "COMPLETED"

_STATES = {
    "NEW": SessionState.OPEN,
    "PENDING": SessionState.IN_PROGRESS,
    "WAITING_FOR_CONFIRMATION": SessionState.IN_PROGRESS,
    "CANCELED": SessionState.CLOSED,
    "REJECTED": SessionState.CLOSED,
}
_NOTICES = {
    "PENDING": NoticeKind.IN_PROGRESS,
    "WAITING_FOR_CONFIRMATION": NoticeKind.IN_PROGRESS,
    "CANCELED": NoticeKind.CLOSED,
    "REJECTED": NoticeKind.DECLINED,
}
_REFUND_STATES = {
    "FINALIZED": RefundState.DONE,
    "PENDING": RefundState.PENDING,
    "CANCELED": RefundState.FAILED,
}
_REFUND_NOTICES = {
    RefundState.DONE: NoticeKind.REFUNDED,
    RefundState.FAILED: NoticeKind.REFUND_FAILED,
}


def report_of(order: Document) -> SessionReport:
    """What became of an order."""
    status = fields.word(order, "status")
    if status == COMPLETED:
        return SessionReport(SessionState.PAID, capture_of(order))
    if status not in _STATES:
        raise fields.Malformed(f"an order is {status}")
    return SessionReport(_STATES[status])


def capture_of(order: Document) -> Capture:
    """The money of a completed order; PayU takes one payment an order, so the order names it."""
    return Capture(
        fields.word(order, "orderId"), fields.minor_units(order, "totalAmount"), fields.currency(order, "currencyCode")
    )


def refund_state(refund: Document) -> RefundState:
    """What became of a refund. A status that is not known yet is neither done nor failed."""
    return _REFUND_STATES.get(fields.word(refund, "status"), RefundState.PENDING)


def notices_of(notification: Document, pos_id: str) -> tuple[Notice, ...]:
    """What a genuine notification says about one of our attempts."""
    if "refund" in notification:
        return _refund_notices(notification)
    order = fields.part(notification, "order")
    if order.get("merchantPosId") != pos_id:
        raise CallbackRejected(NAME, "the notification is for another point of sale")
    attempt_id = fields.attempt_id(order.get("extOrderId"))
    status = fields.word(order, "status")
    if attempt_id is None:
        return ()
    if status == COMPLETED:
        # The only statement about an order that PayU dates.
        paid_at = fields.moment(notification, "localReceiptDateTime")
        return (Notice(NoticeKind.PAID, attempt_id, capture_of(order), paid_at),)
    kind = _NOTICES.get(status)
    return (Notice(kind, attempt_id),) if kind else ()


def _refund_notices(notification: Document) -> tuple[Notice, ...]:
    refund = fields.part(notification, "refund")
    attempt_id = fields.attempt_id(notification.get("extOrderId"))
    kind = _REFUND_NOTICES.get(refund_state(refund))
    if attempt_id is None or kind is None:
        return ()
    order_id = fields.word(notification, "orderId")
    stated_at = fields.moment(refund, "statusDateTime") or fields.moment(refund, "refundDate")
    if not fields.is_refund_of(refund.get("extRefundId"), attempt_id):
        # Made by hand: of such a refund PayU need not tell the amount.
        return (Notice(NoticeKind.MONEY_RETURNED, attempt_id, Capture(order_id, 0, NO_CURRENCY), stated_at),)
    amount, code = fields.minor_units(refund, "amount"), fields.currency(refund, "currencyCode")
    return (Notice(kind, attempt_id, Capture(order_id, amount, code), stated_at),)
