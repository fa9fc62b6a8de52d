"""The shop declares that an order was paid without a gateway: in cash, by bank transfer, on the phone."""

from paylatch.domain.caller import Caller
from paylatch.domain.error_ids import concerning
from paylatch.domain.errors import InvalidRequest
from paylatch.domain.manual_settlement import ManualSettlement
from paylatch.domain.order import Order, PaymentStatus
from paylatch.domain.transitions import Transition, settle_manually
from paylatch.domain.without_gateway import MANUAL
from paylatch.ports import Applied, Metric, Ports, Timers
from paylatch.use_cases.access import authorize_manual_settlement, conflict_for
from paylatch.use_cases.read_order import WholeOrder, with_content
from paylatch.use_cases.send_overdue_timer import sending_overdue_timer
from paylatch.use_cases.write_planned import write_planned


def settle_order_manually(
    order_id: str, settlement: ManualSettlement, caller: Caller, ports: Ports, timers: Timers | None = None
) -> WholeOrder:
    """Settle an unlocked order by one conditional write; the history keeps who said so, and why.

    The same settlement again changes nothing. Where an overdue lock refuses it, a timer is sent at once. Raises what
    `authorize_manual_settlement` and `conflict_for` give, `InvalidRequest` where the amount is not the order's total
    or the order costs nothing, and `OrderContended`.
    """
    order = authorize_manual_settlement(order_id, ports.store.read_head(order_id), caller)
    if not caller.edits_prices_of(order.seller_id):
        ports = ports.for_operator(caller.subject)
    with concerning(order_id=order_id), sending_overdue_timer(order_id, timers, ports):
        return with_content(_settled(order, settlement, caller, ports), ports)


def _settled(order: Order, settlement: ManualSettlement, caller: Caller, ports: Ports) -> Order:
    def plan(head: Order) -> Transition | None:
        if head.status is not PaymentStatus.PENDING_PAYMENT:
            return None
        # Handed over meanwhile, it may be the caller's own.
        authorize_manual_settlement(order.order_id, head, caller)
        if head.total == 0:
            raise InvalidRequest({"amount": "the order costs nothing: only a payment request can pay it"})
        if settlement.amount != head.total:
            raise InvalidRequest({"amount": f"must be the order's total, which is {head.total}"})
        return settle_manually(head, settlement, ports.write_context(caller.subject))

    outcome = write_planned(order, plan, ports)
    head = outcome.order or order
    if isinstance(outcome, Applied):
        attempt_id = settlement.payment(head, head.updated_at).attempt_id
        ports.metrics.count(Metric.ORDER_PAID, attempt_id=attempt_id, gateway=MANUAL)
    elif not _is_settled_so(head, settlement):
        raise conflict_for(head, ports.clock.now())
    return head


def _is_settled_so(order: Order, settlement: ManualSettlement) -> bool:
    # Only a settlement by hand has such a fingerprint, and an order that has one is paid for good.
    return order.attempt is not None and order.attempt.fingerprint == settlement.fingerprint
