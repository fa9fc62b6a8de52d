"""A payment that a timer or the sweep finds, because no callback reported it, is counted: callbacks may be missing."""

from datetime import timedelta

import pytest

from paylatch.ports import Metric, Timer
from paylatch.use_cases.run_timer import run_timer
from tests.fakes.memory_timers import MemoryTimers
from tests.integration.shop import TTL, Shop


def found(shop: Shop) -> int:
    return shop.metrics.times(Metric.PAID_WITHOUT_CALLBACK)


def end_by_timer(shop: Shop, order_id: str) -> None:
    run_timer(Timer(order_id, shop.clock.now()), MemoryTimers(), lambda: True, shop.ports)


def test_a_payment_that_the_sweep_finds_is_counted_once_and_as_paid(shop: Shop) -> None:
    order_id, attempt_id = shop.locked()
    shop.gateway.capture_payment(attempt_id)
    shop.clock.advance(TTL)
    shop.sweep()
    shop.sweep()
    assert (shop.status(order_id), found(shop)) == ("paid", 1)
    assert shop.metrics.times(Metric.ORDER_PAID) == 1


def test_a_payment_that_a_timer_finds_is_counted(shop: Shop) -> None:
    order_id, attempt_id = shop.locked()
    shop.gateway.capture_payment(attempt_id)
    shop.clock.advance(TTL)
    end_by_timer(shop, order_id)
    assert (shop.status(order_id), found(shop)) == ("paid", 1)


def test_a_payment_under_way_that_is_found_paid_when_it_is_looked_at_is_counted(shop: Shop) -> None:
    order_id, attempt_id = shop.locked()
    shop.gateway.submit_payment(attempt_id)
    shop.clock.advance(TTL)
    shop.sweep()
    assert (shop.holder(order_id), found(shop)) == (attempt_id, 0)
    shop.gateway.capture_payment(attempt_id)
    shop.clock.advance(timedelta(hours=2))
    shop.sweep()
    assert (shop.status(order_id), found(shop)) == ("paid", 1)


@pytest.mark.parametrize("late", [False, True], ids=["in time", "at the deadline"])
def test_a_payment_that_a_callback_reports_is_not_counted(shop: Shop, late: bool) -> None:
    order_id, attempt_id = shop.locked()
    shop.clock.advance(TTL if late else timedelta(0))
    shop.money(attempt_id)
    shop.clock.advance(TTL)
    shop.sweep()
    end_by_timer(shop, order_id)
    assert (shop.status(order_id), found(shop)) == ("paid", 0)


def test_a_payment_that_its_buyer_asks_about_or_stops_is_not_counted(shop: Shop) -> None:
    asked, asked_attempt = shop.locked("asked")
    stopped, stopped_attempt = shop.locked("stopped")
    shop.gateway.capture_payment(asked_attempt)
    shop.gateway.capture_payment(stopped_attempt)
    shop.call("recheck", asked, attempt_id=asked_attempt)
    shop.cancel_payment(stopped, stopped_attempt)
    assert (shop.status(asked), shop.status(stopped), found(shop)) == ("paid", "paid", 0)


def test_an_order_that_nobody_paid_is_not_counted(shop: Shop) -> None:
    order_id, _ = shop.locked()
    shop.clock.advance(TTL)
    shop.sweep()
    assert (shop.status(order_id), found(shop)) == ("pending_payment", 0)
