"""What the transitions share that point the head to new content."""

from paylatch.domain.changes import Change, Set
from paylatch.domain.order import Order
from paylatch.domain.payment_terms import PaymentTerms
from paylatch.domain.transitions.term_changes import terms_replaced


def content_replaced(order: Order, content_id: str, total: int, terms: PaymentTerms) -> tuple[Change, ...]:
    """The changes from the order's revision to the next one, whose content has this id, total and terms."""
    return (
        Set(("content_id",), content_id),
        Set(("previous_content_id",), order.content_id),
        Set(("total",), total),
        Set(("revision",), order.revision + 1),
        *terms_replaced(order, terms),
    )
