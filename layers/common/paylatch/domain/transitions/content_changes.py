"""What the transitions share that point the head to new content."""

from paylatch.domain.changes import Change, Set
from paylatch.domain.order import Order


def content_replaced(order: Order, content_id: str, total: int) -> tuple[Change, ...]:
    """The changes from the order's revision to the next one, whose content has this id and this total."""
    return (
        Set(("content_id",), content_id),
        Set(("previous_content_id",), order.content_id),
        Set(("total",), total),
        Set(("revision",), order.revision + 1),
    )
