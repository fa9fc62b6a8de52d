"""When an order was paid, or ended unpaid and why, also of an order that an earlier release wrote."""

from datetime import datetime

from paylatch.domain.cancellation import Cancellation, CancellationReason
from paylatch.domain.event_words import EventType
from paylatch.domain.ledger import settled_payment
from paylatch.domain.order import Order, PaymentStatus


def paid_at_of(order: Order) -> datetime | None:
    """When the order was paid, None where it is not: the head has it apart where the payment was recorded before."""
    if order.status is not PaymentStatus.PAID or order.paid_at is not None:
        return order.paid_at
    # Without a payment the order cost nothing, and its attempt began and paid at once.
    payment = settled_payment(order) or order.attempt
    return payment.since if payment else None


def cancellation_of(order: Order) -> Cancellation | None:
    """When and why the order ended unpaid, None where it did not, or where that is known no more.

    Of an order that was stored without both, the last event has them until another one takes its place.
    """
    last = order.last_event
    if order.cancelled is not None or last.type != EventType.ORDER_CANCELLED:
        return order.cancelled
    expired = (last.detail or {}).get("reason") == CancellationReason.EXPIRED
    return Cancellation(last.at, CancellationReason.EXPIRED if expired else CancellationReason.REQUESTED)
