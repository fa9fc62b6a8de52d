"""The number of shards can grow on a live table: what is stored in any of them is found."""

from datetime import UTC, datetime, timedelta

import pytest

from paylatch.domain import shards
from paylatch.domain.timestamps import as_text
from paylatch.ports import Index
from tests.due_orders import due_orders
from tests.fakes.memory_order_store import MemoryOrderStore
from tests.transition_cases import ORDER_ID, head_of

NOON = datetime(2026, 11, 24, 12, 0, tzinfo=UTC)
LATER = NOON + timedelta(days=30)


def store_with(count: int, monkeypatch: pytest.MonkeyPatch) -> MemoryOrderStore:
    """Orders that a release with so many shards has made, one in each of them."""
    monkeypatch.setattr(shards, "SHARDS", count)
    store = MemoryOrderStore()
    number = 0
    while len(store.heads) < count:
        order_id, number = f"{number:016d}", number + 1
        if shards.shard_of(order_id) not in {head["shard"] for head in store.heads.values()}:
            store.heads[order_id] = {**head_of("new"), "shard": shards.shard_of(order_id), "due_at": as_text(NOON)}
    assert ORDER_ID not in store.heads
    return store


@pytest.mark.parametrize(("written", "now", "elsewhere"), [(8, 32, 8), (32, 8, 32), (8, 8, 8), (8, 8, 32)])
def test_orders_of_every_shard_are_found_before_and_after_the_number_changes(
    monkeypatch: pytest.MonkeyPatch, written: int, now: int, elsewhere: int
) -> None:
    store = store_with(written, monkeypatch)
    monkeypatch.setattr(shards, "SHARDS", now)
    monkeypatch.setattr(shards, "SHARDS_ELSEWHERE", elsewhere)
    assert sorted(due_orders(store, Index.DUE, LATER)) == sorted(store.heads)
    found = [timer.order_id for source in store.timers_in(Index.DUE) for timer in source.read(None, LATER)]
    assert sorted(found) == sorted(store.heads)


def test_each_run_begins_with_another_shard_and_visits_each_once(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(shards, "SHARDS_ELSEWHERE", 12)
    orders = [shards.shards_by_turn(NOON + timedelta(minutes=minute)) for minute in range(12)]
    assert {order[0] for order in orders} == set(shards.all_shards())
    assert all(sorted(order) == sorted(shards.all_shards()) for order in orders)
