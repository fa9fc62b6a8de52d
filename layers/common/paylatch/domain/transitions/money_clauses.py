"""The clauses that several transitions of captured money share."""

from paylatch.domain import guards
from paylatch.domain.guards import Guard
from paylatch.domain.order import Order
from paylatch.domain.payment import CapturedPayment


def unplaced(order: Order, payment: CapturedPayment) -> Guard:
    """The payment has no place in the ledger of an order that is as it was read."""
    return (guards.payment_has_no_place(payment.payment_id), guards.version_is(order.version))


def held_for(payment: CapturedPayment) -> Guard:
    """The payment is the holder's."""
    return (guards.attempt_is(payment.attempt_id), guards.gateway_is(payment.gateway))
