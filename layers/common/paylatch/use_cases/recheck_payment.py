"""A caller has the gateway asked about a payment: a buyer who is back before the callback, or an operator."""

from paylatch.domain.caller import Caller, Role
from paylatch.domain.late_money import Evidence, Payment
from paylatch.domain.ledger import OPEN_REFUNDS
from paylatch.domain.limits import QUESTION_LASTS
from paylatch.domain.order import Order
from paylatch.domain.payment import IN_FLIGHT, Attempt, PastAttempt
from paylatch.domain.release_reasons import reason_by_time
from paylatch.domain.without_gateway import WITHOUT_A_GATEWAY
from paylatch.ports import Ports, SessionState
from paylatch.use_cases.access import authorize_payment_read
from paylatch.use_cases.follow_payment import act_on, query_payment
from paylatch.use_cases.read_order import WholeOrder, attempt_of, with_content
from paylatch.use_cases.record_return import record_return
from paylatch.use_cases.refund_payment import refund_payment
from paylatch.use_cases.release_payment import release_payment
from paylatch.use_cases.settle_payment import settle_payment


def recheck_payment(order_id: str, attempt_id: str, caller: Caller, ports: Ports) -> WholeOrder:
    """Query the gateway about an attempt, and act on its answer; gives the order afterwards.

    For buyer, seller and service the gateway is asked at most once in 5 s about one order, and only while it may have
    something new to say; otherwise they get the order as it is. An operator's question is always asked, and the
    attempt's refunds are requested too. Raises `OrderNotFound`, `AttemptNotFound` or a gateway error.
    """
    order = authorize_payment_read(order_id, ports.store.read_head(order_id), caller)
    if Role.OPERATOR in caller.roles:
        return with_content(_recheck_all(order, attempt_id, caller, ports.for_operator(caller.subject)), ports)
    attempt = attempt_of(order, attempt_id)
    if _may_have_news(attempt, order) and ports.store.claim_question(order_id, ports.clock.now(), QUESTION_LASTS):
        # Unlocked meanwhile, the order may have passed to another buyer, and its link to another payer.
        order = authorize_payment_read(order_id, _asked_again(order, attempt, caller, ports), caller)
    return with_content(order, ports)


def _may_have_news(attempt: Attempt | PastAttempt, order: Order) -> bool:
    if isinstance(attempt, Attempt):
        return attempt.status in IN_FLIGHT
    claimed = {payment.attempt_id for payment in order.claimed_payments}
    return attempt.check_at is not None or attempt.attempt_id in claimed


def _recheck_all(order: Order, attempt_id: str, caller: Caller, ports: Ports) -> Order:
    """For an attempt that the order does not store, only the refunds are requested."""
    if not _knows_its_refunds_only(order, attempt_id):
        order = _asked_again(order, attempt_of(order, attempt_id), caller, ports)
    return _refunds_asked_for(order, attempt_id, caller, ports)


def _knows_its_refunds_only(order: Order, attempt_id: str) -> bool:
    known = order.held_by(attempt_id) or attempt_id in order.past_attempts
    return not known and any(refund.attempt_id == attempt_id for refund in order.refunds.values())


def _asked_again(order: Order, attempt: Attempt | PastAttempt, caller: Caller, ports: Ports) -> Order:
    if attempt.gateway in WITHOUT_A_GATEWAY:
        return order
    report = query_payment(attempt, ports)
    if report.capture is not None:
        payment = Payment(attempt.attempt_id, attempt.gateway, report.capture, Evidence.CONFIRMED)
        return record_return(settle_payment(order.order_id, payment, ports), payment, ports)
    if isinstance(attempt, PastAttempt):
        return order
    order = act_on(report, order, attempt, caller.subject, ports)
    if report.state is SessionState.IN_PROGRESS:
        return order
    if order.attempt != attempt or (attempt.reason is None and report.state is not SessionState.CLOSED):
        return order
    reason = attempt.reason or reason_by_time(ports.clock.now(), attempt.deadline)
    return release_payment(order, reason, caller.subject, ports)


def _refunds_asked_for(order: Order, attempt_id: str, caller: Caller, ports: Ports) -> Order:
    """Request the attempt's refunds that are neither made nor written off, refused ones included."""
    for refund_id in order.refunds:
        # The current order: a concurrent sweep may process the same refunds.
        refund = order.refunds[refund_id]
        if refund.attempt_id == attempt_id and refund.status in OPEN_REFUNDS:
            refund_payment(order, refund, caller.subject, ports)
            order = ports.store.read_head(order.order_id) or order
    return order
