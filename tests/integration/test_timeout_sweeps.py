"""The sweep handles what is due, and only that; no failure keeps it from the rest."""

from collections import Counter
from collections.abc import Callable
from datetime import timedelta

import pytest

from paylatch.domain.errors import OutcomeUnknown, StoreUnavailable
from paylatch.domain.order import Order
from paylatch.domain.shards import shard_of
from paylatch.ports import DueSource, Index, Metric, VoidAnswer, VoidKind
from tests.due_orders import due_orders
from tests.integration.shop import TTL, Shop, swept


def locked_orders(shop: Shop, count: int) -> list[str]:
    return [shop.locked(f"key-{number}")[0] for number in range(count)]


def test_nothing_due_is_nothing_done(shop: Shop) -> None:
    assert shop.sweep() == swept(0)


def test_a_lock_ends_at_its_own_deadline(shop: Shop) -> None:
    short, _ = shop.locked("short", expires_in=60)
    long, _ = shop.locked("long", expires_in=86_400)
    shop.clock.advance(timedelta(seconds=60))
    shop.sweep()
    assert (shop.status(short), shop.status(long)) == ("pending_payment", "in_payment")
    shop.clock.advance(timedelta(seconds=86_340))
    shop.sweep()
    assert shop.status(long) == "pending_payment"


def test_an_order_whose_buyer_has_just_paid_is_settled_and_not_unlocked(shop: Shop) -> None:
    order_id, attempt_id = shop.locked()
    shop.gateway.capture_payment(attempt_id)
    shop.clock.advance(TTL)
    shop.sweep()
    assert shop.status(order_id) == "paid"


def test_money_that_arrives_during_a_sweep_settles(shop: Shop) -> None:
    order_id, attempt_id = shop.locked()
    capture = shop.gateway.capture_payment(attempt_id)
    del shop.gateway.money[attempt_id]
    shop.clock.advance(TTL)
    shop.gateway.during("void", lambda: shop.money(attempt_id, capture))
    assert shop.sweep()["failed"] == 0
    assert shop.status(order_id) == "paid"


def test_two_sweeps_at_once_do_no_harm(shop: Shop) -> None:
    orders = locked_orders(shop, 5)
    shop.clock.advance(TTL)
    reports = []
    shop.gateway.during("void", lambda: reports.append(shop.sweep()))
    reports.append(shop.sweep())
    assert all(report["failed"] == 0 for report in reports)
    for order_id in orders:
        head = shop.head(order_id)
        assert (head.status, head.version) == ("pending_payment", 4), "one unlock each"


def test_one_failing_order_delays_no_other(shop: Shop) -> None:
    orders = locked_orders(shop, 6)
    shop.clock.advance(TTL)
    broken = orders[2]
    read = shop.ports.store.read_head

    def read_or_fail(order_id: str) -> Order | None:
        if order_id == broken:
            raise StoreUnavailable("this one cannot be read")
        return read(order_id)

    shop.ports.store.read_head = read_or_fail  # type: ignore[method-assign]
    assert shop.sweep() == swept(5, failed=1)
    shop.ports.store.read_head = read  # type: ignore[method-assign]
    assert {order_id for order_id in orders if shop.status(order_id) != "pending_payment"} == {broken}
    assert [details["order_id"] for metric, _, details in shop.metrics.counted if metric is Metric.SWEEP_FAILED] == [
        broken
    ]
    shop.sweep()
    assert shop.status(broken) == "pending_payment"


def test_a_gateway_that_does_not_answer_delays_its_own_orders_only(shop: Shop) -> None:
    orders = locked_orders(shop, 4)
    shop.clock.advance(TTL)
    shop.gateway.answer_with("void", OutcomeUnknown("sandbox", "no answer"))
    assert shop.sweep() == swept(4)
    statuses = sorted(shop.status(order_id) for order_id in orders)
    assert statuses == ["pending_payment", "pending_payment", "pending_payment", "releasing"]


def counting_down(*milliseconds: int) -> Callable[[], int]:
    left = iter(milliseconds)
    return lambda: next(left, 0)


def test_it_stops_before_time_runs_out_and_continues_in_the_next_run(shop: Shop) -> None:
    orders = locked_orders(shop, 5)
    shop.clock.advance(TTL)
    first = shop.sweep(counting_down(60_000, 40_000, 14_999))
    assert first == swept(2, stopped_early=True)
    assert sum(shop.status(order_id) == "in_payment" for order_id in orders) == 3
    assert shop.sweep() == swept(3)
    assert {shop.status(order_id) for order_id in orders} == {"pending_payment"}


def test_more_than_a_page_is_swept_in_one_run(shop: Shop, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("paylatch.store.dynamodb.PAGE", 2)
    orders = locked_orders(shop, 20)
    assert max(Counter(shard_of(order_id) for order_id in orders).values()) > 2
    shop.clock.advance(TTL)
    assert shop.sweep()["handled"] == 20
    assert due_orders(shop.ports.store, Index.DUE, shop.clock.now()) == []


def test_the_index_may_be_stale_and_the_head_decides(shop: Shop) -> None:
    order_id, _ = shop.locked()
    indexed_ids = DueSource("due/0", lambda: [order_id, "7777777777777777"])
    shop.ports.store.due = lambda index, until: (indexed_ids,)  # type: ignore[method-assign]
    before = shop.head(order_id)
    assert shop.sweep()["failed"] == 0
    assert shop.head(order_id) == before
    assert shop.gateway.calls("void") == []


def test_a_release_that_never_comes_is_retried_a_quarter_of_an_hour_apart(shop: Shop) -> None:
    order_id, attempt_id = shop.locked()
    shop.gateway.answer_with("void", *[VoidAnswer(VoidKind.IN_PROGRESS)] * 60)
    shop.cancel_payment(order_id, attempt_id)
    waits = []
    for _ in range(8):
        due_at = shop.head(order_id).due_at
        assert due_at is not None
        waits.append((due_at - shop.clock.now()).total_seconds())
        shop.clock.advance(due_at - shop.clock.now())
        shop.sweep()
    assert waits == [30, 60, 120, 240, 480, 900, 900, 900]
    assert shop.status(order_id) == "releasing"


def test_a_paid_or_unlocked_order_has_nothing_due(shop: Shop) -> None:
    shop.money(shop.locked("paid")[1])
    unlocked, attempt_id = shop.locked("unlocked")
    shop.cancel_payment(unlocked, attempt_id)
    shop.clock.advance(timedelta(days=30))
    assert shop.sweep()["handled"] == 0
