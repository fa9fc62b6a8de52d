"""Money that is owed goes back: asked for once by its id, and until the gateway confirms it."""

from collections.abc import Callable
from dataclasses import dataclass

from paylatch.domain.backoff import TRIES, wait_after
from paylatch.domain.errors import GatewayError, Misconfigured, Refused
from paylatch.domain.order import Order
from paylatch.domain.payment import Refund, RefundStatus
from paylatch.domain.transitions import Stamp, Transition, delay_refund, refund_failed, refunded
from paylatch.ports import Applied, Gateway, Metric, Ports, RefundState


@dataclass(frozen=True, slots=True)
class _Turn:
    """What a gateway's word does to a refund that stood so."""

    stood: RefundStatus
    make: Callable[[Order, Refund, Stamp], Transition]
    metric: Metric


_DONE = _Turn(RefundStatus.DUE, refunded, Metric.REFUND_ISSUED)
_BOUNCED = _Turn(RefundStatus.REFUNDED, refund_failed, Metric.REFUND_REFUSED)


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
        _record(_DONE, order, refund.payment_id, actor, ports)
    else:
        stamp = ports.stamp(actor)
        # Refused means that another writer was faster; the refund stays due and the next sweep goes on.
        ports.store.apply(
            order.order_id, delay_refund(order, refund, stamp.at + wait_after(refund.tries), cause, stamp)
        )


def confirm_refund(order_id: str, payment_id: str, gateway: str, ports: Ports) -> None:
    """The gateway says by callback that a refund is done."""
    order = _owing_at(gateway, order_id, payment_id, ports)
    if order is not None:
        _record(_DONE, order, payment_id, f"gateway:{gateway}", ports)


def reopen_refund(order_id: str, payment_id: str, gateway: str, ports: Ports) -> None:
    """The gateway says by callback that a refund failed; if that is still so, and it counted as done, it is due again.

    Raises a gateway error where there is no answer, so that the callback is sent again.
    """
    order = _owing_at(gateway, order_id, payment_id, ports)
    if order is not None and _bounced(order.refunds[payment_id], ports):
        _record(_BOUNCED, order, payment_id, f"gateway:{gateway}", ports)


def _bounced(refund: Refund, ports: Ports) -> bool:
    # The callback may tell of an earlier try than the last.
    return ports.gateways.named(refund.gateway).query_refund(refund) is RefundState.FAILED


def _owing_at(gateway: str, order_id: str, payment_id: str, ports: Ports) -> Order | None:
    order = ports.store.read_head(order_id)
    refund = order.refunds.get(payment_id) if order else None
    return order if refund is not None and refund.gateway == gateway else None


def _ask(gateway: Gateway, refund: Refund) -> RefundState:
    state = gateway.query_refund(refund) if refund.tries else RefundState.UNKNOWN
    return gateway.refund(refund) if state in (RefundState.UNKNOWN, RefundState.FAILED) else state


def _record(turn: _Turn, order: Order, payment_id: str, actor: str, ports: Ports) -> None:
    for _ in range(TRIES):
        refund = order.refunds[payment_id]
        if refund.status is not turn.stood:
            return
        outcome = ports.store.apply(order.order_id, turn.make(order, refund, ports.stamp(actor)))
        if isinstance(outcome, Applied):
            ports.watch.count(turn.metric, attempt_id=refund.attempt_id)
            return
        order = outcome.order or order
