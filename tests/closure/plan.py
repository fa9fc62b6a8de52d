"""A plan: one transition that a process may write, with what the invariants must know of it."""

from collections.abc import Callable
from dataclasses import dataclass, replace

from paylatch.domain.order import Order
from paylatch.domain.payment import Capture
from paylatch.domain.transitions import Transition, WriteContext
from tests.closure.configuration import BUYER, NOW

WRITE_CONTEXT = WriteContext("W2E4R6T8Y0ABCDEF", NOW, "somebody")


def is_free(order: Order) -> bool:
    """Forbidden by an order that costs nothing."""
    return order.total == 0


def no_payment_begins(order: Order) -> bool:
    """Forbidden by an order that costs nothing, is not payable, was to be paid before, or is another buyer's."""
    late = order.pay_by is not None and order.pay_by <= NOW
    return is_free(order) or not order.payable or late or order.buyer_id != BUYER.subject


def is_not_settled_free(order: Order) -> bool:
    """Forbidden by an order that costs something, or of which no payment would begin if it did."""
    return order.total > 0 or no_payment_begins(replace(order, total=1))


def never(_: Order) -> bool:
    """Forbidden by no head."""
    return False


@dataclass(frozen=True, slots=True)
class Plan:
    """One transition that a process may write. `blind` is written without a read; `capture` is its money. `forbidden`
    says which orders must refuse it, whatever else holds. `edit_of` is the attempt that keeps the edit made for it.
    """

    description: str
    transition: Transition
    blind: bool = False
    capture: Capture | None = None
    forbidden: Callable[[Order], bool] = never
    edit_of: str | None = None
