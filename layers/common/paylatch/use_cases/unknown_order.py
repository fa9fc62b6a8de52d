"""A gateway reports about an order that is not in this table: it is lost, or it was retired."""

from paylatch.domain.errors import OrderNotFound
from paylatch.domain.late_money import Payment
from paylatch.domain.retention_errors import OrderRetired
from paylatch.ports import Metric, Ports


def unknown_order(order_id: str, payment: Payment, ports: Ports) -> OrderNotFound:
    """The error about a payment for an order that is not here, once it is counted. Raises what the store raises."""
    retired = ports.store.is_retired(order_id)
    count_unknown(payment, ports, retired=retired)
    return OrderRetired(order_id) if retired else OrderNotFound(order_id)


def count_unknown(payment: Payment, ports: Ports, *, retired: bool) -> None:
    """Count a payment for an order that is not here, and log every known detail of it."""
    ports.metrics.count(
        Metric.UNKNOWN_PAYMENT,
        attempt_id=payment.attempt_id,
        gateway=payment.gateway,
        payment_id=payment.capture.payment_id,
        amount=payment.capture.amount,
        currency=payment.capture.currency,
        retired=retired,
    )
