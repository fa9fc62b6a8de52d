"""A retired gateway takes no new payments; its open attempts and refunds are still handled."""

import pytest

from paylatch.domain.payment import RefundStatus
from tests.integration.shop import TTL, Shop


@pytest.fixture
def retired(shop: Shop) -> tuple[str, str]:
    """An order and its open attempt at a gateway that was retired since."""
    order_id, attempt_id = shop.locked()
    shop.gateways.retired.add("sandbox")
    return order_id, attempt_id


def test_it_takes_no_new_payment_and_locks_nothing(shop: Shop) -> None:
    order_id = shop.create()
    shop.gateways.retired.add("sandbox")
    answer = shop.pay(order_id, gateway="sandbox")
    assert (answer.status, answer.code) == (400, "invalid-request")
    assert shop.status(order_id) == "pending_payment"
    assert shop.gateway.calls("open") == []


def test_its_callback_settles_the_payment_that_was_under_way(shop: Shop, retired: tuple[str, str]) -> None:
    order_id, attempt_id = retired
    assert shop.money(attempt_id).status == 204
    assert shop.status(order_id) == "paid"


def test_its_session_is_voided_when_the_buyer_cancels(shop: Shop, retired: tuple[str, str]) -> None:
    order_id, attempt_id = retired
    assert shop.cancel_payment(order_id, attempt_id).status == 200
    assert shop.status(order_id) == "pending_payment"
    assert len(shop.gateway.calls("void")) == 1


def test_its_lock_ends_at_its_deadline(shop: Shop, retired: tuple[str, str]) -> None:
    order_id, _ = retired
    shop.clock.advance(TTL)
    shop.sweep()
    assert shop.status(order_id) == "pending_payment"
    assert len(shop.gateway.calls("void")) == 1


def test_money_that_arrives_late_goes_back_through_it(shop: Shop, retired: tuple[str, str]) -> None:
    order_id, attempt_id = retired
    shop.cancel_payment(order_id, attempt_id)
    shop.edit_to_three_packets(order_id, 1)
    assert shop.money(attempt_id).status == 204
    shop.sweep()
    (refund,) = shop.head(order_id).refunds.values()
    assert refund.status is RefundStatus.REFUNDED
