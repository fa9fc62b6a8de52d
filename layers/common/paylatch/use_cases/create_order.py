"""A seller or a service creates an order."""

from paylatch.domain.caller import Caller
from paylatch.domain.errors import IdempotencyKeyReused, NotAllowed, OrderNotFound
from paylatch.domain.frozen_dataclass import dataclass
from paylatch.domain.ids import ORDER_ID_LENGTH, derived_order_id
from paylatch.domain.order import Content, Order
from paylatch.domain.timestamps import as_text
from paylatch.domain.transitions import NewOrder, WriteContext, create
from paylatch.ports import Ports
from paylatch.use_cases.read_order import WholeOrder, with_content

_CONTENTS_REMEMBERED = 2


@dataclass(frozen=True, slots=True, kw_only=True)
class OrderRequest:
    """A request for a new order. `fingerprint` distinguishes two requests with one Idempotency-Key."""

    reference: str
    buyer_id: str
    seller_id: str
    currency: str
    content: Content
    fingerprint: str
    idempotency_key: str | None


def create_order(request: OrderRequest, caller: Caller, ports: Ports) -> WholeOrder:
    """Store the content, then create the head by one conditional write.

    The same key again gives the same order. Raises `NotAllowed`, and `IdempotencyKeyReused` when the key belongs to
    an earlier, different request.
    """
    if not caller.edits_prices_of(request.seller_id):
        raise NotAllowed("Orders are created by a service, or by their own seller.")
    order_id = _order_id(request, caller, ports)
    content_id = ports.ids.new_id(16)
    ports.store.put_content(order_id, content_id, request.content)
    draft = NewOrder(
        order_id=order_id,
        reference=request.reference,
        buyer_id=request.buyer_id,
        seller_id=request.seller_id,
        content_id=content_id,
        total=request.content.total,
        currency=request.currency,
        fingerprint=request.fingerprint,
    )
    write_context = ports.write_context(caller.subject)
    order = ports.store.apply(order_id, create(draft, write_context)).order
    if order is None:
        raise OrderNotFound(order_id)
    if order.content_id == content_id:
        return WholeOrder(order, request.content)
    if not _may_have_named(order, draft, write_context):
        ports.store.remove_content(order_id, content_id)
    if order.fingerprint != request.fingerprint:
        raise IdempotencyKeyReused("This Idempotency-Key came with another order before.")
    return with_content(order, ports)


def _may_have_named(order: Order, draft: NewOrder, write_context: WriteContext) -> bool:
    """Whether an earlier try with a lost response may have created this order from the draft.

    The order stores the ids of its last two contents; after more edits, the request and the time of creation
    decide.
    """
    if order.revision <= _CONTENTS_REMEMBERED:
        return order.previous_content_id == draft.content_id
    return (order.fingerprint, as_text(order.created_at)) == (draft.fingerprint, as_text(write_context.at))


def _order_id(request: OrderRequest, caller: Caller, ports: Ports) -> str:
    if request.idempotency_key is None:
        return ports.ids.new_id(ORDER_ID_LENGTH)
    return derived_order_id(caller.subject, request.idempotency_key)
