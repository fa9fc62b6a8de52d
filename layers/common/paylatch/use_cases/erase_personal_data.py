"""A service or an operator has the personal data of a finished order erased."""

from collections.abc import Iterator
from contextlib import contextmanager

from paylatch.domain.caller import Caller, Role
from paylatch.domain.erasure import erased_content, needs_erasure, refuse_erasure
from paylatch.domain.erasure_errors import MoneyOutstanding
from paylatch.domain.errors import OrderContended, OrderNotFound
from paylatch.domain.order import Order
from paylatch.domain.transitions import Transition, erase
from paylatch.ports import HasTime, Ports
from paylatch.use_cases.access import authorize_erasure, conflict_for
from paylatch.use_cases.edit_order import put_content
from paylatch.use_cases.finish_erasure import finish_erasure
from paylatch.use_cases.read_order import WholeOrder, with_content
from paylatch.use_cases.write_planned import write_planned


def erase_personal_data(order_id: str, caller: Caller, has_time: HasTime, ports: Ports) -> WholeOrder:
    """Point the head to a content without personal data, then delete every other content and the history's texts.

    A second call writes nothing to the head, and finishes what the first one left. Raises what `authorize_erasure`
    and `finish_erasure` give, `OrderLocked`, `OrderNotFinished`, `MoneyOutstanding` and `OrderContended`.
    """
    order = authorize_erasure(order_id, ports.store.read_head(order_id), caller)
    if Role.OPERATOR in caller.roles:
        ports = ports.for_operator(caller.subject)
    head = _erased(order, caller, ports)
    finish_erasure(order_id, head.content_id, has_time, ports)
    return with_content(head, ports)


def _erased(order: Order, caller: Caller, ports: Ports) -> Order:
    _refuse(order, ports)
    if order.erased_at is not None:
        return _written(order, None, caller, ports)
    # Nothing edits the content of an order that is over.
    content_id = put_content(order, erased_content(with_content(order, ports).content), ports)
    with _removing_refused_content(order.order_id, content_id, ports):
        return _written(order, content_id, caller, ports)


def _written(order: Order, content_id: str | None, caller: Caller, ports: Ports) -> Order:
    def plan(head: Order) -> Transition | None:
        # Erased since it was read, by this call's own write or another's, whatever came after it.
        if head.erased_at != order.erased_at or not needs_erasure(head):
            return None
        _refuse(head, ports)
        return erase(head, content_id, ports.write_context(caller.subject))

    return write_planned(order, plan, ports).order or order


def _refuse(order: Order, ports: Ports) -> None:
    if order.locked:
        raise conflict_for(order, ports.clock.now())
    refuse_erasure(order)


@contextmanager
def _removing_refused_content(order_id: str, content_id: str, ports: Ports) -> Iterator[None]:
    """Within this context, content is removed that no try can name any more; it has no personal data."""
    try:
        yield
    except (MoneyOutstanding, OrderContended, OrderNotFound) as error:
        # Money is found outstanding in a head that is newer than the one that the content was put for; an order that
        # was retired meanwhile has none.
        if not isinstance(error, OrderContended) or error.moved_on:
            ports.store.remove_content(order_id, content_id)
        raise
