"""Buyer or seller changes an order that nobody is paying: the one write gate for every kind of edit."""

from collections.abc import Callable

from paylatch.domain.caller import Caller
from paylatch.domain.editing import refuse_changes_beyond
from paylatch.domain.errors import PreconditionRequired
from paylatch.domain.order import Content, Order, PaymentStatus
from paylatch.domain.transitions import EventType, edit
from paylatch.domain.transitions import cancel_order as cancel_transition
from paylatch.ports import Applied, Ports
from paylatch.use_cases.read_order import WholeOrder, with_content
from paylatch.use_cases.refusals import owned, refusal_of

Edit = Callable[[Content], Content]


def edit_order(order_id: str, change: Edit, revision: int | None, caller: Caller, ports: Ports) -> WholeOrder:
    """Put the new content, then move the head to it by one conditional write; a loser removes its own content.

    Raises what `refusal_of` gives, `PreconditionRequired` without a revision, and `InvalidRequest` for a change that
    this caller may not make. A change that changes nothing writes nothing, and so does an edit asked for once more.
    """
    order = owned(order_id, ports.store.read_head(order_id), caller)
    if revision is None:
        raise PreconditionRequired("An edit needs If-Match with the revision that it edits.")
    if order.status is not PaymentStatus.PENDING_PAYMENT or order.revision != revision:
        return _made_before(order, change, revision, caller, ports)
    before = with_content(order, ports).content
    after = change(before)
    refuse_changes_beyond(caller.edits_prices_of(order.seller_id), before, after)
    return WholeOrder(order, before) if after == before else _move(order, after, caller, ports)


def cancel_order(order_id: str, caller: Caller, ports: Ports) -> WholeOrder:
    """End an unpaid order for good; a second time changes nothing. Raises what `refusal_of` gives."""
    outcome = ports.store.apply(order_id, cancel_transition(caller, ports.stamp(caller.subject)))
    if isinstance(outcome, Applied):
        return with_content(outcome.order, ports)
    order = owned(order_id, outcome.order, caller)
    if order.status is not PaymentStatus.CANCELLED:
        raise refusal_of(order_id, order, caller)
    return with_content(order, ports)


def _made_before(order: Order, change: Edit, revision: int, caller: Caller, ports: Ports) -> WholeOrder:
    """The order as this caller's last edit left it, if this is that very edit, asked for again as its answer was lost.

    Raises what `refusal_of` gives where it is not.
    """
    last = order.last_event
    if last.type == EventType.ORDER_EDITED and last.actor == caller.subject and order.revision == revision + 1:
        whole = with_content(order, ports)
        if change(_content_before(order, ports)) == whole.content:
            return whole
    raise refusal_of(order.order_id, order, caller, revision)


def _content_before(order: Order, ports: Ports) -> Content:
    return ports.store.read_content(order.order_id, order.previous_content_id or order.content_id)


def _move(order: Order, content: Content, caller: Caller, ports: Ports) -> WholeOrder:
    content_id = ports.tokens.token(16)
    ports.store.put_content(order.order_id, content_id, content)
    transition = edit(order, caller, content_id, content.total, ports.stamp(caller.subject))
    outcome = ports.store.apply(order.order_id, transition)
    head = outcome.order
    if head is not None and head.content_id == content_id:
        return WholeOrder(head, content)
    if head is not None and head.previous_content_id == content_id:
        # Made, its answer lost, and edited again since: the caller is told of the order as it is now.
        return with_content(head, ports)
    ports.store.remove_content(order.order_id, content_id)
    raise refusal_of(order.order_id, head, caller, order.revision)
