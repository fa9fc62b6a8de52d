"""Access checks, and the error for a head whose guard refused; both work without another read."""

from datetime import datetime

from paylatch.domain.caller import Caller, Role
from paylatch.domain.errors import (
    NotAllowed,
    OrderCancelled,
    OrderLocked,
    OrderNotFound,
    OrderNotPayable,
    OrderPaid,
    PayByPassed,
    PaylatchError,
    RevisionMismatch,
)
from paylatch.domain.order import Order, PaymentStatus
from paylatch.ports import Rules


def authorize_read(order_id: str, order: Order | None, caller: Caller) -> Order:
    """The order, if the caller may see it.

    Raises `OrderNotFound`, also for an existing order that the caller may not see.
    """
    if order is None or not caller.may_read(order.buyer_id, order.seller_id):
        raise OrderNotFound(order_id)
    return order


def authorize_write(order_id: str, order: Order | None, caller: Caller) -> Order:
    """The order, if the caller may change it. Raises `OrderNotFound`, or `NotAllowed` for callers who may only read."""
    found = authorize_read(order_id, order, caller)
    if not caller.owns(found.buyer_id, found.seller_id):
        raise NotAllowed("An operator may read orders, and may not change them.")
    return found


def may_pay(order: Order, caller: Caller) -> bool:
    """Whether the caller may pay for the order: who may change it, and who has its payment link."""
    return caller.has_link(order.link_id) or caller.owns(order.buyer_id, order.seller_id)


def authorize_payer(order_id: str, order: Order | None, caller: Caller) -> Order:
    """The order, if the caller may pay for it. Raises what `authorize_write` raises."""
    return order if order is not None and may_pay(order, caller) else authorize_write(order_id, order, caller)


def authorize_payment_read(order_id: str, order: Order | None, caller: Caller) -> Order:
    """The order, if the caller may see its payments: who may see it, and who has its payment link.

    Raises `OrderNotFound`.
    """
    return order if order is not None and may_pay(order, caller) else authorize_read(order_id, order, caller)


def authorize_manual_settlement(order_id: str, order: Order | None, caller: Caller) -> Order:
    """The order, for a caller who may declare that it was paid: its seller, a service or an operator.

    Raises `OrderNotFound`, and `NotAllowed` for its buyer, whatever else the buyer is.
    """
    return _authorize_shop(
        order_id, order, caller, "Its seller, a service or an operator declares an order paid, and never its buyer."
    )


def authorize_refund(order_id: str, order: Order | None, caller: Caller) -> Order:
    """The order, for a caller who may refund its payment: its seller, a service or an operator.

    Raises `OrderNotFound`, and `NotAllowed` for its buyer, whatever else the buyer is.
    """
    return _authorize_shop(
        order_id, order, caller, "Its seller, a service or an operator refunds an order, and never its buyer."
    )


def authorize_erasure(order_id: str, order: Order | None, caller: Caller) -> Order:
    """The order, for a caller who may have its personal data erased: a service or an operator.

    Raises `OrderNotFound`, and `NotAllowed` for its buyer and its seller.
    """
    found = authorize_read(order_id, order, caller)
    if not caller.roles & {Role.SERVICE, Role.OPERATOR}:
        raise NotAllowed("Only a service or an operator may have personal data erased.")
    return found


def _authorize_shop(order_id: str, order: Order | None, caller: Caller, refusal: str) -> Order:
    found = authorize_read(order_id, order, caller)
    declares = caller.edits_prices_of(found.seller_id) or Role.OPERATOR in caller.roles
    if caller.subject == found.buyer_id or not declares:
        raise NotAllowed(refusal)
    return found


def authorize_operators(caller: Caller) -> None:
    """Raises `NotAllowed` for a caller who is no operator."""
    if Role.OPERATOR not in caller.roles:
        raise NotAllowed("Only an operator may do this.")


def authorize_operator(order_id: str, order: Order | None, caller: Caller) -> Order:
    """The order, for an operator.

    Raises `NotAllowed` for any other caller, whether or not the order exists, and `OrderNotFound`.
    """
    authorize_operators(caller)
    if order is None:
        raise OrderNotFound(order_id)
    return order


def authorize_decision(order_id: str, order: Order | None, caller: Caller, rules: Rules) -> Order:
    """The order, for an operator who may decide about its money.

    Raises what `authorize_operator` raises, and `NotAllowed` for an operator's own order: always for its buyer, and
    for its seller where the stack demands four eyes.
    """
    order = authorize_operator(order_id, order, caller)
    if caller.subject == order.buyer_id or (caller.subject == order.seller_id and rules.four_eyes):
        raise NotAllowed("An operator may not decide about the money of an order of their own.")
    return order


def conflict_for(order: Order, now: datetime) -> PaylatchError:
    """The error for a head that refused its owner's write.

    Such a write needs `pending_payment` and the expected revision; one of the two was missing.
    """
    if order.locked and order.attempt is not None:
        until = order.locked_until
        overdue = order.is_overdue(now)
        return OrderLocked(order.attempt.attempt_id, until, order.due_at, overdue=overdue)
    if order.status is PaymentStatus.PAID:
        return OrderPaid("The order is paid.")
    if order.status is PaymentStatus.CANCELLED:
        return OrderCancelled("The order is cancelled.")
    return RevisionMismatch(order.revision)


def refusal_by_terms(order: Order, now: datetime) -> PaylatchError | None:
    """The error for a payment request that the order's payment terms refuse; None where they allow it."""
    if not order.payable:
        return OrderNotPayable("The order's seller has set it to not payable.")
    if order.terms.pay_by_passed(now):
        return PayByPassed("The time to pay for the order has passed, and the order is about to be cancelled.")
    return None
