"""The sweep's metrics of its delay and of orders that wait for attention."""

from datetime import timedelta

from paylatch.domain.errors import Refused, Transient
from paylatch.ports import Metric, RefundState, VoidAnswer, VoidKind
from tests.integration.shop import TTL, Shop

HOUR = timedelta(hours=1)
MILLISECOND = timedelta(milliseconds=1)


def ages(shop: Shop, metric: Metric) -> list[int]:
    return [age for counted, age, _ in shop.metrics.counted if counted is metric]


def attention(shop: Shop) -> list[tuple[int, str | int]]:
    return [
        (age, details["order_id"])
        for counted, age, details in shop.metrics.counted
        if counted is Metric.OLDEST_ATTENTION
    ]


def swept_later(shop: Shop, step: timedelta) -> list[tuple[int, str | int]]:
    """The attention metrics of that later minute's sweep alone."""
    shop.clock.advance(step)
    shop.metrics.counted.clear()
    shop.sweep()
    return attention(shop)


def test_a_sweep_measures_how_late_it_is_for_each_lock(shop: Shop) -> None:
    shop.locked("early", expires_in=60)
    shop.locked("late", expires_in=600)
    shop.clock.advance(timedelta(minutes=20))
    shop.sweep()
    assert sorted(ages(shop, Metric.OLDEST_LOCK_OVERDUE)) == [600, 1140]


def test_a_release_that_is_retried_in_time_is_not_late(shop: Shop) -> None:
    shop.locked()
    shop.gateway.answer_with("void", *[VoidAnswer(VoidKind.IN_PROGRESS)] * 3)
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


def test_an_order_under_review_is_measured_after_one_hour(shop: Shop) -> None:
    order_id, attempt_id = shop.locked()
    shop.money(attempt_id, amount=1)
    assert swept_later(shop, HOUR - MILLISECOND) == []
    assert swept_later(shop, MILLISECOND) == [(3600, order_id)]
    shop.operator("resolution", order_id, attempt_id, body={"action": "settle", "reason": "The buyer agrees."})
    assert swept_later(shop, HOUR) == []


def test_a_release_that_is_not_confirmed_is_as_old_as_its_deadline_is_past(shop: Shop) -> None:
    order_id, _ = shop.locked()
    shop.gateway.answer_with("void", *[VoidAnswer(VoidKind.IN_PROGRESS)] * 2)
    shop.clock.advance(TTL)
    shop.sweep()
    assert swept_later(shop, HOUR) == [(3600, order_id)]


def test_a_release_before_the_deadline_has_no_age(shop: Shop) -> None:
    order_id, attempt_id = shop.locked(expires_in=86_400)
    shop.gateway.answer_with("void", *[VoidAnswer(VoidKind.IN_PROGRESS)] * 3)
    shop.cancel_payment(order_id, attempt_id)
    assert swept_later(shop, 2 * HOUR) == []


def test_a_refund_shown_to_operators_has_the_age_since_it_became_due(shop: Shop) -> None:
    order_id, attempt_id = shop.locked()
    shop.cancel_payment(order_id, attempt_id)
    shop.edit_to_three_packets(order_id, 1)
    shop.money(attempt_id)
    shop.gateway.answer_with("refund", *[Refused("sandbox", "the card is closed")] * 2)
    shop.gateway.answer_with("query_refund", RefundState.UNKNOWN)
    shop.sweep()
    assert swept_later(shop, 2 * HOUR) == [(7200, order_id)]


def test_a_run_without_time_left_measures_in_the_next(shop: Shop) -> None:
    order_id, attempt_id = shop.locked("review")
    shop.money(attempt_id, amount=1)
    shop.clock.advance(HOUR)
    assert shop.sweep(lambda: 0)["stopped_early"] is True
    assert attention(shop) == []
    assert swept_later(shop, MILLISECOND) == [(3600, order_id)]


def test_a_refund_that_was_tried_meanwhile_has_the_age_since_it_became_due(shop: Shop) -> None:
    order_id, attempt_id = shop.locked()
    shop.cancel_payment(order_id, attempt_id)
    shop.edit_to_three_packets(order_id, 1)
    shop.money(attempt_id)
    shop.gateway.answer_with("refund", Transient("sandbox", "no balance"))
    shop.sweep()
    swept_later(shop, HOUR)
    assert ages(shop, Metric.OLDEST_REFUND_OWED) == [3600]


def test_a_refused_refund_is_measured_while_another_payment_is_under_way(shop: Shop) -> None:
    order_id, attempt_id = shop.locked("first")
    shop.cancel_payment(order_id, attempt_id)
    shop.edit_to_three_packets(order_id, 1)
    shop.money(attempt_id)
    shop.gateway.answer_with("refund", Refused("sandbox", "the account is closed"))
    shop.sweep()
    second = shop.pay(order_id, "second").body["attempt_id"]
    shop.callback(shop.gateway.submit_payment(second))
    assert swept_later(shop, 2 * HOUR) == [(7200, order_id)]
