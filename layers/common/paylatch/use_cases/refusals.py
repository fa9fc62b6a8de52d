"""Why an order refused: told from the head that refused, without another read."""

from paylatch.domain.caller import Caller
from paylatch.domain.errors import (
    NotAllowed,
    OrderCancelled,
    OrderLocked,
    OrderNotFound,
    OrderPaid,
    PaylatchError,
    RevisionMismatch,
)
from paylatch.domain.order import Order, PaymentStatus


def visible(order_id: str, order: Order | None, caller: Caller) -> Order:
    """The order, if the caller may see it. Raises `OrderNotFound`: somebody else's order does not exist for them."""
    if order is None or not caller.may_read(order.buyer_id, order.seller_id):
        raise OrderNotFound(order_id)
    return order


def owned(order_id: str, order: Order | None, caller: Caller) -> Order:
    """The order, if the caller may change it. Raises `OrderNotFound`, or `NotAllowed` for those who only read."""
    found = visible(order_id, order, caller)
    if not caller.owns(found.buyer_id, found.seller_id):
        raise NotAllowed("An operator reads orders and does not change them.")
    return found


def refusal_of(order: Order) -> PaylatchError:
    """Why this head refused its owner what `pending_payment` and the right revision allow: one of them is missing."""
    if order.locked and order.attempt is not None:
        until = order.attempt.deadline if order.status is PaymentStatus.IN_PAYMENT else None
        return OrderLocked(order.attempt.attempt_id, until)
    if order.status is PaymentStatus.PAID:
        return OrderPaid("The order is paid.")
    if order.status is PaymentStatus.CANCELLED:
        return OrderCancelled("The order is cancelled.")
    return RevisionMismatch(order.revision)
