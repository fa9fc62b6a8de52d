"""A gateway's statements about payments; they are adversarial: any attempt, any payment, any sum."""

from functools import cache
from itertools import product

from paylatch.domain.late_money import Payment
from paylatch.domain.order import Order
from tests.closure.configuration import Configuration


def made(order: Order) -> set[str]:
    """The attempts that a gateway can know: each was locked before it was opened there."""
    return {*order.past_attempts, *order.evicted_attempt_ids, *([order.attempt.attempt_id] if order.attempt else [])}


@cache
def statements(attempt_ids: frozenset[str], configuration: Configuration) -> tuple[Payment, ...]:
    """What a gateway may state of these attempts: every payment at every gateway."""
    parts = product(sorted(attempt_ids), configuration.gateways, configuration.captures)
    return tuple(Payment(*each) for each in parts)


def described(payment: Payment) -> str:
    """A statement in words."""
    capture = payment.capture
    back = f", {capture.returned} of it returned," if capture.returned else ""
    sum_of = f"{capture.amount} {capture.currency}{back}"
    return f"{capture.payment_id}, {sum_of} for {payment.attempt_id} at {payment.gateway}"
