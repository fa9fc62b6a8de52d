"""What became of the money that was captured for an order, as its payer is shown it."""

from collections.abc import Iterable

from pay_page.page_view import Money
from paylatch.domain.ledger import refunds_of, settled_payment
from paylatch.domain.order import Order
from paylatch.domain.payment import CapturedPayment, PaymentPlace, RefundStatus

_LATE = frozenset({PaymentPlace.REFUND, PaymentPlace.RETURNED})


def money_of(order: Order) -> Money:
    """The sums; a payment in another currency than the order's is in none of them."""
    payments = [payment for payment in order.payments.values() if payment.currency == order.currency]
    paying = settled_payment(order) or next((one for one in payments if one.place is PaymentPlace.REVIEW), None)
    own = [payment for payment in payments if payment == paying]
    late = [payment for payment in payments if payment.place in _LATE]
    return Money(
        received=sum(payment.amount for payment in own),
        returned=_returned(own),
        returning=_returning(order, own),
        late_returned=_returned(late),
        late_returning=_returning(order, late),
        other_currency=paying is not None and paying.currency != order.currency,
        claimed=sum(payment.capture.held for payment in payments if payment.place is PaymentPlace.CLAIMED),
    )


def _returned(payments: Iterable[CapturedPayment]) -> int:
    # A refunded payment that is lost in a dispute too goes back twice, at the shop's cost.
    return sum(min(payment.amount, payment.returned) for payment in payments)


def _returning(order: Order, payments: Iterable[CapturedPayment]) -> int:
    return sum(min(payment.capture.held, _due(order, payment)) for payment in payments)


def _due(order: Order, payment: CapturedPayment) -> int:
    return sum(refund.amount for refund in refunds_of(order, payment) if refund.status is RefundStatus.DUE)
