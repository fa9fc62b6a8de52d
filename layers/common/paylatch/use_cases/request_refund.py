"""The shop refunds an order's payment, in whole or in part."""

from paylatch.domain.caller import Caller
from paylatch.domain.error_ids import concerning
from paylatch.domain.errors import IdempotencyKeyReused, InvalidRequest
from paylatch.domain.frozen_dataclass import dataclass
from paylatch.domain.ledger import open_disputes, refundable, settled_payment
from paylatch.domain.order import Order, PaymentStatus
from paylatch.domain.payment import CapturedPayment, Refund, RefundStatus
from paylatch.domain.refund_errors import OrderNotPaid, RefundDisputed, RefundExceedsPayment, TooManyRefunds
from paylatch.domain.refund_request import MOST_REQUESTED_REFUNDS, RefundRequest
from paylatch.domain.transitions import Transition, WriteContext, refund_manually
from paylatch.domain.transitions import request_refund as requested_refund
from paylatch.domain.without_gateway import MANUAL, WITHOUT_A_GATEWAY
from paylatch.ports import Applied, Metric, Ports
from paylatch.use_cases.access import authorize_refund
from paylatch.use_cases.write_planned import write_planned


@dataclass(frozen=True, slots=True)
class RequestedRefund:
    """A refund as it stands now. `is_new`: this request recorded it."""

    refund: Refund
    is_new: bool


def request_refund(request: RefundRequest, caller: Caller, ports: Ports) -> RequestedRefund:
    """Record the refund as due by one conditional write; the next timer or sweep asks the gateway for it.

    A payment without a gateway is refunded by the caller's word. The same request again gives the same refund and
    writes nothing. Raises what `authorize_refund` gives, `IdempotencyKeyReused`, `OrderNotPaid`, `RefundDisputed`,
    `RefundExceedsPayment`, `TooManyRefunds`, `InvalidRequest` for an amount that the gateway does not take,
    `Misconfigured` for a gateway that the stack does not have, and `OrderContended`.
    """
    order = authorize_refund(request.order_id, ports.store.read_head(request.order_id), caller)
    if not caller.edits_prices_of(order.seller_id):
        ports = ports.for_operator(caller.subject)
    with concerning(order_id=request.order_id):
        outcome = write_planned(order, lambda head: _plan(head, request, caller, ports), ports)
        head = outcome.order or order
        refund = head.refunds[request.refund_id]
        is_new = isinstance(outcome, Applied)
        if is_new and refund.status is RefundStatus.REFUNDED:
            ports.metrics.count(Metric.REFUND_ISSUED, attempt_id=refund.attempt_id)
        return RequestedRefund(refund, is_new)


def _plan(order: Order, request: RefundRequest, caller: Caller, ports: Ports) -> Transition | None:
    known = order.refunds.get(request.refund_id)
    if known is not None:
        _require_same(known, request)
        return None
    payment = _refundable_payment(order)
    amount = _amount(order, payment, request, ports)
    return _transition(order, payment, amount, request, ports.write_context(caller.subject))


def _transition(
    order: Order, payment: CapturedPayment, amount: int, request: RefundRequest, write_context: WriteContext
) -> Transition:
    refund = request.refund(payment, amount, RefundStatus.DUE, write_context.at)
    make = refund_manually if payment.gateway == MANUAL else requested_refund
    return make(order, refund, write_context)


def _require_same(known: Refund, request: RefundRequest) -> None:
    if known.fingerprint != request.fingerprint:
        raise IdempotencyKeyReused("This Idempotency-Key was used for another refund.")


def _refundable_payment(order: Order) -> CapturedPayment:
    if order.status is not PaymentStatus.PAID:
        raise OrderNotPaid(f"The order is {order.status.value}: there is no payment to refund.")
    payment = settled_payment(order)
    if payment is None:
        raise RefundExceedsPayment(0, order.currency)
    if sum(refund.fingerprint is not None for refund in order.refunds.values()) >= MOST_REQUESTED_REFUNDS:
        raise TooManyRefunds(f"{MOST_REQUESTED_REFUNDS} refunds of this order have already been requested.")
    if any(dispute.payment_id == payment.payment_id for dispute in open_disputes(order)):
        raise RefundDisputed("The payer disputes the payment. It cannot be refunded until the gateway has decided.")
    return payment


def _amount(order: Order, payment: CapturedPayment, request: RefundRequest, ports: Ports) -> int:
    left = refundable(order, payment)
    amount = left if request.amount is None else request.amount
    if not 0 < amount <= left:
        raise RefundExceedsPayment(left, payment.currency)
    _refuse_amount(payment, amount, ports)
    return amount


def _refuse_amount(payment: CapturedPayment, amount: int, ports: Ports) -> None:
    if payment.gateway in WITHOUT_A_GATEWAY:
        return
    rules = ports.gateways.named(payment.gateway).capabilities.amounts
    for fault in (rules.faults_of(amount, payment.currency) if rules else {}).values():
        raise InvalidRequest({"amount": f"{fault}: {payment.gateway} takes no other"})
