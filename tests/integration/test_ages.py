"""What the sweep tells of how far behind it is, and of orders that nobody has looked after."""

from datetime import timedelta

from paylatch.domain.errors import Refused
from paylatch.ports import Metric, RefundState, VoidAnswer, VoidKind
from tests.integration.shop import TTL, Shop

HOUR = timedelta(hours=1)
MILLISECOND = timedelta(milliseconds=1)


def ages(shop: Shop, metric: Metric) -> list[int]:
    return [age for counted, age, _ in shop.watch.counted if counted is metric]


def attention(shop: Shop) -> list[tuple[int, str | int]]:
    return [(age, told["order_id"]) for counted, age, told in shop.watch.counted if counted is Metric.OLDEST_ATTENTION]


def swept_later(shop: Shop, step: timedelta) -> list[tuple[int, str | int]]:
    """What is told of attention by the sweep of that later minute alone."""
    shop.clock.advance(step)
    shop.watch.counted.clear()
    shop.sweep()
    return attention(shop)


def test_a_sweep_tells_how_late_it_is_for_each_lock(shop: Shop) -> None:
    shop.locked("early", expires_in=60)
    shop.locked("late", expires_in=600)
    shop.clock.advance(timedelta(minutes=20))
    shop.sweep()
    assert sorted(ages(shop, Metric.OLDEST_LOCK_OVERDUE)) == [600, 1140]


def test_a_release_that_is_retried_in_time_is_not_late(shop: Shop) -> None:
    shop.locked()
    shop.gateway.will("void", *[VoidAnswer(VoidKind.IN_PROGRESS)] * 3)
    shop.clock.advance(TTL)
    for _ in range(3):
        shop.sweep()
        shop.clock.advance(timedelta(minutes=2))
    assert max(ages(shop, Metric.OLDEST_LOCK_OVERDUE)) <= 90


def test_nothing_due_is_no_age(shop: Shop) -> None:
    shop.locked()
    shop.sweep()
    assert ages(shop, Metric.OLDEST_LOCK_OVERDUE) == []
    assert attention(shop) == []


def test_an_order_under_review_is_told_of_once_it_has_waited_an_hour(shop: Shop) -> None:
    order_id, attempt_id = shop.locked()
    shop.money(attempt_id, amount=1)
    assert swept_later(shop, HOUR - MILLISECOND) == []
    assert swept_later(shop, MILLISECOND) == [(3600, order_id)]
    shop.operator("resolution", order_id, attempt_id, body={"action": "settle", "reason": "The buyer agrees."})
    assert swept_later(shop, HOUR) == []


def test_a_release_that_is_not_confirmed_is_as_old_as_its_deadline_is_past(shop: Shop) -> None:
    order_id, _ = shop.locked()
    shop.gateway.will("void", *[VoidAnswer(VoidKind.IN_PROGRESS)] * 2)
    shop.clock.advance(TTL)
    shop.sweep()
    assert swept_later(shop, HOUR) == [(3600, order_id)]


def test_a_release_before_the_deadline_keeps_nobody_waiting(shop: Shop) -> None:
    order_id, attempt_id = shop.locked(expires_in=86_400)
    shop.gateway.will("void", *[VoidAnswer(VoidKind.IN_PROGRESS)] * 3)
    shop.cancel_payment(order_id, attempt_id)
    assert swept_later(shop, 2 * HOUR) == []


def test_a_refund_that_operators_are_shown_is_as_old_as_the_debt(shop: Shop) -> None:
    order_id, attempt_id = shop.locked()
    shop.cancel_payment(order_id, attempt_id)
    shop.order_of_three(order_id, 1)
    shop.money(attempt_id)
    shop.gateway.will("refund", *[Refused("sandbox", "the card is closed")] * 2)
    shop.gateway.will("query_refund", RefundState.UNKNOWN)
    shop.sweep()
    assert swept_later(shop, 2 * HOUR) == [(7200, order_id)]


def test_a_run_without_any_time_left_leaves_this_to_the_next(shop: Shop) -> None:
    order_id, attempt_id = shop.locked("review")
    shop.money(attempt_id, amount=1)
    shop.clock.advance(HOUR)
    assert shop.sweep(lambda: 0)["stopped_early"] is True
    assert attention(shop) == []
    assert swept_later(shop, MILLISECOND) == [(3600, order_id)]
