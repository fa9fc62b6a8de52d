"""The event that an order's last transition leaves, from the order's own fields."""

from dataclasses import replace

from paylatch.domain.order import Order
from paylatch.domain.recorded_events import RecordedEvent


def event_of(order: Order) -> RecordedEvent:
    """The event of the head's last transition; its `seq` is the head's version."""
    last = order.last_event
    edited = "revision" in (last.detail or {})
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
        role=last.role,
        content_id=order.content_id if edited else None,
        previous_content_id=order.previous_content_id if edited else None,
        reference=order.reference,
        buyer_id=order.buyer_id,
        seller_id=order.seller_id,
    )


def without_head(event: RecordedEvent) -> RecordedEvent:
    """The event as a history stores it."""
    parties = replace(event, reference=None, seller_id=None)
    return replace(parties, content_id=None, previous_content_id=None)
