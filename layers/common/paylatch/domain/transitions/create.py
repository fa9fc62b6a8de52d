"""An order is created."""

from collections.abc import Mapping

from paylatch.domain.changes import Set
from paylatch.domain.frozen_dataclass import dataclass
from paylatch.domain.order import PaymentStatus
from paylatch.domain.payment_terms import USUAL_TERMS, PaymentTerms
from paylatch.domain.shards import shard_of
from paylatch.domain.stored_fields import STORAGE_FORMAT
from paylatch.domain.stored_records import record_document
from paylatch.domain.timestamps import as_text
from paylatch.domain.transitions.rule import EventType, Rule
from paylatch.domain.transitions.transition import Transition, WriteContext, transition

CREATE = Rule("create", frozenset(), PaymentStatus.PENDING_PAYMENT, EventType.ORDER_CREATED)


@dataclass(frozen=True, slots=True, kw_only=True)
class NewOrder:
    """What an order's head starts with. `has_contact`: whether its content has an e-mail address or a locale."""

    order_id: str
    reference: str
    buyer_id: str
    seller_id: str
    content_id: str
    total: int
    currency: str
    fingerprint: str
    has_contact: bool = False
    terms: PaymentTerms = USUAL_TERMS


def create(order: NewOrder, write_context: WriteContext) -> Transition:
    """The order is created, unlocked, at revision 1."""
    fields: dict[str, str | int | Mapping[str, object]] = {
        "format": STORAGE_FORMAT,
        "order_id": order.order_id,
        "reference": order.reference,
        "buyer_id": order.buyer_id,
        "seller_id": order.seller_id,
        "content_id": order.content_id,
        "total": order.total,
        "currency": order.currency,
        "fingerprint": order.fingerprint,
        "created_at": as_text(write_context.at),
        "shard": shard_of(order.order_id),
        "version": 1,
        "revision": 1,
        "attempts_made": 0,
        "past_attempts": {},
        "payments": {},
        "refunds": {},
        "disputes": {},
        **record_document(order.terms),
    }
    if order.has_contact:
        fields["has_contact"] = True
    if order.terms.pay_by is not None:
        fields["follow_up_at"] = as_text(order.terms.pay_by)
    return transition(
        CREATE,
        write_context,
        {},
        tuple(Set((name,), value) for name, value in fields.items()),
    )
