"""An operator looks after what no rule can decide: mismatched money, and releases that do not come."""

from dataclasses import dataclass
from enum import StrEnum
from itertools import islice

from paylatch.domain.backoff import OVERDUE
from paylatch.domain.caller import Caller, Role
from paylatch.domain.errors import InvalidRequest, NotAllowed, OrderContended, OrderNotFound, StoreUnavailable
from paylatch.domain.instructions import Instruction
from paylatch.domain.late_money import Payment, agrees
from paylatch.domain.order import Order, PaymentStatus
from paylatch.domain.payment import Attempt
from paylatch.domain.transitions import refund_review, settle_review
from paylatch.ports import Index, Ports
from paylatch.use_cases.due_orders import HasTime, Unread, ids_of, orders_of
from paylatch.use_cases.read_order import WholeOrder, attempt_of, with_content
from paylatch.use_cases.release_payment import release_payment
from paylatch.use_cases.settle_payment import owed_refund, settle_payment

MOST = 100
_GIVEN_BACK = "given back after review"


class Resolution(StrEnum):
    """What an operator can do with money that does not match."""

    SETTLE = "settle"
    REFUND = "refund"


@dataclass(frozen=True, slots=True)
class Attention:
    """What operators must look at, as far as it can be read."""

    orders: tuple[Order, ...]
    unread: Unread


def needing_attention(caller: Caller, has_time: HasTime, ports: Ports) -> Attention:
    """Orders under review, releases the gateway has not confirmed, and refunds owed for over an hour; at most 100.

    Raises `StoreUnavailable` where no part of the indexes can be read.
    """
    _only_operators(caller)
    now, unread = ports.clock.now(), Unread()
    # A refund that is tried again and again moves ahead in the one index; one that nobody tries stays behind in it.
    indexes = (ports.store.due(Index.ATTENTION, now), ports.store.due(Index.OWED, now - OVERDUE))
    ids = [order_id for sources in indexes for order_id in islice(ids_of(sources, has_time, unread, ports), MOST)]
    orders = tuple(orders_of(list(dict.fromkeys(ids))[:MOST], has_time, unread, ports))
    if len(unread.sources) + len(unread.skipped) == sum(map(len, indexes)):
        raise StoreUnavailable("no part of the indexes could be read")
    return Attention(orders, unread)


def recheck_payment(order_id: str, attempt_id: str, caller: Caller, ports: Ports) -> WholeOrder:
    """Ask the gateway again and act on its answer. Raises `OrderNotFound`, `AttemptNotFound` or a gateway error."""
    order = _found(order_id, caller, ports)
    attempt = attempt_of(order, attempt_id)
    report = ports.gateways.named(attempt.gateway).query(attempt)
    if report.capture is not None:
        order = settle_payment(order_id, Payment(attempt_id, attempt.gateway, report.capture), ports)
    elif order.status is PaymentStatus.RELEASING and isinstance(attempt, Attempt):
        reason = attempt.reason or Instruction.TIMED_OUT
        order = release_payment(order, reason, caller.subject, ports)
    return with_content(order, ports)


def resolve_review(
    order_id: str, attempt_id: str, resolution: Resolution, reason: str, caller: Caller, ports: Ports
) -> WholeOrder:
    """Take the mismatched money as the payment, or give it back, and with it the order; the history keeps `reason`.

    Raises `OrderNotFound`, `AttemptNotFound`, `InvalidRequest` when nothing is under review, `OrderContended`.
    """
    order = _found(order_id, caller, ports)
    attempt_of(order, attempt_id)
    attempt = order.attempt
    if _is_decided(order, attempt_id, resolution):
        return with_content(order, ports)
    if order.status is not PaymentStatus.REVIEW or attempt is None or attempt.captured is None:
        raise InvalidRequest({"attempt_id": "this payment is not under review"})
    if not order.held_by(attempt_id):
        raise InvalidRequest({"attempt_id": f"{attempt.attempt_id} is under review, not this one"})
    stamp = ports.stamp(caller.subject)
    if resolution is Resolution.SETTLE:
        transition = settle_review(attempt_id, reason, stamp)
    else:
        payment = Payment(attempt_id, attempt.gateway, attempt.captured)
        transition = refund_review(order, attempt, owed_refund(payment, _GIVEN_BACK, stamp), reason, stamp)
    head = ports.store.apply(order_id, transition).order
    if head is not None and _is_decided(head, attempt_id, resolution):
        return with_content(head, ports)
    raise OrderContended("The order changed meanwhile; look at it again.")


def _is_decided(order: Order, attempt_id: str, resolution: Resolution) -> bool:
    """Whether this is what was decided: now, before by somebody whose answer was lost, or by another operator."""
    if resolution is Resolution.REFUND:
        known = [refund.reason for refund in order.refunds.values() if refund.attempt_id == attempt_id]
        return _GIVEN_BACK in known
    paid = order.attempt if order.status is PaymentStatus.PAID and order.held_by(attempt_id) else None
    # Only an operator takes another sum than the attempt's for a payment.
    return paid is not None and paid.captured is not None and not agrees(paid.captured, paid)


def _found(order_id: str, caller: Caller, ports: Ports) -> Order:
    _only_operators(caller)
    order = ports.store.read_head(order_id)
    if order is None:
        raise OrderNotFound(order_id)
    return order


def _only_operators(caller: Caller) -> None:
    if Role.OPERATOR not in caller.roles:
        raise NotAllowed("This is for operators.")
