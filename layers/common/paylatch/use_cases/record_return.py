"""Money returned by other means than our refunds: a refund made by hand at the gateway, a lost dispute."""

from dataclasses import replace

from paylatch.domain.errors import OrderContended, OrderNotFound
from paylatch.domain.ids import derived_refund_id
from paylatch.domain.late_money import Payment
from paylatch.domain.limits import TRIES
from paylatch.domain.order import Order
from paylatch.domain.payment import RefundStatus
from paylatch.domain.transitions import money_returned
from paylatch.ports import Applied, Metric, Ports
from paylatch.use_cases.refund_payment import handle_refund_event
from paylatch.use_cases.settle_payment import confirmed_as, count_unknown, settle_payment


def handle_money_returned(order_id: str, payment: Payment, ports: Ports) -> None:
    """Handle a report that a part of a payment went back: query the current total, as the report may be outdated.

    A payment without a place in the ledger first gets one by the late-money table. Raises `OrderNotFound`, a
    gateway error where there is no answer, and `OrderContended` when concurrent writers kept changing the order:
    the gateway must repeat the callback.
    """
    capture = ports.gateways.named(payment.gateway).query_payment(payment.capture.payment_id)
    order = ports.store.read_head(order_id)
    if order is None or capture is None:
        count_unknown(payment, ports)
    if order is None:
        raise OrderNotFound(order_id)
    if capture is None:
        return
    payment = confirmed_as(payment, capture, ports)
    if order.records(capture.payment_id):
        record_return(_own_refund_first(order, payment, ports), payment, ports)
    elif payment.capture.returned:
        # A concurrent writer without this report may record the payment in between.
        record_return(settle_payment(order_id, payment, ports), payment, ports)


def record_return(order: Order, payment: Payment, ports: Ports) -> Order:
    """Record the gateway's returned total where it exceeds the recorded one; gives the order afterwards."""
    capture = payment.capture
    for _ in range(TRIES):
        known = order.payments.get(capture.payment_id)
        if known is None or known.gateway != payment.gateway or known.returned >= capture.returned:
            return order
        now = replace(known, returned=capture.returned)
        outcome = ports.store.apply(
            order.order_id, money_returned(order, now, ports.write_context(f"gateway:{known.gateway}"))
        )
        if isinstance(outcome, Applied):
            ports.metrics.count(
                Metric.MONEY_RETURNED,
                attempt_id=known.attempt_id,
                payment_id=capture.payment_id,
                returned=capture.returned,
                currency=capture.currency,
            )
            return outcome.order
        order = outcome.order or order
    raise OrderContended(f"what went back of {capture.payment_id} was not recorded in {TRIES} tries")


def _own_refund_first(order: Order, payment: Payment, ports: Ports) -> Order:
    """Record one of our refunds in progress as made, where that explains what went back."""
    refund = order.refunds.get(derived_refund_id(payment.attempt_id, payment.capture.payment_id))
    if refund is None or refund.status is RefundStatus.REFUNDED or not refund.tries:
        return order
    handle_refund_event(order.order_id, refund.refund_id, refund.gateway, ports)
    return ports.store.read_head(order.order_id) or order
