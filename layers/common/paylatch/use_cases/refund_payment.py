"""A refund that is due: requested under one id, and repeated until the gateway confirms or refuses it."""

from paylatch.domain.actors import gateway_actor
from paylatch.domain.errors import GatewayError, OrderContended, OrderNotFound, Refused
from paylatch.domain.ledger import GIVEN_UP, is_lost
from paylatch.domain.limits import TRIES, wait_after
from paylatch.domain.order import Order
from paylatch.domain.payment import Refund, RefundStatus
from paylatch.domain.transitions import (
    Transition,
    WriteContext,
    delay_refund,
    refund_failed,
    refunded,
    refuse_refund,
)
from paylatch.ports import Applied, Gateway, Metric, Ports, RefundState

_TO_REQUEST = (RefundState.UNKNOWN, RefundState.FAILED)
_METRICS = {"refunded": Metric.REFUND_ISSUED, "refund_failed": Metric.REFUND_REFUSED}


def refund_payment(order: Order, refund: Refund, actor: str, ports: Ports) -> None:
    """Request the refund, or query its state after an earlier try, and record the answer.

    A final refusal ends the tries, and the order is shown to operators; so does a lost dispute that took what was left.
    Where another writer was faster nothing is recorded, because the answer may be older than that writer's: a refund
    that is still due is tried again by the next sweep, and the gateway is asked anew about one that was refused or
    written off meanwhile. Raises `OrderContended` when concurrent writers kept changing the order.
    """
    state, cause, unanswered = RefundState.UNKNOWN, "", False
    try:
        gateway = ports.gateways.named(refund.gateway)
        # The first call of this work: one that is postponed leaves no trace.
        state = _earlier_state(order, refund, gateway)
        if state in _TO_REQUEST and refund.failed:
            # Written before the new try, so that its failure is distinguishable from the previous one and recorded.
            begun = ports.store.apply(order.order_id, _delayed(order, refund, "asked anew", ports.write_context(actor)))
            if not isinstance(begun, Applied):
                return
            order, refund = begun.order, begun.order.refunds[refund.refund_id]
            # Another process may have asked for it in between.
            state = gateway.query_refund(refund)
        if state in _TO_REQUEST:
            state = gateway.refund(refund)
        cause = state.value
    except GatewayError as error:
        metric = Metric.REFUND_REFUSED if isinstance(error, Refused) else None
        ports.metrics.fail(error, metric, attempt_id=refund.attempt_id)
        if isinstance(error, Refused):
            _write(refuse_refund(order, refund, error.cause, ports.write_context(actor)), order, refund, ports)
            return
        cause, unanswered = type(error).__name__, True
    write_context = ports.write_context(actor)
    if state is RefundState.DONE:
        _write(refunded(order, refund, write_context), order, refund, ports)
    else:
        _write(_delayed(order, refund, cause, write_context, unanswered), order, refund, ports)


def _earlier_state(order: Order, refund: Refund, gateway: Gateway) -> RefundState:
    """The refund's state by an earlier try. Raises `Refused` where nothing is left of a payment lost in a dispute."""
    lost = is_lost(order, order.payments[refund.payment_id])
    state = gateway.query_refund(refund) if refund.tries or lost else RefundState.UNKNOWN
    # A gateway counts a refund of nothing as made.
    if lost and state in _TO_REQUEST:
        raise Refused(refund.gateway, "the payment was lost in a dispute")
    return state


def _write(turn: Transition, order: Order, refund: Refund, ports: Ports) -> None:
    """Write the answer; where a refund was given up meanwhile, no sweep tries it again, and the gateway is asked."""
    outcome = ports.store.apply(order.order_id, turn)
    if isinstance(outcome, Applied):
        _count(turn, refund, ports)
    elif outcome.order is not None and outcome.order.refunds[refund.refund_id].status in GIVEN_UP:
        try:
            handle_refund_event(order.order_id, refund.refund_id, refund.gateway, ports)
        except GatewayError as error:
            ports.metrics.fail(error, attempt_id=refund.attempt_id)


def handle_refund_event(order_id: str, refund_id: str, gateway: str, ports: Ports) -> RefundState:
    """Handle a callback about a refund: query its current state, as the callback may concern an earlier try.

    Gives that state; `UNKNOWN` where the order has no such refund. A refund that failed is due again. Raises
    `OrderNotFound`, a gateway error where there is no answer, and `OrderContended` when concurrent writers kept
    changing the order: the gateway must repeat the callback.
    """
    for _ in range(TRIES):
        order = ports.store.read_head(order_id)
        refund = order.refunds.get(refund_id) if order else None
        if order is None:
            raise OrderNotFound(order_id)
        if refund is None or refund.gateway != gateway:
            return RefundState.UNKNOWN
        state = ports.gateways.named(gateway).query_refund(refund)
        turn = _turn(order, refund, state, ports.write_context(gateway_actor(gateway)))
        # A failure that is reported while a refund is given up is not recorded: once it counts as made, ask again.
        if turn is None or (_recorded(turn, order, refund, ports) and refund.status not in GIVEN_UP):
            return state
    raise OrderContended(f"refund {refund_id} was not recorded in {TRIES} tries")


def _delayed(
    order: Order, refund: Refund, cause: str, write_context: WriteContext, unanswered: bool = False
) -> Transition:
    next_at = write_context.at + wait_after(refund.tries)
    return delay_refund(order, refund, next_at, cause, write_context, unanswered)


def _turn(order: Order, refund: Refund, state: RefundState, write_context: WriteContext) -> Transition | None:
    """The transition for that state, None where nothing changes.

    A failure is recorded while the refund is due, too: it refuses the write of a concurrent writer that read "done"
    before the failure.
    """
    if state is RefundState.DONE and refund.status is not RefundStatus.REFUNDED:
        return refunded(order, refund, write_context)
    if state is RefundState.FAILED and refund.status not in GIVEN_UP and not refund.failed:
        return refund_failed(order, refund, write_context)
    return None


def _recorded(turn: Transition, order: Order, refund: Refund, ports: Ports) -> bool:
    if not isinstance(ports.store.apply(order.order_id, turn), Applied):
        return False
    _count(turn, refund, ports)
    return True


def _count(turn: Transition, refund: Refund, ports: Ports) -> None:
    if turn.name in _METRICS:
        ports.metrics.count(_METRICS[turn.name], attempt_id=refund.attempt_id)
