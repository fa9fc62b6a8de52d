"""A gateway says that money was captured: it becomes the order's settlement, or it goes back."""

from paylatch.domain.backoff import TRIES
from paylatch.domain.errors import OrderContended, OrderNotFound
from paylatch.domain.late_money import DECISIONS, Decision, Payment, Situation, situation_of
from paylatch.domain.order import Order
from paylatch.domain.payment import Refund, RefundStatus
from paylatch.domain.transitions import Stamp, Transition, accept_late, owe_refund, quarantine, settle
from paylatch.ports import Applied, Metric, Ports

_METRICS = {
    Decision.SETTLE: Metric.ORDER_PAID,
    Decision.QUARANTINE: Metric.PAYMENT_MISMATCHED,
    Decision.ACCEPT_LATE: Metric.LATE_MONEY,
    Decision.OWE_REFUND: Metric.LATE_MONEY,
}


def settle_payment(order_id: str, payment: Payment, ports: Ports) -> Order:
    """Settle by one conditional write; where refused, do what the late-money table says of the head that refused.

    Raises `OrderNotFound`, and `OrderContended` when others kept changing the order: the caller must try again.
    """
    actor = f"gateway:{payment.gateway}"
    # As it nearly always is: tried without a look at the order.
    situation, transition = Situation.HOLDER_EXACT, _settled(payment, ports.stamp(actor))
    for _ in range(TRIES):
        outcome = ports.store.apply(order_id, transition)
        if isinstance(outcome, Applied):
            decision = DECISIONS[situation]
            ports.watch.count(_METRICS[decision], attempt_id=payment.attempt_id, decision=decision.value)
            return outcome.order
        if outcome.order is None:
            ports.watch.count(Metric.UNKNOWN_PAYMENT, attempt_id=payment.attempt_id)
            raise OrderNotFound(order_id)
        situation = situation_of(outcome.order, payment)
        planned = _plan(situation, outcome.order, payment, ports.stamp(actor))
        if planned is None:
            return outcome.order
        transition = planned
    raise OrderContended(f"payment {payment.capture.payment_id} found no place in {TRIES} tries")


def _plan(situation: Situation, order: Order, payment: Payment, stamp: Stamp) -> Transition | None:
    match DECISIONS[situation]:
        case Decision.SETTLE:
            return _settled(payment, stamp)
        case Decision.QUARANTINE:
            return quarantine(payment.attempt_id, payment.capture, stamp)
        case Decision.ACCEPT_LATE:
            return accept_late(order, order.superseded[payment.attempt_id], payment.capture, stamp)
        case Decision.OWE_REFUND:
            return owe_refund(order, owed_refund(payment, situation.value, stamp), stamp)
        case Decision.NOTHING:
            return None


def _settled(payment: Payment, stamp: Stamp) -> Transition:
    return settle(payment.attempt_id, payment.gateway, payment.capture, stamp)


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
