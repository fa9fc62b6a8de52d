"""A failing shard, order or gateway stops none of the others, and is reported."""

from collections.abc import Callable, Iterator
from datetime import timedelta

import pytest

from paylatch.domain.errors import OrderUnreadable, StoreUnavailable
from paylatch.domain.order import Order
from paylatch.domain.payment import Refund
from paylatch.domain.shards import SHARDS, shard_of, shards_by_turn
from paylatch.ports import Index, Metric, Ports
from paylatch.store.connection import TableConnection
from paylatch.store.dynamodb import DynamoOrderStore
from paylatch.use_cases.refund_payment import refund_payment
from tests.integration.failing_queries import FailingQueries, failing_queries
from tests.integration.head_edits import edit_head, unreadable
from tests.integration.shop import TTL, Shop

# As many as are shipped: what a sweep asks is counted.
pytestmark = pytest.mark.all_shards

HOUR = timedelta(hours=1)


@pytest.fixture
def queries(orders_table: TableConnection) -> Iterator[FailingQueries]:
    with failing_queries(orders_table) as queries:
        yield queries


def locked_orders(shop: Shop, count: int) -> list[str]:
    return [shop.locked(f"key-{number}")[0] for number in range(count)]


def refund_owed(shop: Shop, key: str = "owing") -> str:
    """An order that owes a refund at once."""
    order_id, attempt_id = shop.locked(key)
    shop.cancel_payment(order_id, attempt_id)
    shop.edit_to_three_packets(order_id, 1)
    shop.money(attempt_id)
    return order_id


def under_review(shop: Shop, key: str) -> str:
    order_id, attempt_id = shop.locked(key)
    shop.money(attempt_id, amount=1)
    return order_id


def read_failures(shop: Shop, what: str) -> set[str | int]:
    return {
        details[what] for metric, _, details in shop.metrics.counted if metric is Metric.READ_FAILED and what in details
    }


def measured(shop: Shop) -> set[str | int]:
    return {details["order_id"] for metric, _, details in shop.metrics.counted if metric is Metric.OLDEST_ATTENTION}


def all_of(index: Index) -> set[str]:
    return {f"{index}/{shard}" for shard in range(SHARDS)}


def test_a_throttled_index_stops_neither_the_other_index_nor_the_measuring(shop: Shop, queries: FailingQueries) -> None:
    orders, reviewed = locked_orders(shop, 5), under_review(shop, "review")
    shop.clock.advance(HOUR)
    queries.failing = {(Index.FOLLOW_UP, None)}
    report = shop.sweep()
    assert (report["handled"], report["failed"], report["stopped_early"]) == (5, 0, False)
    assert {shop.status(order_id) for order_id in orders} == {"pending_payment"}
    assert set(report["failed_sources"]) == all_of(Index.FOLLOW_UP) == read_failures(shop, "source")
    assert measured(shop) == {reviewed}


def test_locks_that_cannot_be_found_keep_no_refund_back_and_are_found_by_the_next_run(
    shop: Shop, queries: FailingQueries
) -> None:
    order_with_refund, locked = refund_owed(shop), locked_orders(shop, 3)
    shop.clock.advance(TTL)
    queries.failing = {(Index.DUE, None)}
    assert set(shop.sweep()["failed_sources"]) == all_of(Index.DUE)
    assert shop.head(order_with_refund).refunds_due == ()
    queries.failing.clear()
    assert shop.sweep()["failed_sources"] == []
    assert {shop.status(order_id) for order_id in locked} == {"pending_payment"}


def test_a_throttled_shard_delays_its_own_orders_only(shop: Shop, queries: FailingQueries) -> None:
    orders = locked_orders(shop, 12)
    shop.clock.advance(TTL)
    hot = shard_of(orders[0])
    queries.failing = {(Index.DUE, hot)}
    assert shop.sweep()["failed_sources"] == [f"due/{hot}"]
    assert {order_id for order_id in orders if shop.status(order_id) != "pending_payment"} == {
        order_id for order_id in orders if shard_of(order_id) == hot
    }


def test_a_throttled_shard_puts_no_follow_up_before_locks_of_other_shards(shop: Shop, queries: FailingQueries) -> None:
    for number in range(6):
        refund_owed(shop, f"owing-{number}")
    orders = locked_orders(shop, 4)
    shop.clock.advance(TTL)
    first, *_ = shards_by_turn(shop.clock.now())
    queries.failing = {(Index.DUE, first)}
    shop.gateway.asked.clear()
    shop.sweep()
    locks = [order_id for order_id in orders if shard_of(order_id) != first]
    assert {shop.status(order_id) for order_id in locks} == {"pending_payment"}
    asked = [call for call, _ in shop.gateway.asked if call in ("void", "refund")]
    assert asked[: 2 * len(locks)].count("void") == len(locks), "they take turns"


def test_an_index_that_failed_waits_for_the_other_with_its_next_part(shop: Shop, queries: FailingQueries) -> None:
    locked_orders(shop, 6)
    shop.clock.advance(TTL)
    queries.failing = {(Index.FOLLOW_UP, None)}
    shop.sweep()
    order = [index for index, _ in queries.asked if index is not Index.ATTENTION]
    assert order.count(Index.FOLLOW_UP) == SHARDS
    last_lock = len(order) - order[::-1].index(Index.DUE)
    assert order[:last_lock].count(Index.FOLLOW_UP) == 1, "a query that fails may take seconds"


def test_time_that_runs_out_in_failing_queries_ends_the_run(shop: Shop, queries: FailingQueries) -> None:
    queries.failing = {(Index.FOLLOW_UP, None)}
    report = shop.sweep(lambda: 0)
    assert report["stopped_early"] is True
    assert report["failed_sources"] == ["follow_up/" + queries.asked[-1][1]]


def left(*milliseconds: int) -> Callable[[], int]:
    timestamps = iter(milliseconds)
    return lambda: next(timestamps, milliseconds[-1])


def test_attention_is_measured_also_when_a_run_stopped_early(shop: Shop) -> None:
    reviewed = under_review(shop, "review")
    shop.clock.advance(HOUR)
    shop.locked("late", expires_in=60)
    shop.clock.advance(TTL)
    assert shop.sweep(left(20_000))["stopped_early"] is True
    assert measured(shop) == {reviewed}


def test_an_unreadable_order_is_counted_and_the_others_are_measured(shop: Shop, orders_table: TableConnection) -> None:
    orders = [under_review(shop, f"review-{number}") for number in range(3)]
    edit_head(orders_table, orders[1], unreadable)
    shop.clock.advance(HOUR)
    report = shop.sweep()
    assert measured(shop) == {orders[0], orders[2]}
    assert report["unread_orders"] == [orders[1]]
    assert [
        details["order_id"] for metric, _, details in shop.metrics.counted if metric is Metric.ORDER_UNREADABLE
    ] == [orders[1]]


def test_operators_see_what_can_be_read_and_the_names_of_the_rest(
    shop: Shop, orders_table: TableConnection, queries: FailingQueries
) -> None:
    orders = [under_review(shop, f"review-{number}") for number in range(3)]
    edit_head(orders_table, orders[1], unreadable)
    hot = next(str(shard) for shard in range(SHARDS) if str(shard) not in map(shard_of, orders))
    queries.failing = {(Index.ATTENTION, hot), (Index.FOLLOW_UP, None)}
    answer = shop.operator("attention", orders[0])
    assert answer.status == 200
    assert {order["order_id"] for order in answer.body["orders"]} == {orders[0], orders[2]}
    assert answer.body["unread"]["orders"] == [orders[1]]
    assert set(answer.body["unread"]["sources"]) == {f"attention/{hot}", *all_of(Index.FOLLOW_UP)}
    assert read_failures(shop, "source") == set(answer.body["unread"]["sources"])


def test_operators_are_not_shown_an_empty_list_where_nothing_can_be_read(shop: Shop, queries: FailingQueries) -> None:
    order_id = under_review(shop, "review")
    queries.failing = {(Index.ATTENTION, None), (Index.FOLLOW_UP, None)}
    answer = shop.operator("attention", order_id)
    assert (answer.status, answer.code) == (503, "store-unavailable")


def test_all_that_can_be_read_is_read_and_nothing_is_left_out(shop: Shop) -> None:
    order_id = under_review(shop, "review")
    assert shop.operator("attention", order_id).body["unread"] == {"orders": [], "sources": []}


def test_one_failing_follow_up_does_not_delay_the_others_of_its_order(
    shop: Shop, monkeypatch: pytest.MonkeyPatch
) -> None:
    order_id, first, _ = shop.paid_twice_after_an_edit()

    def refund_or_fail(order: Order, refund: Refund, actor: str, ports: Ports) -> None:
        if refund.attempt_id == first:
            raise StoreUnavailable("no answer")
        refund_payment(order, refund, actor, ports)

    monkeypatch.setattr("paylatch.use_cases.sweep_timeouts.refund_payment", refund_or_fail)
    assert shop.sweep()["failed"] == 1
    assert [refund.attempt_id for refund in shop.head(order_id).refunds_due] == [first]
    monkeypatch.undo()
    shop.sweep()
    assert shop.head(order_id).refunds_due == ()


@pytest.mark.parametrize(
    "error", [StoreUnavailable("throttled"), OrderUnreadable("7777777777777777", "x"), KeyError("x")]
)
def test_one_order_that_the_store_does_not_give_hides_no_other(
    shop: Shop, monkeypatch: pytest.MonkeyPatch, error: Exception
) -> None:
    """Whatever the reason is: one partition of the table may be throttled by itself."""
    orders = [under_review(shop, f"review-{number}") for number in range(3)]
    shop.clock.advance(HOUR)
    read_head = DynamoOrderStore.read_head

    def read_or_fail(store: DynamoOrderStore, order_id: str) -> Order | None:
        if order_id == orders[1]:
            raise error
        return read_head(store, order_id)

    monkeypatch.setattr(DynamoOrderStore, "read_head", read_or_fail)
    assert shop.sweep()["unread_orders"] == [orders[1]]
    assert measured(shop) == {orders[0], orders[2]}
    answer = shop.operator("attention", orders[0])
    assert {order["order_id"] for order in answer.body["orders"]} == {orders[0], orders[2]}
    assert answer.body["unread"]["orders"] == [orders[1]]
