"""The changes that follow from an order's payment terms, and from its end."""

from datetime import datetime

from paylatch.domain.cancellation import CancellationReason
from paylatch.domain.changes import Change, Remove, Set
from paylatch.domain.order import Order
from paylatch.domain.payment_terms import PaymentTerms
from paylatch.domain.stored_records import record_document
from paylatch.domain.timestamps import as_text
from paylatch.domain.transitions.attempt_changes import follow_up


def terms_replaced(order: Order, terms: PaymentTerms) -> tuple[Change, ...]:
    """The changes from the order's terms to these; none where they are the same."""
    before, after = record_document(order.terms), record_document(terms)
    return (
        *(Set((name,), value) for name, value in after.items() if before.get(name) != value),
        *(Remove((name,)) for name in before if name not in after),
    )


def expiry_follows(after: Order) -> tuple[Change, ...]:
    """When an order with a `pay_by` is next due, once the transition is made; nothing changes for any other."""
    return (follow_up(after),) if after.pay_by is not None else ()


def ends(after: Order, reason: CancellationReason, at: datetime) -> tuple[Change, ...]:
    """What an order's end leaves: when it ended and why, which no later event replaces, and what is next due."""
    return (Set(("cancelled",), {"at": as_text(at), "reason": reason.value}), *expiry_follows(after))
