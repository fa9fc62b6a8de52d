"""Ask the gateway for the state of a payment, and act on its answer; no session is closed while it is under way."""

from paylatch.domain.errors import GatewayError
from paylatch.domain.late_money import Evidence, Payment
from paylatch.domain.limits import LONGEST_WAIT
from paylatch.domain.order import Order
from paylatch.domain.payment import Attempt, AttemptStatus, PastAttempt
from paylatch.domain.release_reasons import ReleaseReason
from paylatch.ports import Ports, SessionReport, SessionState
from paylatch.use_cases.mark_payment import mark_payment
from paylatch.use_cases.release_payment import count_misconfiguration, release_payment
from paylatch.use_cases.settle_payment import settle_payment


def query_payment(attempt: Attempt | PastAttempt, ports: Ports) -> SessionReport:
    """The gateway's answer about the attempt's session. Raises a gateway error where it gives none."""
    report = ports.gateways.named(attempt.gateway).query(attempt)
    if report.misconfiguration:
        count_misconfiguration(report.misconfiguration, attempt.attempt_id, attempt.gateway, ports)
    return report


def follow_payment(order: Order, attempt: Attempt, actor: str, ports: Ports) -> Order:
    """Ask the gateway about the attempt that holds the order; gives the order afterwards.

    It is paid, or `processing`. One that was `processing` and is no longer under way failed: its session is closed and
    the order unlocked. Raises a gateway error where there is no answer, and `OrderContended`.
    """
    return act_on(query_payment(attempt, ports), order, attempt, actor, ports)


def act_on(report: SessionReport, order: Order, attempt: Attempt, actor: str, ports: Ports) -> Order:
    """Do as `follow_payment` with the gateway's answer. Raises `OrderContended`."""
    if report.state is SessionState.IN_PROGRESS:
        return mark_payment(order, attempt.attempt_id, actor, ports)
    if report.capture is not None:
        payment = Payment(attempt.attempt_id, attempt.gateway, report.capture, Evidence.CONFIRMED)
        order = settle_payment(order.order_id, payment, ports)
    if attempt.status is AttemptStatus.PROCESSING and order.attempt == attempt:
        return release_payment(order, ReleaseReason.DECLINED, actor, ports)
    return order


def release_overdue(order: Order, actor: str, ports: Ports) -> Order:
    """Act on an overdue lock as the sweep does; any other order stays as it is.

    Releases the order, or looks at a payment that is under way. Gives the order afterwards. Raises `OrderContended`.
    """
    attempt = order.attempt
    if attempt is None or not order.is_overdue(ports.clock.now()):
        return order
    if attempt.status is AttemptStatus.PROCESSING:
        return _look_at(order, attempt, actor, ports)
    return release_payment(order, attempt.reason or ReleaseReason.TIMED_OUT, actor, ports)


def _look_at(order: Order, attempt: Attempt, actor: str, ports: Ports) -> Order:
    try:
        return follow_payment(order, attempt, actor, ports)
    except GatewayError as error:
        ports.metrics.fail(error, attempt_id=attempt.attempt_id)
    return mark_payment(order, attempt.attempt_id, actor, ports, LONGEST_WAIT)
