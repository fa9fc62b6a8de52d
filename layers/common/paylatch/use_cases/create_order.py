"""A seller or a service creates an order."""

import json

from paylatch.domain.caller import Caller
from paylatch.domain.documents import content_document
from paylatch.domain.errors import IdempotencyKeyReused, NotAllowed, PaylatchError, ReferenceTaken
from paylatch.domain.frozen_dataclass import dataclass
from paylatch.domain.ids import ORDER_ID_LENGTH, derived_content_id, derived_order_id, referenced_order_id
from paylatch.domain.order import Content, Order
from paylatch.domain.pay_by_rule import refuse_wrong_pay_by
from paylatch.domain.transitions import NewOrder, create
from paylatch.ports import Ports
from paylatch.use_cases.read_order import WholeOrder, shown, with_content


@dataclass(frozen=True, slots=True, kw_only=True)
class OrderRequest:
    """A request for a new order.

    `fingerprint` distinguishes two requests with one Idempotency-Key. `unique_reference`: the order claims its
    reference, and the seller and the reference identify it in place of the key.
    """

    reference: str
    buyer_id: str
    seller_id: str
    currency: str
    content: Content
    fingerprint: str
    idempotency_key: str | None
    unique_reference: bool = False

    @property
    def is_repeatable(self) -> bool:
        """Whether the same request again names the same order."""
        return self.unique_reference or self.idempotency_key is not None


def create_order(request: OrderRequest, caller: Caller, ports: Ports) -> WholeOrder:
    """Store the content, then create the head by one conditional write.

    The same key again gives the same order and writes nothing: a key's order is read first. Otherwise the content of
    an order that was edited since, deleted meanwhile, would be put again and stay for ever. Raises `NotAllowed`;
    `InvalidRequest` for a `pay_by` that is past or too far ahead; `IdempotencyKeyReused` when the key belongs to an
    earlier, different request; `ReferenceTaken` when the claimed reference does; and either when the order of the same
    request was retired.
    """
    if not caller.edits_prices_of(request.seller_id):
        raise NotAllowed("Only a service, or the seller that the order names, may create it.")
    order_id = _order_id(request, caller, ports)
    found = ports.store.read_head(order_id) if request.is_repeatable else None
    if found is not None:
        return shown(_same_request(found, request), caller, ports)
    return _create(order_id, request, caller, ports)


def _create(order_id: str, request: OrderRequest, caller: Caller, ports: Ports) -> WholeOrder:
    refuse_wrong_pay_by(request.content.pay_by, None, ports.clock.now())
    content_text = json.dumps(content_document(request.content), sort_keys=True)
    content_id = derived_content_id(order_id, request.fingerprint, content_text)
    stored = ports.store.put_content(order_id, content_id, request.content)
    # The content may be there without its order: an earlier try may have ended between the two writes.
    try:
        order = _make_head(order_id, content_id, request, caller, ports)
        _same_request(order, request)
    except (IdempotencyKeyReused, ReferenceTaken):
        # No later write can name it: this order's first content is another request's, or the order was retired.
        ports.store.remove_content(order_id, content_id)
        raise
    if stored and order.content_id == content_id:
        return WholeOrder(order, request.content)
    if order.erased_at is not None:
        # Put again by a slow repetition: no write can name it any more.
        ports.store.remove_content(order_id, content_id)
    return with_content(order, ports)


def _same_request(order: Order, request: OrderRequest) -> Order:
    if order.fingerprint != request.fingerprint:
        raise _taken(request)
    return order


def _taken(request: OrderRequest) -> PaylatchError:
    if request.unique_reference:
        return ReferenceTaken("The seller has another order with this reference.")
    return IdempotencyKeyReused("This Idempotency-Key was used for another order.")


def _make_head(order_id: str, content_id: str, request: OrderRequest, caller: Caller, ports: Ports) -> Order:
    draft = NewOrder(
        order_id=order_id,
        reference=request.reference,
        buyer_id=request.buyer_id,
        seller_id=request.seller_id,
        content_id=content_id,
        total=request.content.total,
        currency=request.currency,
        fingerprint=request.fingerprint,
        has_contact=request.content.has_contact,
        terms=request.content.terms,
    )
    order = ports.store.apply(order_id, create(draft, ports.write_context(caller.subject))).order
    if order is None:
        # It was retired: its id is never used again.
        raise _taken(request)
    return order


def _order_id(request: OrderRequest, caller: Caller, ports: Ports) -> str:
    if request.unique_reference:
        return referenced_order_id(request.seller_id, request.reference)
    if request.idempotency_key is None:
        return ports.ids.new_id(ORDER_ID_LENGTH)
    return derived_order_id(caller.subject, request.idempotency_key)
