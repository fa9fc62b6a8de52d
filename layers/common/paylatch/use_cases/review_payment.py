"""An operator finds the orders that need a person, and decides about mismatched payments."""

from itertools import islice

from paylatch.domain.caller import Caller
from paylatch.domain.errors import InvalidRequest, OrderContended, StoreUnavailable
from paylatch.domain.frozen_dataclass import dataclass
from paylatch.domain.limits import MOST_LISTED, OVERDUE
from paylatch.domain.order import Order, PaymentStatus
from paylatch.domain.payment import AttemptStatus, Capture, PaymentPlace, Resolution
from paylatch.domain.refund_errors import DecidedOtherwise
from paylatch.domain.transitions import Transition, WriteContext, refund_review, settle_review
from paylatch.ports import HasTime, Index, Ports
from paylatch.use_cases.access import authorize_decision, authorize_operators
from paylatch.use_cases.due_orders import Unread, ids_of, orders_of
from paylatch.use_cases.read_order import WholeOrder, require_attempt, with_content
from paylatch.use_cases.settle_payment import owed_refund
from paylatch.use_cases.write_planned import write_planned

_GIVEN_BACK = "given back after review"


@dataclass(frozen=True, slots=True)
class Attention:
    """The orders that operators must look at, as far as they can be read."""

    orders: tuple[Order, ...]
    unread: Unread


def needing_attention(caller: Caller, has_time: HasTime, ports: Ports) -> Attention:
    """The orders in the index of those that need a person, and those whose follow-up is an hour late; at most 100.

    Raises `StoreUnavailable`, or `StoreRefused`, where no part of the indexes can be read.
    """
    authorize_operators(caller)
    now, unread = ports.clock.now(), Unread()
    # Retries move a refund ahead in one index; a refund without retries stays behind in it.
    indexes = (ports.store.due(Index.ATTENTION, now), ports.store.due(Index.FOLLOW_UP, now - OVERDUE))
    ids = [
        order_id for sources in indexes for order_id in islice(ids_of(sources, has_time, unread, ports), MOST_LISTED)
    ]
    found = orders_of(list(dict.fromkeys(ids))[:MOST_LISTED], has_time, unread, ports)
    orders = tuple(order for order in found if not _ends_after_its_payment(order))
    if len(unread.sources) + len(unread.skipped) == sum(map(len, indexes)):
        raise unread.refusal or StoreUnavailable("no part of the indexes could be read")
    return Attention(orders, unread)


def _ends_after_its_payment(order: Order) -> bool:
    """Whether only the order's end is late: a payment that began before its `pay_by` still holds it."""
    in_time = order.status is PaymentStatus.IN_PAYMENT and order.pay_by is not None
    return in_time and order.follow_up_at == order.expires_at


def resolve_review(
    order_id: str, attempt_id: str, resolution: Resolution, reason: str, caller: Caller, ports: Ports
) -> WholeOrder:
    """Accept the mismatched payment as the order's, or refund it and unlock the order; the history keeps `reason`.

    Raises `OrderNotFound`, `AttemptNotFound`, `NotAllowed` for an order of their own, `DecidedOtherwise` after the
    other decision, `InvalidRequest` when nothing is under review, `OrderContended`.
    """
    order = authorize_decision(order_id, ports.store.read_head(order_id), caller, ports.rules)
    ports = ports.for_operator(caller.subject)
    require_attempt(order, attempt_id)
    if not _is_decided(order, attempt_id, resolution):
        _refuse_if_decided_otherwise(order, attempt_id, resolution)
        _refuse_unless_under_review(order, attempt_id, resolution)

    def plan(head: Order) -> Transition | None:
        write_context = ports.write_context(caller.subject)
        return _decision_on(head, attempt_id, resolution, reason, write_context)

    head = write_planned(order, plan, ports).order or order
    if _is_decided(head, attempt_id, resolution):
        return with_content(head, ports)
    _refuse_if_decided_otherwise(head, attempt_id, resolution)
    raise OrderContended("The order changed meanwhile. Read it again.")


def _refuse_if_decided_otherwise(order: Order, attempt_id: str, resolution: Resolution) -> None:
    (other,) = set(Resolution) - {resolution}
    if _is_decided(order, attempt_id, other):
        raise DecidedOtherwise(f"An operator has already decided to {other.value} this payment.")


def _refuse_unless_under_review(order: Order, attempt_id: str, resolution: Resolution) -> None:
    attempt = order.attempt
    if order.status is not PaymentStatus.REVIEW or attempt is None or attempt.captured is None:
        raise InvalidRequest({"attempt_id": "is not under review"})
    if attempt.attempt_id != attempt_id:
        raise InvalidRequest({"attempt_id": f"is not under review; {attempt.attempt_id} is"})
    if resolution is Resolution.SETTLE and not _is_something_left(attempt.captured):
        raise InvalidRequest({"action": "must be refund: all of the captured money has already gone back"})


def _decision_on(
    order: Order, attempt_id: str, resolution: Resolution, remark: str, write_context: WriteContext
) -> Transition | None:
    attempt = order.attempt
    if order.status is not PaymentStatus.REVIEW or attempt is None or attempt.captured is None:
        return None
    if attempt.attempt_id != attempt_id:
        return None
    payment = order.payments[attempt.captured.payment_id]
    if resolution is Resolution.SETTLE:
        if not _is_something_left(attempt.captured):
            return None
        return settle_review(order, attempt, payment, remark, write_context)
    refund = owed_refund(payment, _GIVEN_BACK, write_context) if payment.capture.held else None
    return refund_review(order, attempt, payment, refund, remark, write_context)


def _is_something_left(capture: Capture) -> bool:
    # A gateway that reported no amount may still hold the money.
    return capture.held > 0 or not capture.returned


def _is_decided(order: Order, attempt_id: str, resolution: Resolution) -> bool:
    """Whether this decision was made already, by a call with a lost response or by another operator."""
    if resolution is Resolution.REFUND:
        ours = (refund for refund in order.refunds.values() if refund.fingerprint is None)
        known = [refund.reason for refund in ours if refund.attempt_id == attempt_id]
        return _GIVEN_BACK in known or _went_back_before(order, attempt_id)
    return order.attempt is not None and order.attempt.attempt_id == attempt_id and order.attempt.reviewed


def _went_back_before(order: Order, attempt_id: str) -> bool:
    past = order.past_attempts.get(attempt_id)
    places = [payment.place for payment in order.payments.values() if payment.attempt_id == attempt_id]
    return past is not None and past.status is AttemptStatus.REFUNDED and PaymentPlace.RETURNED in places
