"""Money returned by other means than our refunds: a refund made by hand at the gateway, a lost dispute."""

from dataclasses import replace

from paylatch.domain.actors import gateway_actor
from paylatch.domain.errors import OrderContended
from paylatch.domain.late_money import Payment
from paylatch.domain.ledger import refunded_amount, refunds_of
from paylatch.domain.limits import TRIES
from paylatch.domain.order import Order
from paylatch.domain.payment import Capture, CapturedPayment, Refund, RefundStatus
from paylatch.domain.transitions import money_returned
from paylatch.ports import Applied, Metric, Ports, RefundState
from paylatch.use_cases.refund_payment import handle_refund_event
from paylatch.use_cases.settle_payment import confirmed_as, settle_payment
from paylatch.use_cases.unknown_order import count_unknown, unknown_order


def handle_money_returned(order_id: str, payment: Payment, ports: Ports) -> None:
    """Handle a report that a part of a payment went back: query the current total, as the report may be outdated.

    A payment without a place in the ledger first gets one by the late-money table. Raises `OrderNotFound`, a
    gateway error where there is no answer, and `OrderContended` when concurrent writers kept changing the order:
    the gateway must repeat the callback.
    """
    capture = ports.gateways.named(payment.gateway).query_payment(payment.capture.payment_id)
    order = ports.store.read_head(order_id)
    if order is None:
        raise unknown_order(order_id, payment, ports)
    if capture is None:
        count_unknown(payment, ports, retired=False)
        return
    payment = confirmed_as(payment, capture, ports)
    if order.records(capture.payment_id):
        record_return(order, payment, ports)
    elif payment.capture.returned:
        # A concurrent writer without this report may record the payment in between.
        record_return(settle_payment(order_id, payment, ports), payment, ports)


def record_return(order: Order, payment: Payment, ports: Ports) -> Order:
    """Record what went back of a payment in other ways than by our refunds, where the gateway's total shows more.

    Gives the order afterwards. Raises a gateway error where the gateway does not answer about a refund under way.
    """
    if not _shows_more(order, payment):
        return order
    for _ in range(TRIES):
        order, payment, counted = _with_own_refunds(order, payment, ports)
        known = order.payments[payment.capture.payment_id]
        now = replace(known, returned=_returned(order, known, payment.capture, counted))
        if now.returned <= known.returned:
            return order
        outcome = ports.store.apply(
            order.order_id, money_returned(order, now, ports.write_context(gateway_actor(known.gateway)))
        )
        if isinstance(outcome, Applied):
            _count(now, ports)
            return outcome.order
        # Refunds of ours that the total counts may be made or asked for since it was given.
        order = outcome.order or order
    raise OrderContended(f"what went back of {payment.capture.payment_id} was not recorded in {TRIES} tries")


def went_back_elsewhere(order: Order, payment: Payment, ports: Ports) -> bool:
    """Whether the gateway's total has more than is recorded and than our refunds explain, of which it is asked.

    Those that it made are recorded. Raises what `record_return` does.
    """
    if not _shows_more(order, payment):
        return False
    order, payment, counted = _with_own_refunds(order, payment, ports)
    known = order.payments[payment.capture.payment_id]
    return _returned(order, known, payment.capture, counted) > known.returned


def _shows_more(order: Order, payment: Payment) -> bool:
    known = order.payments.get(payment.capture.payment_id)
    return known is not None and known.gateway == payment.gateway and payment.capture.returned > known.returned


def _returned(order: Order, known: CapturedPayment, capture: Capture, counted: frozenset[str]) -> int:
    """What went back in other ways, which is the gateway's total without our refunds, and by those that were made."""
    ours = min(known.amount, sum(order.refunds[refund_id].amount_made for refund_id in counted))
    return max(0, capture.returned - ours) + refunded_amount(order, known)


def _with_own_refunds(order: Order, payment: Payment, ports: Ports) -> tuple[Order, Payment, frozenset[str]]:
    """The order, the gateway's total, and the ids of our refunds that this total counts.

    A refund that is requested or made while the gateway is asked may be in the total or not: the order is read and the
    gateway is asked again until the answers before and after the total are the same.
    """
    if not _refunds_of(order, payment):
        return order, payment, frozenset()
    order, counted = _own_refunds(order, payment, ports)
    for _ in range(TRIES):
        payment = _asked(payment, ports)
        order, now = _own_refunds(ports.store.read_head(order.order_id) or order, payment, ports)
        if now == counted:
            return order, payment, counted
        counted = now
    raise OrderContended(f"refunds of {payment.capture.payment_id} kept being made")


def _asked(payment: Payment, ports: Ports) -> Payment:
    capture = ports.gateways.named(payment.gateway).query_payment(payment.capture.payment_id)
    return confirmed_as(payment, capture, ports) if capture else payment


def _own_refunds(order: Order, payment: Payment, ports: Ports) -> tuple[Order, frozenset[str]]:
    """The order once it says which refunds were made, and the ids of those and of the ones under way."""
    made = set()
    for refund in _refunds_of(order, payment):
        if refund.status is RefundStatus.REFUNDED:
            made.add(refund.refund_id)
        elif handle_refund_event(order.order_id, refund.refund_id, refund.gateway, ports) in _AT_THE_GATEWAY:
            made.add(refund.refund_id)
            order = ports.store.read_head(order.order_id) or order
    return order, frozenset(made)


def _refunds_of(order: Order, payment: Payment) -> tuple[Refund, ...]:
    known = order.payments.get(payment.capture.payment_id)
    return refunds_of(order, known) if known else ()


def _count(payment: CapturedPayment, ports: Ports) -> None:
    ports.metrics.count(
        Metric.MONEY_RETURNED,
        attempt_id=payment.attempt_id,
        payment_id=payment.payment_id,
        returned=payment.returned,
        currency=payment.currency,
    )


_AT_THE_GATEWAY = frozenset({RefundState.DONE, RefundState.PENDING})
