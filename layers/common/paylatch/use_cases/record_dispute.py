"""A gateway reports a dispute: it is recorded, counted and published; the order's status does not change."""

from paylatch.domain.actors import gateway_actor
from paylatch.domain.late_money import Payment
from paylatch.domain.order import Order
from paylatch.domain.payment import Dispute, DisputeStatus
from paylatch.domain.transitions import Transition, dispute_closed, dispute_opened
from paylatch.ports import Applied, Metric, Ports
from paylatch.use_cases.unknown_order import unknown_order
from paylatch.use_cases.write_planned import write_planned


def record_dispute(order_id: str, attempt_id: str, dispute: Dispute, gateway: str, ports: Ports) -> None:
    """Record that a dispute was opened, won or lost: once each, in whatever order the reports arrive.

    Raises `OrderNotFound`, and `OrderContended` when concurrent writers kept changing the order: the gateway must
    repeat the callback.
    """
    order = ports.store.read_head(order_id)
    if order is None:
        raise unknown_order(order_id, Payment(attempt_id, gateway, dispute.contested), ports)
    opened = dispute.status is DisputeStatus.OPEN

    def plan(head: Order) -> Transition | None:
        known = head.disputes.get(dispute.dispute_id)
        if known is not None and (opened or known.status is not DisputeStatus.OPEN):
            return None
        make = dispute_opened if opened else dispute_closed
        return make(head, dispute, attempt_id, ports.write_context(gateway_actor(gateway)))

    if isinstance(write_planned(order, plan, ports), Applied):
        ports.metrics.count(
            Metric.DISPUTE_OPENED if opened else Metric.DISPUTE_CLOSED,
            attempt_id=attempt_id,
            gateway=gateway,
            dispute_id=dispute.dispute_id,
            payment_id=dispute.payment_id,
            amount=dispute.amount,
            currency=dispute.currency,
            status=dispute.status.value,
        )
