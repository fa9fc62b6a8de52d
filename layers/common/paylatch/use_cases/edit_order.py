"""Buyer or seller edits an unlocked order: the one write gate for every kind of edit."""

from collections.abc import Callable, Iterator
from contextlib import contextmanager
from datetime import datetime

from paylatch.domain.attempt_edit import StopRequest
from paylatch.domain.caller import Caller
from paylatch.domain.editing import as_edited_by_buyer, refuse_changes_beyond_rights
from paylatch.domain.errors import OrderContended, PreconditionRequired
from paylatch.domain.ids import CONTENT_ID_LENGTH
from paylatch.domain.line_rules import refuse_invalid_lines, refuse_invalid_total
from paylatch.domain.order import Content, Order, PaymentStatus
from paylatch.domain.pay_by_rule import refuse_wrong_pay_by
from paylatch.domain.transitions import Transition, edit
from paylatch.domain.transitions import cancel_order as cancel_transition
from paylatch.ports import Ports, Timers
from paylatch.use_cases.access import authorize_write, conflict_for
from paylatch.use_cases.read_order import WholeOrder, with_content
from paylatch.use_cases.send_overdue_timer import sending_overdue_timer
from paylatch.use_cases.write_planned import write_planned

Edit = Callable[[Content], Content]


def edit_order(
    order_id: str, change: Edit, revision: int | None, caller: Caller, ports: Ports, timers: Timers | None = None
) -> WholeOrder:
    """Store the new content, then point the head to it by one conditional write; a refused writer removes its content.

    An edit that changes nothing writes nothing, and neither does a repeated one. Where an overdue lock refuses it, a
    timer is sent at once. Raises what `authorize_write`, `conflict_for` and `permitted` give, `PreconditionRequired`
    without a revision, and `OrderContended`.
    """
    order = authorize_write(order_id, ports.store.read_head(order_id), caller)
    with sending_overdue_timer(order_id, timers, ports):
        return edit_found(order, change, required(revision), caller, ports)


def edit_found(
    order: Order, change: Edit, revision: int, caller: Caller, ports: Ports, stop: StopRequest | None = None
) -> WholeOrder:
    """Do as `edit_order` with an order that was read.

    `stop` is the request to stop a past attempt for this edit: the attempt keeps the edit.
    """
    authorize_write(order.order_id, order, caller)
    if not _is_open_at(order, revision):
        return _unless_new(order, change, revision, caller, ports, stop)
    found = with_content(order, ports)
    if found.order.erased_at is not None:
        return _unless_new(found.order, change, revision, caller, ports, stop)
    after = permitted(change, found.content, order, caller, ports.clock.now())
    if after == found.content:
        return found
    content_id = put_content(order, after, ports)
    return point_to(order, revision, content_id, after, change, caller, ports, stop)


def required(revision: int | None) -> int:
    """The revision that an edit is made from. Raises `PreconditionRequired` where the caller named none."""
    if revision is None:
        raise PreconditionRequired("An edit requires If-Match with the revision that it is based on.")
    return revision


def permitted(change: Edit, before: Content, order: Order, caller: Caller, now: datetime) -> Content:
    """The changed content.

    Raises `InvalidRequest` for one that no order may have, and `EditNotAllowed` where a buyer may not make the change.
    """
    after = _changed(change, before, order, caller)
    if caller.edits_prices_of(order.seller_id):
        refuse_invalid_lines(after.lines, before.lines)
        refuse_wrong_pay_by(after.pay_by, before.pay_by, now)
    else:
        refuse_changes_beyond_rights(before, after)
        refuse_invalid_total(after.lines)
    return after


def _changed(change: Edit, before: Content, order: Order, caller: Caller) -> Content:
    after = change(before)
    return after if caller.edits_prices_of(order.seller_id) else as_edited_by_buyer(before, after)


def put_content(order: Order, content: Content, ports: Ports) -> str:
    """Store the content of a next revision; gives its id."""
    content_id = ports.ids.new_id(CONTENT_ID_LENGTH)
    ports.store.put_content(order.order_id, content_id, content)
    return content_id


@contextmanager
def removing_unused_content(order_id: str, content_id: str, ports: Ports) -> Iterator[None]:
    """Within this context, a writer that lost every race removes its content, where no try can name it any more."""
    try:
        yield
    except OrderContended as error:
        if error.moved_on:
            ports.store.remove_content(order_id, content_id)
        raise


def cancel_order(order_id: str, caller: Caller, ports: Ports, timers: Timers | None = None) -> WholeOrder:
    """Cancel an unpaid order for good; a second call changes nothing.

    Where an overdue lock refuses it, a timer is sent at once. Raises what `authorize_write` and `conflict_for` give,
    and `OrderContended`.
    """

    def plan(order: Order) -> Transition | None:
        pending = authorize_write(order_id, order, caller).status is PaymentStatus.PENDING_PAYMENT
        return cancel_transition(order, caller, ports.write_context(caller.subject)) if pending else None

    found = authorize_write(order_id, ports.store.read_head(order_id), caller)
    order = write_planned(found, plan, ports).order or found
    if order.status is not PaymentStatus.CANCELLED:
        with sending_overdue_timer(order_id, timers, ports):
            raise conflict_for(order, ports.clock.now())
    return with_content(order, ports)


def _is_open_at(order: Order, revision: int) -> bool:
    return order.status is PaymentStatus.PENDING_PAYMENT and order.revision == revision


def keeps_edit(order: Order, stop: StopRequest, revision: int) -> bool:
    """Whether the past attempt keeps that this request's edit was made, from this revision."""
    past = order.past_attempts.get(stop.attempt_id)
    return past is not None and past.edit is not None and past.edit.is_of(stop.fingerprint, revision)


def made_before(
    order: Order, change: Edit, revision: int, caller: Caller, ports: Ports, stop: StopRequest | None = None
) -> WholeOrder | None:
    """The order, if this same edit was made before: a past attempt keeps it, or it was the last edit.

    RFC 9110, section 13.1.1, allows a repeated edit to succeed, whoever made it.
    """
    if stop is not None and keeps_edit(order, stop, revision):
        return with_content(order, ports)
    before = _replaced_content(order, ports) if order.revision == revision + 1 else None
    if before is None:
        return None
    whole = with_content(order, ports)
    return whole if _changed(change, before, order, caller) == whole.content else None


def _unless_new(
    order: Order, change: Edit, revision: int, caller: Caller, ports: Ports, stop: StopRequest | None
) -> WholeOrder:
    """The order, if this edit was made before. Raises what `conflict_for` gives for any other edit."""
    whole = made_before(order, change, revision, caller, ports, stop)
    if whole is None:
        raise conflict_for(order, ports.clock.now())
    return whole


def _replaced_content(order: Order, ports: Ports) -> Content | None:
    """The content before the last edit; None where there was none, or where it has expired."""
    if order.previous_content_id is None:
        return None
    try:
        return ports.store.read_content(order.order_id, order.previous_content_id)
    except LookupError:
        return None


def point_to(
    order: Order,
    revision: int,
    content_id: str,
    content: Content,
    change: Edit,
    caller: Caller,
    ports: Ports,
    stop: StopRequest | None = None,
) -> WholeOrder:
    """Point the head from that revision to stored content by one conditional write.

    A refused writer removes its content. Raises what `edit_order` raises.
    """

    def plan(head: Order) -> Transition | None:
        # Handed over meanwhile, it is not the caller's any more.
        if not (caller.owns(head.buyer_id, head.seller_id) and _is_open_at(head, revision)):
            return None
        written, has_contact = ports.write_context(caller.subject), content.has_contact
        terms = content.terms
        return edit(head, caller, content_id, content.total, written, stop, has_contact=has_contact, terms=terms)

    with removing_unused_content(order.order_id, content_id, ports):
        head = write_planned(order, plan, ports).order or order
    made = content_id in (head.content_id, head.previous_content_id)
    if not made:
        # The order's version is above every version that this edit was planned from, so no try in progress can still
        # name this content.
        ports.store.remove_content(order.order_id, content_id)
    authorize_write(order.order_id, head, caller)
    if not made:
        return _unless_new(head, change, revision, caller, ports, stop)
    # Where the response was lost and another edit followed, the answer is the current order.
    return WholeOrder(head, content) if head.content_id == content_id else with_content(head, ports)
