"""A gateway's callback is verified first; then each of its statements has its effect once."""

from contextlib import suppress

from paylatch.domain.actors import gateway_actor
from paylatch.domain.error_ids import concerning
from paylatch.domain.errors import CallbackRejected, Misconfigured, OrderNotFound, OutcomeUnknown
from paylatch.domain.ids import ORDER_ID_LENGTH, derived_refund_id
from paylatch.domain.late_money import Evidence, Payment
from paylatch.domain.order import Order
from paylatch.domain.payment import IN_FLIGHT, Attempt, AttemptStatus, Capture, Dispute, DisputeStatus
from paylatch.domain.release_reasons import ReleaseReason, reason_by_time
from paylatch.domain.retention_errors import OrderRetired
from paylatch.ports import Acknowledgement, Callback, Gateway, GatewayEvent, GatewayEventKind, Metric, Ports
from paylatch.use_cases.follow_payment import follow_payment
from paylatch.use_cases.recognise_payment import count_foreign, of_this_stack
from paylatch.use_cases.record_dispute import record_dispute
from paylatch.use_cases.record_return import handle_money_returned
from paylatch.use_cases.refund_payment import handle_refund_event
from paylatch.use_cases.release_payment import count_misconfiguration, release_payment
from paylatch.use_cases.settle_payment import place_payment
from paylatch.use_cases.unknown_order import unknown_order


def receive_callback(gateway_name: str, callback: Callback, ports: Ports) -> Acknowledgement:
    """Verify the callback on its raw bytes, act on each statement, acknowledge.

    Money of a retired order is counted, and what concerns one is acknowledged: no repetition would find it. Raises
    `CallbackRejected`, and any error that kept a statement from taking effect, so that the gateway repeats the
    callback.
    """
    gateway = _named(gateway_name, ports)
    for stated in gateway.parse_callback(callback):
        with concerning(attempt_id=stated.attempt_id, gateway=gateway_name):
            known = of_this_stack(stated, gateway, gateway_name, ports)
            with concerning(attempt_id=known.attempt_id), suppress(OrderRetired):
                _handle(known, gateway_name, ports)
    return gateway.acknowledge()


def _handle(gateway_event: GatewayEvent, gateway: str, ports: Ports) -> None:
    if gateway_event.foreign:
        count_foreign(gateway_event.foreign, gateway, ports)
        return
    if gateway_event.misconfiguration:
        count_misconfiguration(gateway_event.misconfiguration, gateway_event.attempt_id, gateway, ports)
    if gateway_event.kind is GatewayEventKind.UNKNOWN:
        raise OutcomeUnknown(
            gateway, f"says of {gateway_event.attempt_id} what it does not document: {gateway_event.cause}"
        )
    _act_on(gateway_event, gateway, ports)


def _named(gateway: str, ports: Ports) -> Gateway:
    # Retired gateways' callbacks count too: they may concern earlier payments.
    try:
        return ports.gateways.named(gateway)
    except Misconfigured as error:
        raise CallbackRejected(gateway, "no such gateway") from error


def _act_on(gateway_event: GatewayEvent, gateway: str, ports: Ports) -> None:
    order_id = gateway_event.attempt_id[:ORDER_ID_LENGTH]
    match gateway_event:
        case GatewayEvent(kind=GatewayEventKind.PAID, capture=Capture() as capture):
            place_payment(order_id, _payment(gateway_event, capture, gateway), ports)
        case GatewayEvent(
            kind=GatewayEventKind.REFUNDED | GatewayEventKind.REFUND_FAILED, capture=Capture() as capture
        ):
            _handle_refund_event(order_id, gateway_event, capture, gateway, ports)
        case GatewayEvent(kind=GatewayEventKind.MONEY_RETURNED, capture=Capture() as capture):
            handle_money_returned(order_id, _payment(gateway_event, capture, gateway), ports)
        case GatewayEvent(kind=GatewayEventKind.DISPUTED, dispute=Dispute() as dispute):
            # The money first: once the dispute is recorded as lost, its sum counts as recorded too.
            if dispute.status is DisputeStatus.LOST:
                handle_money_returned(order_id, _payment(gateway_event, dispute.contested, gateway), ports)
            record_dispute(order_id, gateway_event.attempt_id, dispute, gateway, ports)
        case GatewayEvent(kind=GatewayEventKind.EXPIRED | GatewayEventKind.CLOSED | GatewayEventKind.DECLINED):
            _end(order_id, gateway_event, gateway, ports)
        case GatewayEvent(kind=GatewayEventKind.IN_PROGRESS | GatewayEventKind.TRY_FAILED):
            _follow(order_id, gateway_event, gateway, ports)


def _handle_refund_event(
    order_id: str, gateway_event: GatewayEvent, capture: Capture, gateway: str, ports: Ports
) -> None:
    payment = _payment(gateway_event, capture, gateway)
    refund_id = gateway_event.refund_id or derived_refund_id(gateway_event.attempt_id, capture.payment_id)
    try:
        handle_refund_event(order_id, refund_id, gateway, ports)
    except OrderNotFound as error:
        raise unknown_order(order_id, payment, ports) from error
    if capture.returned:
        # The gateway's total came with it, and may count refunds made by hand too.
        handle_money_returned(order_id, payment, ports)


def _payment(gateway_event: GatewayEvent, capture: Capture, gateway: str) -> Payment:
    return Payment(gateway_event.attempt_id, gateway, capture, Evidence.STATED, gateway_event.stated_at)


def _end(order_id: str, gateway_event: GatewayEvent, gateway: str, ports: Ports) -> None:
    """Handle a session's end for the order that it holds; the gateway is asked before anything is unlocked."""
    match ports.store.read_head(order_id):
        case None if ports.store.is_retired(order_id):
            return
        case None:
            ports.metrics.count(
                Metric.UNKNOWN_PAYMENT, attempt_id=gateway_event.attempt_id, kind=gateway_event.kind, gateway=gateway
            )
            raise OrderNotFound(order_id)
        case Order(attempt=Attempt(attempt_id=gateway_event.attempt_id) as held) as order if held.gateway == gateway:
            ended_at = gateway_event.stated_at or ports.clock.now()
            reason = _REASONS.get(gateway_event.kind) or reason_by_time(ended_at, held.deadline)
            release_payment(order, reason, gateway_actor(gateway), ports)


def _follow(order_id: str, gateway_event: GatewayEvent, gateway: str, ports: Ports) -> None:
    """A payment is under way, or no longer: the gateway is asked, because statements arrive in any order."""
    order = ports.store.read_head(order_id)
    held = order.attempt if order else None
    if order is None or held is None or (held.attempt_id, held.gateway) != (gateway_event.attempt_id, gateway):
        return
    began = gateway_event.kind is GatewayEventKind.IN_PROGRESS
    if held.status in IN_FLIGHT and began is not (held.status is AttemptStatus.PROCESSING):
        follow_payment(order, held, gateway_actor(gateway), ports)


# A session closed by a call was closed by ours, and the callback can arrive before the reason is written.
_REASONS = {GatewayEventKind.EXPIRED: ReleaseReason.TIMED_OUT, GatewayEventKind.DECLINED: ReleaseReason.DECLINED}
