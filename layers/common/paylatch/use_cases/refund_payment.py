"""Money that is owed goes back: asked for once by its id, and until the gateway confirms it."""

from paylatch.domain.backoff import TRIES, wait_after
from paylatch.domain.errors import GatewayError, Misconfigured, Refused
from paylatch.domain.order import Order
from paylatch.domain.payment import Refund, RefundStatus
from paylatch.domain.transitions import delay_refund, refunded
from paylatch.ports import Applied, Gateway, Metric, Ports, RefundState


def refund_payment(order: Order, refund: Refund, actor: str, ports: Ports) -> None:
    """Ask the gateway for the refund, or what became of it, and record the answer."""
    try:
        state = _ask(ports.gateways.named(refund.gateway), refund)
        cause = state.value
    except Misconfigured as error:
        ports.watch.count(
            Metric.GATEWAY_MISCONFIGURED, gateway=error.gateway, cause=error.cause, attempt_id=refund.attempt_id
        )
        state, cause = RefundState.UNKNOWN, type(error).__name__
    except GatewayError as error:
        metric = Metric.REFUND_REFUSED if isinstance(error, Refused) else Metric.GATEWAY_UNAVAILABLE
        ports.watch.count(metric, gateway=error.gateway, cause=error.cause, attempt_id=refund.attempt_id)
        state, cause = RefundState.UNKNOWN, type(error).__name__
    if state is RefundState.DONE:
        _record(order, refund, actor, ports)
    else:
        stamp = ports.stamp(actor)
        # Refused means that another writer was faster; the refund stays due and the next sweep goes on.
        ports.store.apply(
            order.order_id, delay_refund(order, refund, stamp.at + wait_after(refund.tries), cause, stamp)
        )


def confirm_refund(order_id: str, payment_id: str, gateway: str, ports: Ports) -> None:
    """The gateway says by callback that a refund is done."""
    order = ports.store.read_head(order_id)
    refund = order.refunds.get(payment_id) if order else None
    if order is not None and refund is not None and refund.gateway == gateway:
        _record(order, refund, f"gateway:{gateway}", ports)


def _ask(gateway: Gateway, refund: Refund) -> RefundState:
    state = gateway.query_refund(refund) if refund.tries else RefundState.UNKNOWN
    return gateway.refund(refund) if state in (RefundState.UNKNOWN, RefundState.FAILED) else state


def _record(order: Order, refund: Refund, actor: str, ports: Ports) -> None:
    current: Order | None = order
    for _ in range(TRIES):
        found = current.refunds.get(refund.payment_id) if current else None
        if current is None or found is None or found.status is not RefundStatus.DUE:
            return
        outcome = ports.store.apply(current.order_id, refunded(current, found, ports.stamp(actor)))
        if isinstance(outcome, Applied):
            ports.watch.count(Metric.REFUND_ISSUED, attempt_id=refund.attempt_id)
            return
        current = outcome.order
