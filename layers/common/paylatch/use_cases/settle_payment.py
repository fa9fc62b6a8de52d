"""A gateway says that money was captured: it becomes the order's settlement, or it goes back."""

from paylatch.domain.backoff import TRIES
from paylatch.domain.errors import OrderContended, OrderNotFound
from paylatch.domain.late_money import DECISIONS, Decision, Payment, Situation, situation_of
from paylatch.domain.order import Order
from paylatch.domain.payment import Refund, RefundStatus
from paylatch.domain.transitions import Stamp, Transition, accept_late, owe_refund, quarantine, settle
from paylatch.ports import Applied, Metric, Ports, Rejected

_METRICS = {
    Decision.SETTLE: Metric.ORDER_PAID,
    Decision.QUARANTINE: Metric.PAYMENT_MISMATCHED,
    Decision.ACCEPT_LATE: Metric.LATE_MONEY,
    Decision.OWE_REFUND: Metric.LATE_MONEY,
}


def settle_payment(order_id: str, payment: Payment, ports: Ports) -> Order:
    """Do as `place_payment`, and give the order as it is afterwards. Raises `OrderUnreadable` too."""
    order = place_payment(order_id, payment, ports).order
    if order is None:
        raise OrderNotFound(order_id)
    return order


def place_payment(order_id: str, payment: Payment, ports: Ports) -> Applied | Rejected:
    """Settle by one conditional write; where refused, do what the late-money table says of the head that refused.

    Raises `OrderNotFound`, and `OrderContended` when others kept changing the order: the caller must try again.
    """
    # As it nearly always is: tried without a look at the order.
    situation, order = Situation.HOLDER_EXACT, None
    for _ in range(TRIES):
        transition = _plan(situation, order, payment, ports.stamp(f"gateway:{payment.gateway}"))
        outcome = ports.store.apply(order_id, transition)
        if isinstance(outcome, Applied):
            decision = DECISIONS[situation]
            ports.watch.count(_METRICS[decision], attempt_id=payment.attempt_id, decision=decision.value)
            return outcome
        order = outcome.order
        if order is None:
            ports.watch.count(Metric.UNKNOWN_PAYMENT, attempt_id=payment.attempt_id)
            raise OrderNotFound(order_id)
        situation = situation_of(order, payment)
        if DECISIONS[situation] is Decision.NOTHING:
            return outcome
    raise OrderContended(f"payment {payment.capture.payment_id} found no place in {TRIES} tries")


def _plan(situation: Situation, order: Order | None, payment: Payment, stamp: Stamp) -> Transition:
    match DECISIONS[situation], order:
        case Decision.SETTLE, _:
            return settle(payment.attempt_id, payment.gateway, payment.capture, stamp)
        case Decision.QUARANTINE, _:
            return quarantine(payment.attempt_id, payment.capture, stamp)
        case Decision.ACCEPT_LATE, Order():
            return accept_late(order, order.superseded[payment.attempt_id], payment.capture, stamp)
        case Decision.OWE_REFUND, Order():
            return owe_refund(order, owed_refund(payment, situation.value, stamp), stamp)
        case decision, _:
            raise AssertionError(f"{decision.value} without an order to look at")


def owed_refund(payment: Payment, reason: str, stamp: Stamp) -> Refund:
    """The intent to give this payment back, due at once."""
    return Refund(
        payment_id=payment.capture.payment_id,
        attempt_id=payment.attempt_id,
        gateway=payment.gateway,
        amount=payment.capture.amount,
        currency=payment.capture.currency,
        status=RefundStatus.DUE,
        reason=reason,
        since=stamp.at,
        next_at=stamp.at,
    )
