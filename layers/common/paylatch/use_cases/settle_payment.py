"""A gateway reports a captured payment: it settles the order, or it is refunded."""

from dataclasses import replace

from paylatch.domain.actors import gateway_actor
from paylatch.domain.errors import GatewayError, Misconfigured, OrderContended, OrderNotFound, OutcomeUnknown
from paylatch.domain.frozen_dataclass import dataclass
from paylatch.domain.late_money import Decision, Evidence, Payment, Situation, decision_on, situation_of
from paylatch.domain.limits import TRIES, wait_after
from paylatch.domain.order import Order
from paylatch.domain.payment import Capture, CapturedPayment, PaymentPlace, Refund, RefundStatus
from paylatch.domain.release_reasons import ReleaseReason, reason_by_time
from paylatch.domain.transitions import (
    Transition,
    WriteContext,
    accept_late,
    claim,
    money_returned,
    owe_refund,
    quarantine,
    release,
    settle,
)
from paylatch.domain.transitions.attempt_changes import captured_payment
from paylatch.ports import Applied, Metric, Ports, Rejected
from paylatch.use_cases.unknown_order import unknown_order

_METRICS = {
    Decision.SETTLE: Metric.ORDER_PAID,
    Decision.QUARANTINE: Metric.PAYMENT_MISMATCHED,
    Decision.RELEASE: Metric.ORDER_UNLOCKED,
    Decision.ACCEPT_LATE: Metric.LATE_MONEY,
    Decision.OWE_REFUND: Metric.LATE_MONEY,
    Decision.CLAIM: Metric.LATE_MONEY,
    Decision.RECORD_RETURN: Metric.MONEY_RETURNED,
}
_PLACES = {
    Decision.SETTLE: PaymentPlace.SETTLED,
    Decision.QUARANTINE: PaymentPlace.REVIEW,
    Decision.RELEASE: PaymentPlace.RETURNED,
    Decision.ACCEPT_LATE: PaymentPlace.SETTLED,
    Decision.OWE_REFUND: PaymentPlace.REFUND,
    Decision.CLAIM: PaymentPlace.CLAIMED,
    Decision.RECORD_RETURN: PaymentPlace.RETURNED,
}


@dataclass(frozen=True, slots=True)
class Release:
    """The reason and the actor of a release in progress, for money that turns out to have gone back already."""

    reason: ReleaseReason
    actor: str


def settle_payment(order_id: str, payment: Payment, ports: Ports, begun: Release | None = None) -> Order:
    """Do as `place_payment`, and give the order afterwards. Raises `OrderUnreadable` too."""
    order = place_payment(order_id, payment, ports, begun).order
    if order is None:
        raise OrderNotFound(order_id)
    return order


def place_payment(order_id: str, payment: Payment, ports: Ports, begun: Release | None = None) -> Applied | Rejected:
    """Settle by one conditional write; where refused, apply the late-money table to the head that refused.

    Raises `OrderNotFound`; `OrderContended` when concurrent writers kept changing the order; and a gateway error
    where the order's own payment cannot be confirmed: the caller must try again.
    """
    if _decision(Situation.HOLDER_EXACT, payment, ports) is Decision.SETTLE:
        # The usual case, tried without reading the order.
        write_context = ports.write_context(gateway_actor(payment.gateway))
        outcome = ports.store.apply(
            order_id, settle(_entry(payment, Decision.SETTLE, None, write_context), None, write_context)
        )
        if isinstance(outcome, Applied):
            _count(Decision.SETTLE, payment, ports)
            return outcome
        return _find_place(order_id, outcome.order, payment, begun, TRIES - 1, ports)
    return _find_place(order_id, ports.store.read_head(order_id), payment, begun, TRIES, ports)


def _find_place(
    order_id: str, order: Order | None, payment: Payment, begun: Release | None, tries: int, ports: Ports
) -> Applied | Rejected:
    for _ in range(tries):
        if order is None:
            raise unknown_order(order_id, payment, ports)
        situation = situation_of(order, payment, ports.rules.late_money)
        if _decision(situation, payment, ports) is Decision.ASK:
            payment = _asked(situation, payment, ports)
            # The gateway may have confirmed another amount than it reported.
            situation = situation_of(order, payment, ports.rules.late_money)
        decision = _decision(situation, payment, ports)
        if decision is Decision.NOTHING:
            return Rejected(order)
        if decision is Decision.WAIT:
            raise OutcomeUnknown(payment.gateway, f"does not confirm payment {payment.capture.payment_id}")
        transition = _plan(decision, situation, order, payment, begun, ports)
        outcome = ports.store.apply(order_id, transition)
        if isinstance(outcome, Applied):
            _count(decision, payment, ports)
            return outcome
        order = outcome.order
    raise OrderContended(f"payment {payment.capture.payment_id} found no place in {TRIES} tries")


def _decision(situation: Situation, payment: Payment, ports: Ports) -> Decision:
    return decision_on(situation, payment, ports.clock.now())


def _asked(situation: Situation, payment: Payment, ports: Ports) -> Payment:
    """The payment as the gateway reports it now; marked unanswered where there is no answer or no such capture.

    Raises a gateway error where no decision is possible without the answer.
    """
    unanswered = replace(payment, evidence=Evidence.UNANSWERED)
    try:
        capture = ports.gateways.named(payment.gateway).query_payment(payment.capture.payment_id)
    except GatewayError as error:
        if _decision(situation, unanswered, ports) is Decision.WAIT:
            raise _unconfirmed(payment, error) from error
        ports.metrics.fail(error, attempt_id=payment.attempt_id)
        return unanswered
    return unanswered if capture is None else confirmed_as(payment, capture, ports)


def _unconfirmed(payment: Payment, error: GatewayError) -> GatewayError:
    if isinstance(error, Misconfigured):
        return Misconfigured(error.gateway, error.cause)
    return OutcomeUnknown(payment.gateway, f"does not confirm payment {payment.capture.payment_id}: {error.cause}")


def confirmed_as(payment: Payment, capture: Capture, ports: Ports) -> Payment:
    """The payment according to the gateway's answer; its earlier report counts only where the answer shows less."""
    if not ports.gateways.named(payment.gateway).capabilities.shows_partial_refunds:
        capture = replace(capture, returned=max(capture.returned, payment.capture.returned))
    return replace(payment, capture=capture, evidence=Evidence.CONFIRMED)


def _plan(
    decision: Decision, situation: Situation, order: Order, payment: Payment, begun: Release | None, ports: Ports
) -> Transition:
    write_context = ports.write_context(gateway_actor(payment.gateway))
    entry = _entry(payment, decision, order, write_context)
    match decision:
        case Decision.SETTLE:
            return settle(entry, order, write_context)
        case Decision.QUARANTINE:
            return quarantine(order, entry, write_context)
        case Decision.ACCEPT_LATE:
            return accept_late(order, order.past_attempts[payment.attempt_id], entry, write_context)
        case Decision.OWE_REFUND:
            return owe_refund(
                order, entry, owed_refund(entry, _why_it_goes_back(situation), write_context), write_context
            )
        case Decision.CLAIM:
            return claim(order, entry, write_context)
        case Decision.RECORD_RETURN:
            return money_returned(order, entry, write_context)
        case Decision.RELEASE:
            return _released(order, entry, begun, write_context)
        case _:
            raise AssertionError(f"{decision.value} writes nothing")


def _why_it_goes_back(situation: Situation) -> str:
    # The whole amount would have paid for the order.
    return "a part of it went back before" if situation is Situation.SAME_REVISION else situation.value


def _released(order: Order, entry: CapturedPayment, begun: Release | None, write_context: WriteContext) -> Transition:
    attempt = order.attempt
    if attempt is None:
        raise AssertionError("an order that is being paid has an attempt")
    begun = begun or Release(attempt.reason or reason_by_time(write_context.at, attempt.deadline), write_context.actor)
    return release(order, attempt, begun.reason, None, replace(write_context, actor=begun.actor), returned=entry)


def _entry(payment: Payment, decision: Decision, order: Order | None, write_context: WriteContext) -> CapturedPayment:
    """The ledger entry of the payment.

    An entry that is already claimed keeps its start time, and its queries become less frequent.
    """
    capture = payment.capture
    if payment.evidence is not Evidence.CONFIRMED and decision is not Decision.CLAIM:
        # A reported return may have failed since: the refund finds out how much is still held.
        capture = replace(capture, returned=0)
    entry = captured_payment(payment.attempt_id, payment.gateway, capture, _PLACES[decision], write_context.at)
    claimed = order.payments.get(entry.payment_id) if order else None
    tries = 0
    if claimed is not None:
        entry, tries = replace(entry, since=claimed.since), claimed.tries + 1
    if decision is not Decision.CLAIM:
        return entry
    return replace(entry, tries=tries, next_at=write_context.at + wait_after(tries))


def owed_refund(payment: CapturedPayment, reason: str, write_context: WriteContext) -> Refund:
    """A refund of everything still held of this payment, due at once."""
    return Refund(
        payment_id=payment.payment_id,
        attempt_id=payment.attempt_id,
        gateway=payment.gateway,
        amount=payment.capture.held,
        currency=payment.currency,
        status=RefundStatus.DUE,
        reason=reason,
        since=write_context.at,
        next_at=write_context.at,
    )


def _count(decision: Decision, payment: Payment, ports: Ports) -> None:
    ports.metrics.count(_METRICS[decision], attempt_id=payment.attempt_id, decision=decision.value)
