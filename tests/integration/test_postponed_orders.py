"""An order whose gateway must not be called yet waits in the queue: nothing is recorded, and nobody else waits."""

from collections.abc import Callable
from datetime import timedelta

import pytest

from paylatch.domain.errors import CallPostponed
from paylatch.domain.limits import LONGEST_POSTPONEMENT, LOOK_AHEAD
from paylatch.ports import Metric, RefundState, Timer
from tests.fakes.memory_timers import MemoryTimers
from tests.integration.shop import TTL, Shop, swept
from tests.integration.test_timers import NOTHING_FAILED, deliver

LATER = CallPostponed("sandbox", 7.5)
A_SECOND = timedelta(seconds=1)
Due = tuple[str, str]


def lock_due(shop: Shop) -> Due:
    order_id, _ = shop.locked()
    shop.clock.advance(TTL)
    return order_id, "void"


def refund_due(shop: Shop) -> Due:
    order_id, attempt_id = shop.locked()
    shop.cancel_payment(order_id, attempt_id)
    shop.edit_to_three_packets(order_id, 1)
    shop.money(attempt_id)
    return order_id, "refund"


def failed_refund_due(shop: Shop) -> Due:
    order_id, _ = refund_due(shop)
    deliver(Timer(order_id, shop.clock.now()))
    (refund,) = shop.head(order_id).refunds.values()
    shop.gateway.answer_with("query_refund", RefundState.FAILED)
    capture = shop.gateway.money[refund.attempt_id]
    assert shop.callback(shop.gateway.signed("refund.failed", refund.attempt_id, capture)).status == 204
    return order_id, "query_refund"


DUE = [lock_due, refund_due, failed_refund_due]


@pytest.mark.parametrize("made", DUE)
def test_its_timer_is_sent_again_for_its_turn_and_the_order_is_as_before(
    shop: Shop, timers: MemoryTimers, made: Callable[[Shop], Due]
) -> None:
    order_id, call = made(shop)
    before, now = shop.head(order_id), shop.clock.now()
    shop.gateway.answer_with(call, LATER)
    assert deliver(Timer(order_id, now)) == NOTHING_FAILED, "the message is done with: no receive is counted"
    assert timers.sent == [Timer(order_id, now + timedelta(seconds=7.5), now + LONGEST_POSTPONEMENT)]
    assert shop.head(order_id) == before
    ((metric, fields),) = shop.metrics.failed
    assert (metric, fields["order_id"], fields["gateway"]) == (Metric.CALL_POSTPONED, order_id, "sandbox")


@pytest.mark.parametrize("made", DUE)
def test_at_its_turn_the_work_is_done(shop: Shop, timers: MemoryTimers, made: Callable[[Shop], Due]) -> None:
    order_id, call = made(shop)
    shop.gateway.answer_with(call, LATER)
    deliver(Timer(order_id, shop.clock.now()))
    (again,) = timers.sent
    shop.clock.advance(again.due_at - shop.clock.now())
    assert deliver(again) == NOTHING_FAILED
    order = shop.head(order_id)
    assert (order.status.value, order.due_at, order.refunds_due) == ("pending_payment", None, ())
    assert timers.sent == [again]


def test_an_order_that_was_paid_meanwhile_is_left_alone(shop: Shop, timers: MemoryTimers) -> None:
    order_id, attempt_id = shop.locked()
    shop.clock.advance(TTL)
    shop.gateway.answer_with("void", LATER)
    deliver(Timer(order_id, shop.clock.now()))
    shop.money(attempt_id)
    asked = list(shop.gateway.asked)
    shop.clock.advance(timedelta(seconds=8))
    deliver(*timers.sent)
    assert (shop.status(order_id), shop.gateway.asked) == ("paid", asked)


def test_it_is_postponed_for_a_minute_at_most_and_then_left_to_the_sweep(shop: Shop, timers: MemoryTimers) -> None:
    """The sweep sends a timer of its own each minute, so that an order has few of them however long it waits."""
    order_id, _ = lock_due(shop)
    begun = shop.clock.now()
    shop.gateway.answer_with("void", *[CallPostponed("sandbox", 25.0)] * 3)
    timer = Timer(order_id, begun)
    for _ in range(2):
        deliver(timer)
        timer = timers.sent[-1]
        shop.clock.advance(timer.due_at - shop.clock.now())
    deliver(timer)
    assert [each.due_at - begun for each in timers.sent] == [25 * A_SECOND, 50 * A_SECOND]
    assert {each.until for each in timers.sent} == {begun + LONGEST_POSTPONEMENT}
    shop.clock.advance(10 * A_SECOND)
    shop.sweep()
    assert timers.sent[-1].order_id == order_id, "never lost: the index has it"
    deliver(timers.sent[-1])
    assert shop.status(order_id) == "pending_payment"


def test_a_message_cannot_ask_for_more_than_a_minute(shop: Shop, timers: MemoryTimers) -> None:
    order_id, _ = lock_due(shop)
    shop.gateway.answer_with("void", LATER)
    deliver(Timer(order_id, shop.clock.now(), shop.clock.now() + timedelta(days=1)))
    assert [timer.until for timer in timers.sent] == [shop.clock.now() + LONGEST_POSTPONEMENT]


def test_a_turn_after_the_next_sweep_is_left_to_that_sweep(shop: Shop, timers: MemoryTimers) -> None:
    order_id, _ = lock_due(shop)
    shop.gateway.answer_with("void", CallPostponed("sandbox", LONGEST_POSTPONEMENT.total_seconds() + 1))
    assert deliver(Timer(order_id, shop.clock.now())) == NOTHING_FAILED
    assert timers.sent == []
    shop.sweep()
    assert timers.order_ids == {order_id}


def test_a_timer_that_cannot_be_sent_again_is_delivered_again(shop: Shop, timers: MemoryTimers) -> None:
    order_id, _ = lock_due(shop)
    shop.gateway.answer_with("void", LATER)
    timers.failing = True
    assert deliver(Timer(order_id, shop.clock.now())) == {"batchItemFailures": [{"itemIdentifier": "message-0"}]}
    assert shop.status(order_id) == "in_payment"


def test_one_gateway_s_rate_holds_up_no_other_order_of_the_batch(shop: Shop, timers: MemoryTimers) -> None:
    orders = [shop.locked(f"key-{number}")[0] for number in range(6)]
    shop.clock.advance(TTL)
    shop.gateway.answer_with("void", *[LATER] * 3)
    deliver(*(Timer(order_id, shop.clock.now()) for order_id in orders))
    statuses = sorted(shop.status(order_id) for order_id in orders)
    assert statuses == ["in_payment"] * 3 + ["pending_payment"] * 3
    assert timers.order_ids == {order_id for order_id in orders if shop.status(order_id) == "in_payment"}


def test_the_other_follow_ups_of_an_order_do_not_wait_for_a_postponed_one(shop: Shop, timers: MemoryTimers) -> None:
    order_id, _, _ = shop.paid_twice_after_an_edit()
    shop.gateway.answer_with("refund", LATER)
    deliver(Timer(order_id, shop.clock.now()))
    assert len(shop.head(order_id).refunds_due) == 1
    assert timers.order_ids == {order_id}


def test_a_failure_is_reported_though_another_follow_up_was_postponed(shop: Shop, timers: MemoryTimers) -> None:
    order_id, _, _ = shop.paid_twice_after_an_edit()
    shop.gateway.answer_with("refund", LATER, RuntimeError("a fault of the adapter"))
    answer = deliver(Timer(order_id, shop.clock.now()))
    assert answer == {"batchItemFailures": [{"itemIdentifier": "message-0"}]}
    assert [fields["error"] for _, fields in shop.metrics.failed] == ["RuntimeError"]


@pytest.mark.parametrize("made", DUE)
def test_a_sweep_leaves_a_postponed_order_to_a_timer_and_goes_on(
    shop: Shop, timers: MemoryTimers, made: Callable[[Shop], Due]
) -> None:
    order_id, call = made(shop)
    shop.clock.advance(2 * LOOK_AHEAD)
    before, now = shop.head(order_id), shop.clock.now()
    shop.gateway.answer_with(call, LATER)
    assert shop.sweep() == swept(0, postponed=1)
    assert timers.sent == [Timer(order_id, now + timedelta(seconds=7.5), now + LONGEST_POSTPONEMENT)]
    assert shop.head(order_id) == before


def test_a_sweep_without_a_queue_leaves_a_postponed_order_to_the_next_one(shop: Shop) -> None:
    orders = [shop.locked(f"key-{number}")[0] for number in range(3)]
    shop.clock.advance(TTL)
    shop.gateway.answer_with("void", LATER)
    assert shop.sweep() == swept(2, postponed=1)
    assert shop.sweep() == swept(1)
    assert {shop.status(order_id) for order_id in orders} == {"pending_payment"}


def test_a_sweep_whose_queue_fails_leaves_the_postponed_order_to_the_next_one_and_goes_on(
    shop: Shop, timers: MemoryTimers
) -> None:
    for number in range(3):
        shop.locked(f"key-{number}")
    shop.clock.advance(TTL)
    timers.failing = True
    shop.gateway.answer_with("void", LATER)
    before = shop.metrics.times(Metric.SWEEP_FAILED)
    assert shop.sweep() == swept(2, postponed=1)
    assert shop.metrics.times(Metric.SWEEP_FAILED) == before
    assert any("order_id" in fields for metric, fields in shop.metrics.failed if metric is Metric.TIMERS_NOT_SENT)
