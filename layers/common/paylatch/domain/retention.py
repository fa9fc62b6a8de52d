"""When a finished order is kept no longer."""

from datetime import datetime, timedelta

from paylatch.domain.erasure import FINISHED, outstanding
from paylatch.domain.order import Order

# The least that a stack may keep a finished order; the template's parameter has the same limit.
SHORTEST_KEEP = timedelta(days=30)
# What a failure left is gone on with after this time.
NEXT_TRY = timedelta(days=1)


def is_over(order: Order, keep: timedelta, now: datetime) -> bool:
    """Whether the order is finished, its money settled, and its last event that long ago."""
    return order.status in FINISHED and not outstanding(order) and order.updated_at + keep <= now


def was_settled(at: datetime, retired_at: datetime) -> bool:
    """Whether a retired order was there, and its money settled, after its gateway did something at that time."""
    return at <= retired_at - SHORTEST_KEEP


def next_retirement_check(order: Order, keep: timedelta, now: datetime) -> datetime:
    """When to look again at an order that is not over: its last event may have been too recent, or its money open."""
    kept_until = order.updated_at + keep
    return kept_until if kept_until > now else now + keep
