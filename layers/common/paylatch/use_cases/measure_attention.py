"""How long orders have been waiting for a person, or for a gateway to confirm their release."""

from datetime import datetime
from itertools import islice

from paylatch.domain.backoff import OVERDUE
from paylatch.domain.order import Order, PaymentStatus
from paylatch.ports import Index, Metric, Ports

MOST = 100


def measure_attention(ports: Ports) -> None:
    """Tell the age of each order, of 100 at most, that operators have been shown for over an hour.

    Where there is none, it costs the index's queries and no read.
    """
    now = ports.clock.now()
    for order_id in islice(ports.store.due(Index.ATTENTION, now - OVERDUE), MOST):
        order = ports.store.read_head(order_id)
        since = _waiting_since(order) if order else None
        if since is not None and since < now:
            ports.watch.count(Metric.OLDEST_ATTENTION, int((now - since).total_seconds()), order_id=order_id)


def _waiting_since(order: Order) -> datetime | None:
    attempt = order.attempt
    if attempt is not None and order.status is PaymentStatus.RELEASING:
        # Before its deadline nobody was promised the order back, and a strict policy may keep it that long.
        return attempt.deadline
    if attempt is not None and order.status is PaymentStatus.REVIEW:
        return attempt.since
    return min((refund.since for refund in order.refunds_due), default=None)
