"""An operator writes off a refund that the gateway will never make; the order still shows the amount."""

from paylatch.domain.caller import Caller
from paylatch.domain.errors import GatewayError, InvalidRequest, RefundNotFound
from paylatch.domain.ledger import OPEN_REFUNDS
from paylatch.domain.order import Order
from paylatch.domain.payment import Refund, RefundStatus
from paylatch.domain.transitions import Transition, write_off
from paylatch.ports import Ports, RefundState
from paylatch.use_cases.access import authorize_decision
from paylatch.use_cases.read_order import WholeOrder, with_content
from paylatch.use_cases.refund_payment import handle_refund_event
from paylatch.use_cases.write_planned import write_planned


def write_off_refund(order_id: str, refund_id: str, remark: str, caller: Caller, ports: Ports) -> WholeOrder:
    """End the refund, whatever the order's status; the history keeps operator and reason.

    The gateway is asked first, and a refund that it made is recorded; without an answer the operator's word counts.
    A second call changes nothing. Raises `NotAllowed`, also for an operator's own order, `OrderNotFound`,
    `RefundNotFound`, `InvalidRequest` for a refund that was made or is being made, and `OrderContended`.
    """
    order = authorize_decision(order_id, ports.store.read_head(order_id), caller, ports.rules)
    ports = ports.for_operator(caller.subject)

    def plan(head: Order) -> Transition | None:
        refund = head.refunds.get(refund_id)
        if refund is None or refund.status not in OPEN_REFUNDS:
            return None
        # Handed over meanwhile, it may be the caller's own.
        authorize_decision(order_id, head, caller, ports.rules)
        _expect_not_made(head, refund, ports)
        return write_off(head, refund, remark, ports.write_context(caller.subject))

    head = write_planned(order, plan, ports).order or order
    refund = head.refunds.get(refund_id)
    if refund is None:
        raise RefundNotFound(refund_id)
    if refund.status is not RefundStatus.WRITTEN_OFF:
        raise InvalidRequest({"refund_id": f"must be due or refused, and is {refund.status.value}"})
    return with_content(head, ports)


def _expect_not_made(order: Order, refund: Refund, ports: Ports) -> None:
    try:
        state = handle_refund_event(order.order_id, refund.refund_id, refund.gateway, ports)
    except GatewayError as error:
        ports.metrics.fail(error, attempt_id=refund.attempt_id)
        return
    if state is RefundState.DONE:
        raise InvalidRequest({"refund_id": f"must be due or refused, and is {RefundStatus.REFUNDED.value}"})
    if state is RefundState.PENDING:
        raise InvalidRequest({"refund_id": "must not be under way: the gateway is making this refund"})
