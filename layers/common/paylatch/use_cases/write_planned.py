"""What is planned from an order as it was read is written under its version; where others were faster, planned anew."""

from collections.abc import Callable

from paylatch.domain.errors import OrderContended, OrderNotFound
from paylatch.domain.limits import TRIES
from paylatch.domain.order import Order
from paylatch.domain.transitions import Transition
from paylatch.ports import Applied, Ports, Rejected

Plan = Callable[[Order], Transition | None]


def write_planned(order: Order, plan: Plan, ports: Ports) -> Applied | Rejected:
    """Apply what `plan` makes of the order; refused, what it makes of the head that refused, up to 8 times.

    `plan` gives None where there is nothing to write any more: also where an earlier try took effect and its answer was
    lost. Then the order is handed back as it is. Raises `OrderContended` when others kept changing the order.
    """
    for _ in range(TRIES):
        transition = plan(order)
        if transition is None:
            return Rejected(order)
        outcome = ports.store.apply(order.order_id, transition)
        if isinstance(outcome, Applied):
            return outcome
        if outcome.order is None:
            raise OrderNotFound(order.order_id)
        order = outcome.order
    raise OrderContended("The order kept changing; try again.")
