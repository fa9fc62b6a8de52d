"""The minute's sweep sends timers for what is due next, and leaves to them what they can take."""

from collections.abc import Callable, Iterator, Sequence
from datetime import timedelta

import pytest

from paylatch.domain.limits import LOOK_AHEAD, SENDING_LASTS
from paylatch.domain.shards import SHARDS, shard_of
from paylatch.ports import Index, Metric, Timer
from paylatch.store.connection import TableConnection
from paylatch.use_cases import send_timers
from tests.fakes.memory_timers import MemoryTimers
from tests.integration.failing_queries import FailingQueries, failing_queries
from tests.integration.shop import TTL, Shop, swept

# As many as are shipped: what a sweep asks is counted.
pytestmark = pytest.mark.all_shards

A_SECOND = timedelta(seconds=1)


@pytest.fixture
def queries(orders_table: TableConnection) -> Iterator[FailingQueries]:
    with failing_queries(orders_table) as queries:
        yield queries


def locked_orders(shop: Shop, count: int) -> list[str]:
    return [shop.locked(f"key-{number}")[0] for number in range(count)]


def locked_beside(shop: Shop, other: str) -> str:
    """A new lock in the shard of that order."""
    order_id = next(new for new in iter(shop.create, "") if shard_of(new) == shard_of(other))
    shop.pay(order_id, "soon")
    return order_id


def to_deadline(shop: Shop, rest: timedelta) -> None:
    """So much time before the deadline of what was locked now; after it where negative."""
    shop.clock.advance(TTL - rest)


def asked(queries: FailingQueries) -> int:
    return sum(index is not Index.ATTENTION for index, _ in queries.asked)


@pytest.mark.parametrize(
    ("rest", "sent"),
    [(LOOK_AHEAD + A_SECOND, False), (LOOK_AHEAD, True), (A_SECOND, True), (timedelta(milliseconds=1), True)],
)
def test_what_is_due_within_75_seconds_gets_its_timer(
    shop: Shop, timers: MemoryTimers, rest: timedelta, sent: bool
) -> None:
    order_id, _ = shop.locked()
    to_deadline(shop, rest)
    assert shop.sweep() == swept(0)
    assert timers.sent == ([Timer(order_id, shop.clock.now() + rest)] if sent else [])
    assert shop.status(order_id) == "in_payment"


def test_follow_ups_travel_the_same_way(shop: Shop, timers: MemoryTimers) -> None:
    order_id, attempt_id = shop.locked()
    shop.cancel_payment(order_id, attempt_id)
    shop.edit_to_three_packets(order_id, 1)
    shop.money(attempt_id)
    shop.clock.advance(-A_SECOND)
    shop.sweep()
    assert timers.sent == [Timer(order_id, shop.clock.now() + A_SECOND)]


def test_what_is_overdue_is_sent_again_while_the_queue_is_short(shop: Shop, timers: MemoryTimers) -> None:
    orders = locked_orders(shop, 4)
    to_deadline(shop, -A_SECOND)
    assert shop.sweep() == swept(0)
    assert timers.order_ids == set(orders)
    assert timers.asked == 1


def test_the_sweep_handles_itself_what_no_timer_has_done_in_75_seconds(shop: Shop, timers: MemoryTimers) -> None:
    """However many messages are lost: progress rests on the sweep alone."""
    orders = locked_orders(shop, 4)
    to_deadline(shop, timedelta(0))
    handled = 0
    for _ in range(3):
        handled += shop.sweep()["handled"]
        shop.clock.advance(timedelta(minutes=1))
    assert handled == 4
    assert {shop.status(order_id) for order_id in orders} == {"pending_payment"}


def test_a_long_queue_is_not_made_longer_and_the_sweep_helps(shop: Shop, timers: MemoryTimers) -> None:
    overdue = locked_orders(shop, 4)
    shop.clock.advance(A_SECOND)
    soon = locked_beside(shop, overdue[0])
    to_deadline(shop, timedelta(milliseconds=500))
    timers.length = send_timers.SHORT_QUEUE
    assert shop.sweep() == swept(4)
    assert {shop.status(order_id) for order_id in overdue} == {"pending_payment"}
    assert timers.order_ids == {soon}, "what falls due next is sent on time"


def test_the_sweep_handles_what_it_cannot_send(shop: Shop, timers: MemoryTimers) -> None:
    orders = locked_orders(shop, 4)
    to_deadline(shop, -A_SECOND)
    timers.failing = True
    assert shop.sweep() == swept(4)
    assert {shop.status(order_id) for order_id in orders} == {"pending_payment"}
    assert shop.metrics.times(Metric.TIMERS_NOT_SENT) == len({shard_of(order_id) for order_id in orders})


def test_more_than_a_source_may_send_again_is_left_to_the_sweep_and_what_is_due_next_is_sent(
    shop: Shop, timers: MemoryTimers, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(send_timers, "MOST_SENT_AGAIN", 0)
    overdue = locked_orders(shop, 3)
    shop.clock.advance(A_SECOND)
    soon = locked_beside(shop, overdue[0])
    to_deadline(shop, timedelta(milliseconds=500))
    assert shop.sweep() == swept(3)
    assert {shop.status(order_id) for order_id in overdue} == {"pending_payment"}
    assert timers.order_ids == {soon}


def test_timers_are_sent_ten_at_a_time(shop: Shop, timers: MemoryTimers, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("paylatch.store.dynamodb.PAGE", 3)
    orders = locked_orders(shop, 100)
    to_deadline(shop, A_SECOND)
    shop.sweep()
    assert sorted(timer.order_id for timer in timers.sent) == sorted(orders)
    assert max(timers.batches) == 10
    assert len(timers.batches) <= 100 // 10 + SHARDS


def sending_takes(shop: Shop, timers: MemoryTimers, seconds: float, monkeypatch: pytest.MonkeyPatch) -> None:
    send = timers.send

    def slowly(some: Sequence[Timer]) -> None:
        send(some)
        shop.clock.advance(timedelta(seconds=seconds))

    monkeypatch.setattr(timers, "send", slowly)


def locked_in_one_shard(shop: Shop, count: int) -> list[str]:
    orders = [shop.locked()[0]]
    while len(orders) < count:
        orders.append(locked_beside(shop, orders[0]))
    return orders


def test_what_is_not_sent_in_15_seconds_is_sent_after_what_the_sweep_handles_itself(
    shop: Shop, timers: MemoryTimers, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr("paylatch.ports.timers.LARGEST_BATCH", 1)
    overdue, _ = shop.locked()
    shop.clock.advance(timedelta(minutes=3))
    soon = locked_in_one_shard(shop, 4)
    to_deadline(shop, timedelta(seconds=70))
    sending_takes(shop, timers, SENDING_LASTS.total_seconds(), monkeypatch)
    sent_before_the_release: list[int] = []
    shop.gateway.during("void", lambda: sent_before_the_release.append(len(timers.sent)))
    assert shop.sweep() == swept(1)
    assert shop.status(overdue) == "pending_payment"
    assert sent_before_the_release == [1]
    assert sorted(timer.order_id for timer in timers.sent) == sorted(soon), "each once"
    assert shop.metrics.times(Metric.SWEEP_STOPPED_EARLY) == 0


def test_a_run_that_could_not_send_all_says_so_and_the_next_one_finds_the_rest(
    shop: Shop, timers: MemoryTimers, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr("paylatch.ports.timers.LARGEST_BATCH", 1)
    soon = locked_in_one_shard(shop, 3)
    to_deadline(shop, timedelta(seconds=70))
    with pytest.MonkeyPatch.context() as patch:
        sending_takes(shop, timers, SENDING_LASTS.total_seconds(), patch)
        assert shop.sweep(lambda: 0) == swept(0, stopped_early=True)
    assert len(timers.sent) == 1
    assert shop.metrics.times(Metric.SWEEP_STOPPED_EARLY) == 1
    shop.sweep()
    assert timers.order_ids == set(soon)


def test_overdue_orders_that_were_not_sent_in_time_are_handled_by_the_sweep(
    shop: Shop, timers: MemoryTimers, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr("paylatch.ports.timers.LARGEST_BATCH", 1)
    overdue = locked_in_one_shard(shop, 4)
    to_deadline(shop, -A_SECOND)
    sending_takes(shop, timers, SENDING_LASTS.total_seconds(), monkeypatch)
    assert shop.sweep() == swept(4)
    assert {shop.status(order_id) for order_id in overdue} == {"pending_payment"}


def test_nothing_due_costs_one_question_a_source_and_none_to_the_queue(
    shop: Shop, timers: MemoryTimers, queries: FailingQueries
) -> None:
    shop.locked()
    assert shop.sweep() == swept(0)
    assert asked(queries) == 2 * SHARDS
    assert (timers.asked, timers.sent) == (0, [])


def test_what_a_sweep_sends_it_does_not_ask_for_again(
    shop: Shop, timers: MemoryTimers, queries: FailingQueries
) -> None:
    locked_orders(shop, 4)
    to_deadline(shop, A_SECOND)
    shop.sweep()
    assert asked(queries) == 2 * SHARDS


def test_a_throttled_shard_delays_its_own_timers_only(
    shop: Shop, timers: MemoryTimers, queries: FailingQueries
) -> None:
    orders = locked_orders(shop, 12)
    to_deadline(shop, A_SECOND)
    hot = shard_of(orders[0])
    queries.failing = {(Index.DUE, hot)}
    report = shop.sweep()
    assert report["failed_sources"] == [f"due/{hot}"]
    assert timers.order_ids == {order_id for order_id in orders if shard_of(order_id) != hot}
    assert asked(queries) == 2 * SHARDS, "a query that fails may take seconds: it is made once in a run"


def test_a_throttled_index_delays_the_other_in_nothing(
    shop: Shop, timers: MemoryTimers, queries: FailingQueries
) -> None:
    orders = locked_orders(shop, 4)
    to_deadline(shop, -LOOK_AHEAD)
    queries.failing = {(Index.FOLLOW_UP, None)}
    report = shop.sweep()
    assert report["handled"] == 4
    assert set(report["failed_sources"]) == {f"follow_up/{shard}" for shard in range(SHARDS)}
    assert {shop.status(order_id) for order_id in orders} == {"pending_payment"}


def sweeps_twice(shop: Shop) -> None:
    shop.sweep()
    shop.clock.advance(timedelta(seconds=10))
    shop.sweep()


@pytest.mark.parametrize("act", [sweeps_twice])
def test_runs_overlap_and_a_doubled_timer_is_possible(
    shop: Shop, timers: MemoryTimers, act: Callable[[Shop], None]
) -> None:
    order_id, _ = shop.locked()
    to_deadline(shop, LOOK_AHEAD)
    act(shop)
    assert [timer.order_id for timer in timers.sent] == [order_id, order_id]


def test_a_backlog_goes_back_to_the_timers_but_for_the_five_oldest_of_a_source(
    shop: Shop, timers: MemoryTimers, monkeypatch: pytest.MonkeyPatch
) -> None:
    """After an outage the timers work on it at their whole width; what fails each time fills no dead letters."""
    monkeypatch.setattr(send_timers, "LEFT_TO_THE_SWEEP", 1)
    orders = locked_orders(shop, 2 * SHARDS)
    to_deadline(shop, -4 * LOOK_AHEAD)
    shop.sweep(lambda: 0)
    sources = {shard_of(order_id) for order_id in orders}
    assert len(timers.sent) == len(orders) - len(sources)
    assert {timer.order_id for timer in timers.sent} <= set(orders)
