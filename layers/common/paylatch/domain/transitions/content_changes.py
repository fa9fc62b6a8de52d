"""What the transitions share that point the head to new content."""

from paylatch.domain.changes import Change, Remove, Set
from paylatch.domain.order import Order
from paylatch.domain.payment_terms import PaymentTerms
from paylatch.domain.transitions.term_changes import terms_replaced

HAS_CONTACT = ("has_contact",)


def content_replaced(
    order: Order, content_id: str, total: int, has_contact: bool, terms: PaymentTerms
) -> tuple[Change, ...]:
    """The changes from the order's revision to the next one, whose content has this id, total and terms.

    `has_contact`: whether the content has an e-mail address or a locale.
    """
    return (
        Set(("content_id",), content_id),
        Set(("previous_content_id",), order.content_id),
        Set(("total",), total),
        Set(("revision",), order.revision + 1),
        *_contact_changes(order, has_contact),
        *terms_replaced(order, terms),
    )


def _contact_changes(order: Order, has_contact: bool) -> tuple[Change, ...]:
    if has_contact == order.has_contact:
        return ()
    return (Set(HAS_CONTACT, True) if has_contact else Remove(HAS_CONTACT),)
