"""Distinguishes own payments from those of others on the same gateway account.

A payment that names another stack is never this one's, whatever its ids look like. One that names no stack is this
one's where an order here has its attempt, or may have had it before it was retired.
"""

from dataclasses import replace

from paylatch.domain.errors import AttemptNotFound
from paylatch.domain.ids import order_id_of
from paylatch.ports import ForeignPayment, Gateway, GatewayEvent, GatewayEventKind, Metric, Ports
from paylatch.use_cases.read_order import attempt_of


def of_this_stack(stated: GatewayEvent, gateway: Gateway, gateway_name: str, ports: Ports) -> GatewayEvent:
    """The event with its attempt, or a `FOREIGN` event where the payment is not this stack's.

    Where the callback names the payment alone, the gateway is asked for the attempt. Raises what the gateway
    raises, `StoreUnavailable` and `OrderUnreadable`: the gateway must repeat the callback.
    """
    if stated.foreign:
        return stated
    if not stated.attempt_id:
        about = stated.dispute or stated.capture
        found = gateway.find_attempt(about.payment_id) if about else None
        if found is None:
            return _foreign(stated, "its payment is none of this stack's")
        stated = replace(stated, attempt_id=found.attempt_id, stack_named=found.stack_named)
    if order_id_of(stated.attempt_id) is None:
        return _foreign(stated, "it names no attempt")
    if stated.stack_named or _is_known(stated.attempt_id, gateway_name, ports):
        return stated
    return _foreign(stated, "it names no stack, and no order here knows its attempt")


def _is_known(attempt_id: str, gateway: str, ports: Ports) -> bool:
    """Whether the order exists here and has an attempt with that id at that gateway, or was retired."""
    order_id = order_id_of(attempt_id) or ""
    order = ports.store.read_head(order_id)
    if order is None:
        return ports.store.is_retired(order_id)
    try:
        return attempt_of(order, attempt_id).gateway == gateway
    except AttemptNotFound:
        return False


def _foreign(gateway_event: GatewayEvent, cause: str) -> GatewayEvent:
    money = gateway_event.dispute.contested if gateway_event.dispute else gateway_event.capture
    said = gateway_event.kind.value
    payment = ForeignPayment(said, cause)
    if money:
        payment = ForeignPayment(said, cause, money.payment_id, money.amount, money.currency)
    return GatewayEvent(GatewayEventKind.FOREIGN, "", foreign=payment)


def count_foreign(payment: ForeignPayment, gateway: str, ports: Ports) -> None:
    """Count a foreign payment, and log every known detail of it."""
    ports.metrics.count(
        Metric.FOREIGN_PAYMENT,
        gateway=gateway,
        said=payment.said,
        payment_id=payment.payment_id,
        amount=payment.amount,
        currency=payment.currency,
        cause=payment.cause,
    )
