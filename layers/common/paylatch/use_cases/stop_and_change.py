"""A user stops the payment to change the order: it is closed at its gateway, then unlocked and edited by one write."""

from datetime import datetime

from paylatch.domain.attempt_edit import AttemptEdit, StopRequest
from paylatch.domain.caller import Caller
from paylatch.domain.errors import RevisionMismatch
from paylatch.domain.frozen_dataclass import dataclass
from paylatch.domain.order import Content, Order
from paylatch.domain.payment import Attempt
from paylatch.domain.release_reasons import ReleaseReason
from paylatch.domain.transitions import NewContent, Transition, WriteContext, release, release_and_edit
from paylatch.ports import Ports
from paylatch.use_cases.access import authorize_write
from paylatch.use_cases.cancel_payment import refuse_if_paid, refuse_if_submitted
from paylatch.use_cases.edit_order import (
    Edit,
    edit_found,
    keeps_edit,
    made_before,
    permitted,
    point_to,
    put_content,
    removing_unused_content,
    required,
)
from paylatch.use_cases.follow_payment import release_overdue
from paylatch.use_cases.read_order import WholeOrder, require_attempt, with_content
from paylatch.use_cases.release_payment import release_payment


@dataclass(frozen=True, slots=True, kw_only=True)
class StopAndChange:
    """A request to stop an attempt and edit its order.

    `fingerprint` distinguishes two edits of one `revision`, which the edit is made from.
    """

    order_id: str
    attempt_id: str
    change: Edit
    fingerprint: str
    revision: int | None

    @property
    def stop(self) -> StopRequest:
        """What the past attempt keeps of the request."""
        return StopRequest(self.attempt_id, self.fingerprint)


def stop_and_change(request: StopAndChange, caller: Caller, ports: Ports) -> WholeOrder:
    """Close the payment at its gateway, then unlock and edit the order by one conditional write.

    The order is unlocked at its next revision; or still locked and `releasing`, while the gateway has not confirmed:
    the edit is not made then. For an attempt that was released before, it is an edit as by `edit_order`. The first edit
    that is made for an attempt is kept with it: the same request again gives the order as it is now. An edit that
    changes nothing releases the order and makes no revision. Raises what `edit_order` raises before anything is asked
    of a gateway, `AttemptNotFound`, `PaymentCompleted` when the payment succeeded first, and `PaymentProcessing` while
    it is under way.
    """
    order = authorize_write(request.order_id, ports.store.read_head(request.order_id), caller)
    revision = required(request.revision)
    require_attempt(order, request.attempt_id)
    if not order.held_by(request.attempt_id):
        return _edit_released(order, request, revision, caller, ports)
    refuse_if_paid(order, request.attempt_id)
    if order.revision != revision:
        raise RevisionMismatch(order.revision)
    found = with_content(order, ports)
    if found.order.erased_at is not None:
        # Paid or cancelled since, and erased: there is nothing to stop any more.
        return stop_and_change(request, caller, ports)
    after = permitted(request.change, found.content, order, caller, ports.clock.now())
    if after == found.content:
        return _release_only(order, request, caller, ports)
    return _release_and_edit(order, after, request, caller, ports)


def _edit_released(order: Order, request: StopAndChange, revision: int, caller: Caller, ports: Ports) -> WholeOrder:
    if order.is_overdue(ports.clock.now()):
        _refuse_wrong_edit(order, request, revision, caller, ports)
        order = release_overdue(order, caller.subject, ports)
        refuse_if_paid(order, request.attempt_id)
    return edit_found(order, request.change, revision, caller, ports, request.stop)


def _refuse_wrong_edit(order: Order, request: StopAndChange, revision: int, caller: Caller, ports: Ports) -> None:
    """Raise what is wrong with the edit itself: no payment is closed for an edit that cannot be made."""
    if order.revision == revision:
        permitted(request.change, with_content(order, ports).content, order, caller, ports.clock.now())
    elif made_before(order, request.change, revision, caller, ports, request.stop) is None:
        raise RevisionMismatch(order.revision)


def _release_only(order: Order, request: StopAndChange, caller: Caller, ports: Ports) -> WholeOrder:
    kept = AttemptEdit(request.fingerprint, order.revision, from_revision=order.revision)

    def unlock(
        head: Order, attempt: Attempt, reason: ReleaseReason, check_at: datetime | None, write_context: WriteContext
    ) -> Transition:
        return release(head, attempt, reason, check_at, write_context, edit=kept)

    head = release_payment(order, ReleaseReason.CANCELLED, caller.subject, ports, unlock)
    if head.held_by(request.attempt_id):
        refuse_if_submitted(head, request.attempt_id)
        return with_content(head, ports)
    return edit_found(head, request.change, order.revision, caller, ports, request.stop)


def _release_and_edit(
    order: Order, content: Content, request: StopAndChange, caller: Caller, ports: Ports
) -> WholeOrder:
    revision, content_id = order.revision, put_content(order, content, ports)
    new = NewContent(content_id, content.total, request.fingerprint, content.has_contact, content.terms)

    def unlock(
        head: Order, attempt: Attempt, reason: ReleaseReason, check_at: datetime | None, write_context: WriteContext
    ) -> Transition:
        return release_and_edit(head, attempt, reason, check_at, caller, new, write_context)

    with removing_unused_content(order.order_id, content_id, ports):
        head = release_payment(order, ReleaseReason.CANCELLED, caller.subject, ports, unlock)
    if head.held_by(request.attempt_id):
        return _still_locked(head, content_id, request, ports)
    if not keeps_edit(head, request.stop, revision):
        # Another writer released the attempt, the sweep for instance: an edit is left to be made.
        return point_to(head, revision, content_id, content, request.change, caller, ports, request.stop)
    if head.content_id == content_id:
        return WholeOrder(head, content)
    if head.previous_content_id != content_id:
        # The same request, sent twice at the same time, made this edit with its own content.
        ports.store.remove_content(order.order_id, content_id)
    # Unlocked by another writer, the order may have passed to another buyer since.
    return with_content(authorize_write(order.order_id, head, caller), ports)


def _still_locked(head: Order, content_id: str, request: StopAndChange, ports: Ports) -> WholeOrder:
    # Every write that names the content was planned from an earlier version than the head has now.
    ports.store.remove_content(head.order_id, content_id)
    refuse_if_submitted(head, request.attempt_id)
    return with_content(head, ports)
