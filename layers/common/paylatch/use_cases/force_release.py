"""An operator unlocks an order whose gateway gives no answer or no longer exists."""

from datetime import datetime

from paylatch.domain.caller import Caller
from paylatch.domain.errors import Misconfigured, PaymentCompleted
from paylatch.domain.limits import GRACE
from paylatch.domain.order import Order
from paylatch.domain.payment import IN_FLIGHT, Attempt
from paylatch.domain.release_reasons import reason_by_time
from paylatch.domain.transitions import Transition, force_release
from paylatch.ports import Applied, Metric, Ports
from paylatch.use_cases.access import authorize_operator
from paylatch.use_cases.read_order import WholeOrder, require_attempt, with_content
from paylatch.use_cases.release_payment import link_ends
from paylatch.use_cases.write_planned import write_planned


def release_by_operator(order_id: str, attempt_id: str, remark: str, caller: Caller, ports: Ports) -> WholeOrder:
    """Unlock without the gateway's confirmation.

    The payment link is watched, and money that still arrives follows the late-money table. A second call changes
    nothing. Raises `NotAllowed`, `OrderNotFound`, `AttemptNotFound`, `OrderContended`, and `PaymentCompleted` where
    money has arrived: a review decides then.
    """
    order = authorize_operator(order_id, ports.store.read_head(order_id), caller)
    ports = ports.for_operator(caller.subject)
    require_attempt(order, attempt_id)

    def plan(head: Order) -> Transition | None:
        attempt = head.attempt
        if attempt is None or attempt.attempt_id != attempt_id or attempt.status not in IN_FLIGHT:
            return None
        write_context = ports.write_context(caller.subject)
        reason = attempt.reason or reason_by_time(write_context.at, attempt.deadline)
        return force_release(head, attempt, reason, _link_is_dead_at(attempt, ports), remark, write_context)

    outcome = write_planned(order, plan, ports)
    if isinstance(outcome, Applied):
        ports.metrics.count(Metric.ORDER_UNLOCKED, attempt_id=attempt_id)
    head = outcome.order or order
    if head.held_by(attempt_id):
        raise PaymentCompleted("Money was captured for this payment.")
    return with_content(head, ports)


def _link_is_dead_at(attempt: Attempt, ports: Ports) -> datetime:
    try:
        return link_ends(attempt, ports) + GRACE
    except Misconfigured:
        # The stack no longer has this gateway.
        return attempt.deadline + GRACE
