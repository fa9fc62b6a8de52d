"""The event that an order's last transition leaves, from the order's own fields."""

from paylatch.domain.order import Order
from paylatch.domain.recorded_events import RecordedEvent


def event_of(order: Order) -> RecordedEvent:
    """The event of the head's last transition; its `seq` is the head's version."""
    last = order.last_event
    return RecordedEvent(
        order_id=order.order_id,
        seq=order.version,
        type=last.type,
        at=last.at,
        actor=last.actor,
        attempt_id=last.attempt_id,
        payment_status=order.status.value,
        revision=order.revision,
        detail=dict(last.detail or {}),
    )
