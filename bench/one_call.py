"""The purchase whose buyer stops the payment and changes the order by one call."""

from bench.purchases import BUYER, Purchase
from paylatch.domain.order import Order
from paylatch.use_cases.stop_and_change import StopAndChange, stop_and_change


def with_paylatch_by_one_call(purchase: Purchase) -> int:
    """Stop the payment and change the same order by one call; return the number of orders."""
    order = purchase.placed(0)
    for change in range(purchase.changes):
        attempt_id = purchase.gone_to_pay(order, change)
        order = stop_and_change(_wanted(purchase, order, attempt_id, change), BUYER, purchase.ports).order
    purchase.pay(order)
    return 1


def _wanted(purchase: Purchase, order: Order, attempt_id: str, change: int) -> StopAndChange:
    content = purchase.content(change + 1)
    return StopAndChange(
        order_id=order.order_id,
        attempt_id=attempt_id,
        change=lambda _: content,
        fingerprint="0QRS5TV7WX9Z",
        revision=order.revision,
    )
