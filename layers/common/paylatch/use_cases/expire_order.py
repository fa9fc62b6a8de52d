"""An order ends because nobody paid for it by its `pay_by`."""

from paylatch.domain.order import Order
from paylatch.domain.transitions import Transition
from paylatch.domain.transitions import expire_order as expire_transition
from paylatch.ports import HasTime, Ports
from paylatch.use_cases.write_planned import write_planned


def expire_if_due(actor: str, order: Order, ports: Ports, _: HasTime) -> Order:
    """End the order by one conditional write if its time has passed and nobody is paying; give it afterwards.

    It is planned anew from what refused it: whoever moved `pay_by` meanwhile keeps the order. Raises `OrderContended`.
    """

    def plan(head: Order) -> Transition | None:
        write_context = ports.write_context(actor)
        return expire_transition(head, write_context) if head.has_expired(write_context.at) else None

    return write_planned(order, plan, ports).order or order
