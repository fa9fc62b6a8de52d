"""An order may be tried, given up and edited without end: its head stays small, and no money is lost for it."""

from datetime import timedelta

from paylatch.domain.transitions.pieces import KEPT_ATTEMPTS
from tests.integration.shop import Shop


def test_a_head_keeps_only_so_many_ended_attempts(shop: Shop) -> None:
    order_id = shop.create()
    attempts = []
    for number in range(KEPT_ATTEMPTS + 3):
        attempts.append(shop.pay(order_id, f"key-{number}").body["attempt_id"])
        shop.clock.advance(timedelta(seconds=1))
        shop.cancel_payment(order_id, attempts[-1])
    kept = shop.head(order_id).superseded
    assert sorted(kept) == sorted(attempts[-KEPT_ATTEMPTS:])


def test_money_for_an_attempt_that_was_forgotten_goes_back(shop: Shop) -> None:
    order_id = shop.create()
    first = shop.pay(order_id, "first").body["attempt_id"]
    capture = shop.gateway.take_money(first)
    del shop.gateway.money[first]
    shop.cancel_payment(order_id, first)
    for number in range(KEPT_ATTEMPTS + 1):
        shop.clock.advance(timedelta(seconds=1))
        shop.cancel_payment(order_id, shop.pay(order_id, f"key-{number}").body["attempt_id"])
    assert first not in shop.head(order_id).superseded
    shop.money(first, capture)
    shop.sweep()
    assert shop.status(order_id) == "pending_payment"
    assert list(shop.gateway.refunds) == [shop.head(order_id).refunds[capture.payment_id].refund_id]
