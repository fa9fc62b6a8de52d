"""A caller reads an order, one of its payment attempts, or its history."""

from dataclasses import replace

from paylatch.domain.caller import Caller, Role
from paylatch.domain.erasure import as_erased
from paylatch.domain.errors import AttemptNotFound, OrderNotFound
from paylatch.domain.event_words import CAUSE, NOTE, REMARK
from paylatch.domain.frozen_dataclass import dataclass
from paylatch.domain.order import Content, Order
from paylatch.domain.payment import Attempt, PastAttempt
from paylatch.domain.recorded_events import RecordedEvent, without_person
from paylatch.domain.transitions.hand_over import NEW_BUYER, PREVIOUS_BUYER
from paylatch.ports import HistoryPage, Ports
from paylatch.use_cases.access import authorize_read

_HIDDEN_FROM_BUYERS = {REMARK, NOTE, CAUSE, PREVIOUS_BUYER, NEW_BUYER}


@dataclass(frozen=True, slots=True)
class WholeOrder:
    """A head and its content."""

    order: Order
    content: Content


def read_order(order_id: str, caller: Caller, ports: Ports) -> WholeOrder:
    """The order as it is now. Raises `OrderNotFound`."""
    return shown(authorize_read(order_id, ports.store.read_head(order_id), caller), caller, ports)


def shown(order: Order, caller: Caller, ports: Ports) -> WholeOrder:
    """The head that was read together with its content; the current order where that content has expired since.

    Raises `OrderNotFound`.
    """
    try:
        return _whole(order, ports)
    except LookupError:
        # Replaced content expires, and is erased: the current order is the answer then.
        edited = authorize_read(order.order_id, ports.store.read_head(order.order_id), caller)
        if edited.content_id == order.content_id:
            raise
        return shown(edited, caller, ports)


def with_content(order: Order, ports: Ports) -> WholeOrder:
    """The head together with its content, which is immutable under its id.

    Where the order was erased since, the head as it is now. Raises `OrderNotFound` where it is another buyer's by then,
    or was retired.
    """
    try:
        return _whole(order, ports)
    except LookupError:
        return _erased_since(order, ports)


def _whole(order: Order, ports: Ports) -> WholeOrder:
    return WholeOrder(order, ports.store.read_content(order.order_id, order.content_id))


def _erased_since(order: Order, ports: Ports) -> WholeOrder:
    now = ports.store.read_head(order.order_id)
    if now is None:
        raise OrderNotFound(order.order_id)
    if now.erased_at is None or now.content_id == order.content_id:
        raise LookupError(f"content {order.content_id} of order {order.order_id} is missing")
    if now.buyer_id != order.buyer_id:
        raise OrderNotFound(order.order_id)
    return _whole(now, ports)


def read_attempt(order_id: str, attempt_id: str, caller: Caller, ports: Ports) -> Attempt | PastAttempt:
    """One payment attempt. Raises `OrderNotFound` or `AttemptNotFound`."""
    order = authorize_read(order_id, ports.store.read_head(order_id), caller)
    return attempt_of(order, attempt_id)


def attempt_of(order: Order, attempt_id: str) -> Attempt | PastAttempt:
    """The order's attempt with that id, current or past. Raises `AttemptNotFound`."""
    if order.attempt is not None and order.attempt.attempt_id == attempt_id:
        return order.attempt
    if attempt_id in order.past_attempts:
        return order.past_attempts[attempt_id]
    raise AttemptNotFound(attempt_id)


def require_attempt(order: Order, attempt_id: str) -> None:
    """Raise `AttemptNotFound` unless the order had that attempt, however long ago it ended."""
    if not order.had(attempt_id):
        raise AttemptNotFound(attempt_id)


def read_history(order_id: str, after: int, limit: int, caller: Caller, ports: Ports) -> HistoryPage:
    """One page of the order's history; operators' remarks are for operators, notes and gateways' causes not for buyers.

    Each event has the order's parties of that time, and who made the change: a person's name for those who see
    gateways' causes. A buyer does not see who the buyer was before, and nobody sees what was erased. Raises
    `OrderNotFound`, and `OrderUnreadable` where an event of the page cannot be read: a history is not shown with a gap.
    """
    order = authorize_read(order_id, ports.store.read_head(order_id), caller)
    page = ports.store.read_history(order_id, after, limit)
    if page.unreadable:
        raise page.unreadable[0]
    return replace(page, events=tuple(_shown_event(event, order, caller) for event in page.events))


def _shown_event(event: RecordedEvent, order: Order, caller: Caller) -> RecordedEvent:
    buyer_id = event.buyer_id or order.buyer_id
    whole = replace(as_erased(event, order), reference=order.reference, buyer_id=buyer_id, seller_id=order.seller_id)
    hidden = _hidden_from(caller, order)
    seen = {name: value for name, value in whole.detail.items() if name not in hidden}
    whole = replace(whole, detail=seen, role=whole.actor_role)
    return whole if caller.sees_causes_of(order.seller_id) else _without_people(whole, order)


def _without_people(event: RecordedEvent, order: Order) -> RecordedEvent:
    unnamed = without_person(event)
    return unnamed if event.buyer_id == order.buyer_id else replace(unnamed, buyer_id=None)


def _hidden_from(caller: Caller, order: Order) -> set[str]:
    if Role.OPERATOR in caller.roles:
        return set()
    return {REMARK} if caller.sees_causes_of(order.seller_id) else _HIDDEN_FROM_BUYERS
