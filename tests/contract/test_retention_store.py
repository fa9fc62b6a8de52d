"""The contract of `RetentionStore`, and what a tombstone is to the store of orders."""

from typing import Any

import pytest

from paylatch.domain.order import Content, Line
from paylatch.domain.timestamps import as_text
from paylatch.ports import LARGEST_WRITE, Rejected
from paylatch.ports.retention import RetentionStore
from paylatch.store.retention import DynamoRetentionStore
from tests.contract.store_drivers import DynamoStoreDriver, MemoryStoreDriver, StoreDriver
from tests.fakes.memory_retention_store import MemoryRetentionStore
from tests.transition_cases import ORDER_ID, ROWS, START, aimed_at, head_of

OTHER_ID = "7777777777777777"
TEA = Content((Line("tea-01", "Green tea", 2, 1250),))
FINISHED = ("paid", "cancelled")


@pytest.fixture
def retention_store(store_driver: StoreDriver) -> RetentionStore:
    if isinstance(store_driver, MemoryStoreDriver):
        return MemoryRetentionStore(store_driver.store)
    assert isinstance(store_driver, DynamoStoreDriver)
    return DynamoRetentionStore(store_driver.store.table)


def retire(driver: StoreDriver, store: RetentionStore, state: str = "paid") -> bool:
    driver.put_head(ORDER_ID, head_of(state))
    order = driver.store.read_head(ORDER_ID)
    assert order is not None
    return store.retire(order, START)


@pytest.mark.parametrize("state", FINISHED)
def test_a_tombstone_takes_the_place_of_the_head(
    store_driver: StoreDriver, retention_store: RetentionStore, state: str
) -> None:
    assert retire(store_driver, retention_store, state)
    assert store_driver.head(ORDER_ID) == {"version": head_of(state)["version"] + 1, "retired_at": as_text(START)}
    assert store_driver.store.read_head(ORDER_ID) is None
    heads = store_driver.store.read_heads([ORDER_ID, OTHER_ID])
    assert not heads.found
    assert heads.retired == {ORDER_ID: START}
    assert store_driver.store.is_retired(ORDER_ID)
    assert not store_driver.store.is_retired(OTHER_ID)


@pytest.mark.parametrize("changed", [{"version": 99}, {"last_event": {"write_id": "ANOTHERWRITE0000"}}])
def test_a_head_that_another_write_changed_is_not_retired(
    store_driver: StoreDriver, retention_store: RetentionStore, changed: dict[str, Any]
) -> None:
    head = head_of("paid")
    store_driver.put_head(ORDER_ID, head)
    order = store_driver.store.read_head(ORDER_ID)
    assert order is not None
    newer = {**head, **changed, "last_event": {**head["last_event"], **changed.get("last_event", {})}}
    store_driver.put_head(ORDER_ID, newer)
    assert not retention_store.retire(order, START)
    assert store_driver.head(ORDER_ID) == newer


def test_a_retirement_again_finds_it_done(store_driver: StoreDriver, retention_store: RetentionStore) -> None:
    store_driver.put_head(ORDER_ID, head_of("paid"))
    order = store_driver.store.read_head(ORDER_ID)
    assert order is not None
    assert retention_store.retire(order, START)
    before = store_driver.head(ORDER_ID)
    assert retention_store.retire(order, START)
    assert store_driver.head(ORDER_ID) == before


@pytest.mark.parametrize("name", ROWS)
def test_no_transition_changes_a_tombstone(
    store_driver: StoreDriver, retention_store: RetentionStore, name: str
) -> None:
    retire(store_driver, retention_store)
    before = store_driver.head(ORDER_ID)
    assert store_driver.store.apply(ORDER_ID, aimed_at(name, "paid")) == Rejected(None)
    assert store_driver.head(ORDER_ID) == before


def test_what_remains_is_found_and_removed_in_batches(
    store_driver: StoreDriver, retention_store: RetentionStore
) -> None:
    ids = [f"C{number:03}" for number in range(LARGEST_WRITE + 3)]
    for content_id in ids:
        store_driver.store.put_content(ORDER_ID, content_id, TEA)
    store_driver.store.put_content(OTHER_ID, "C000", TEA)
    retire(store_driver, retention_store)
    retention_store.schedule({ORDER_ID: START})
    first = retention_store.remains(ORDER_ID)
    assert first == tuple(f"CONTENT#{content_id}" for content_id in ids[:LARGEST_WRITE])
    retention_store.remove(ORDER_ID, first)
    retention_store.remove(ORDER_ID, first)
    assert retention_store.remains(ORDER_ID) == tuple(f"CONTENT#{content_id}" for content_id in ids[LARGEST_WRITE:])
    retention_store.remove(ORDER_ID, retention_store.remains(ORDER_ID))
    assert retention_store.remains(ORDER_ID) == ()
    assert store_driver.store.read_content(OTHER_ID, "C000") == TEA
