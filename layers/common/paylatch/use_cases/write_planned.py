"""Write what is planned from a read under the version read; plan anew where another writer was faster."""

from collections.abc import Callable

from paylatch.domain.errors import OrderContended, OrderNotFound
from paylatch.domain.limits import TRIES
from paylatch.domain.order import Order
from paylatch.domain.transitions import Transition
from paylatch.ports import Applied, Ports, Rejected

Plan = Callable[[Order], Transition | None]


def write_planned(order: Order, plan: Plan, ports: Ports) -> Applied | Rejected:
    """Apply the transition that `plan` makes of the order; when refused, plan from the refusing head, up to 8 times.

    `plan` gives None where nothing is left to write, also because an earlier try took effect and its response was
    lost; the order is then returned as it is. Raises `OrderContended` when concurrent writers kept changing the
    order.
    """
    planned_from = order.version
    for _ in range(TRIES):
        transition = plan(order)
        if transition is None:
            return Rejected(order)
        planned_from = order.version
        outcome = ports.store.apply(order.order_id, transition)
        if isinstance(outcome, Applied):
            return outcome
        if outcome.order is None:
            raise OrderNotFound(order.order_id)
        order = outcome.order
    if plan(order) is None:
        # The last try may have taken effect, with a lost response and another write behind it.
        return Rejected(order)
    raise contended(order, planned_from)


def contended(order: Order, planned_from: int) -> OrderContended:
    """The error after the last try, which was planned from that version and was refused by that order."""
    error = OrderContended("The order kept changing; try again.")
    error.moved_on = order.version > planned_from
    return error
