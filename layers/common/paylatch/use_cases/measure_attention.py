"""The ages of orders that wait for a person, or for a gateway to confirm their release."""

from datetime import datetime
from itertools import islice

from paylatch.domain.ledger import OPEN_REFUNDS
from paylatch.domain.limits import OVERDUE
from paylatch.domain.order import Order, PaymentStatus
from paylatch.ports import HasTime, Index, Metric, Ports
from paylatch.use_cases.due_orders import Unread, ids_of, orders_of

MOST = 100


def measure_attention(has_time: HasTime, ports: Ports) -> Unread:
    """Report the age of each order that has needed attention for over an hour, 100 orders at most; give what is unread.

    Without such orders it costs the index's queries and no further read.
    """
    now, unread = ports.clock.now(), Unread()
    overdue = ids_of(ports.store.due(Index.ATTENTION, now - OVERDUE), has_time, unread, ports)
    for order in orders_of(islice(overdue, MOST), has_time, unread, ports):
        since = _waiting_since(order)
        if since is not None and since < now:
            ports.metrics.count(Metric.OLDEST_ATTENTION, int((now - since).total_seconds()), order_id=order.order_id)
    return unread


def _waiting_since(order: Order) -> datetime | None:
    timestamps = [refund.since for refund in order.refunds.values() if refund.status in OPEN_REFUNDS]
    timestamps += [payment.since for payment in order.claimed_payments]
    holding = _held_since(order)
    return min([*timestamps, holding] if holding else timestamps, default=None)


def _held_since(order: Order) -> datetime | None:
    """The time from which operators are shown the attempt that holds the order; None where it needs no person."""
    attempt = order.attempt
    if attempt is not None and order.status is PaymentStatus.RELEASING:
        # Before its deadline the order is rightly locked; a strict policy may keep it locked that long.
        return attempt.deadline
    if attempt is not None and order.status is PaymentStatus.REVIEW:
        return attempt.since
    return order.processing_until
