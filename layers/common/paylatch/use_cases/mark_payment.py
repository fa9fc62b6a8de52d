"""A payment is under way: when its gateway is asked again, and when operators are shown it."""

from datetime import timedelta

from paylatch.domain.errors import Misconfigured
from paylatch.domain.limits import next_look
from paylatch.domain.order import Order
from paylatch.domain.payment import IN_FLIGHT, Attempt
from paylatch.domain.transitions import Transition, WriteContext, mark_processing
from paylatch.ports import Applied, Metric, Ports
from paylatch.use_cases.write_planned import write_planned


def plan_processing(
    order: Order, attempt: Attempt, write_context: WriteContext, ports: Ports, wait: timedelta | None = None
) -> Transition:
    """The attempt is under way; the gateway is asked again after `wait`, by default as `next_look` says."""
    now = write_context.at
    next_check = now + wait if wait else next_look(attempt.processing_since or now, now)
    return mark_processing(order, attempt, now + _longest(attempt, ports), next_check, write_context)


def _longest(attempt: Attempt, ports: Ports) -> timedelta:
    try:
        return ports.gateways.named(attempt.gateway).capabilities.longest_processing
    except Misconfigured:
        # The stack no longer has this gateway: only a person can find out the state of the payment.
        return timedelta(0)


def is_known_to_be_under_way(order: Order, ports: Ports) -> bool:
    """Whether the order's payment is `processing`, and its next look is still to come."""
    return order.processing_until is not None and order.due_at is not None and order.due_at > ports.clock.now()


def mark_payment(order: Order, attempt_id: str, actor: str, ports: Ports, wait: timedelta | None = None) -> Order:
    """Mark the payment that holds the order as under way; gives the order afterwards.

    Nothing is written where it is marked and its next look is still to come, or where the attempt does not hold the
    order any more. Raises `OrderContended`.
    """

    def plan(head: Order) -> Transition | None:
        attempt = head.attempt
        if attempt is None or attempt.attempt_id != attempt_id or attempt.status not in IN_FLIGHT:
            return None
        if is_known_to_be_under_way(head, ports):
            return None
        return plan_processing(head, attempt, ports.write_context(actor), ports, wait)

    outcome = write_planned(order, plan, ports)
    if isinstance(outcome, Applied):
        ports.metrics.count(Metric.PAYMENT_PROCESSING, attempt_id=attempt_id)
    return outcome.order or order
