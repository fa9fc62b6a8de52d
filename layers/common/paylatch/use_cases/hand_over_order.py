"""A service hands an unlocked order over to another buyer: to the account of a guest, for whom it acted before."""

from paylatch.domain.caller import Caller, Role
from paylatch.domain.errors import EditNotAllowed
from paylatch.domain.order import Order, PaymentStatus
from paylatch.domain.transitions import Transition, hand_over
from paylatch.ports import Ports, Timers
from paylatch.use_cases.access import authorize_write, conflict_for
from paylatch.use_cases.edit_order import required
from paylatch.use_cases.read_order import WholeOrder, with_content
from paylatch.use_cases.send_overdue_timer import sending_overdue_timer
from paylatch.use_cases.write_planned import write_planned


def hand_over_order(
    order_id: str, buyer_id: str, revision: int | None, caller: Caller, ports: Ports, timers: Timers | None = None
) -> WholeOrder:
    """Give the order that buyer, by one conditional write; the revision stays. A second call changes nothing.

    Where an overdue lock refuses it, a timer is sent at once. Raises what `authorize_write` and `conflict_for` give,
    `EditNotAllowed` for every caller but a service, `PreconditionRequired` without a revision, and `OrderContended`.
    """
    order = authorize_write(order_id, ports.store.read_head(order_id), caller)
    if Role.SERVICE not in caller.roles:
        raise EditNotAllowed({"buyer_id": "may be changed by a service only"})
    seen = required(revision)

    def plan(head: Order) -> Transition | None:
        unlocked = head.status is PaymentStatus.PENDING_PAYMENT and head.revision == seen
        wanted = unlocked and head.buyer_id != buyer_id
        return hand_over(head, buyer_id, ports.write_context(caller.subject)) if wanted else None

    with sending_overdue_timer(order_id, timers, ports):
        head = write_planned(order, plan, ports).order or order
        if head.buyer_id != buyer_id:
            raise conflict_for(head, ports.clock.now())
        return with_content(head, ports)
