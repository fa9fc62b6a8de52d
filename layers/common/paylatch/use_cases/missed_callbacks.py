"""Payments that were found by asking the gateway, where its callback should have come first."""

from paylatch.domain.order import Order, PaymentStatus
from paylatch.domain.payment import Attempt
from paylatch.ports import Metric, Ports


def count_missed_callback(due: Attempt, after: Order, ports: Ports) -> None:
    """Count the payment of an attempt that was due, where the order afterwards is paid by it.

    A callback that arrives in the same moment as the answer of the gateway is counted as missed too.
    """
    holder = after.attempt
    if after.status is PaymentStatus.PAID and holder is not None and holder.attempt_id == due.attempt_id:
        ports.metrics.count(Metric.PAID_WITHOUT_CALLBACK, attempt_id=due.attempt_id, gateway=due.gateway)
