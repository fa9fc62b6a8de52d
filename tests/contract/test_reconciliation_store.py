"""What both stores of the reconciliation keep: the one in memory, and the one in the table of orders."""

from dataclasses import replace
from typing import Any, cast

import pytest

from paylatch.store.connection import TableConnection
from paylatch.store.statements import KEPT, DynamoReconciliationStore
from tests.conftest import NOON
from tests.fakes.memory_reconciliation_store import MemoryReconciliationStore
from tests.integration.reconciliation_night import Night, page
from tests.orders_table import client_of


@pytest.fixture(params=["memory", "dynamodb"])
def store(request: pytest.FixtureRequest) -> Any:
    if request.param == "memory":
        return MemoryReconciliationStore()
    return DynamoReconciliationStore(request.getfixturevalue("orders_table"))


def test_both_stores_keep_progress_by_its_version_and_findings_once(store: Any) -> None:
    night = Night(kept=store)
    entry = night.order()
    night.gateway.pages = [page(entry, cursor="1"), page()]
    assert night.run().done is True

    day = NOON.date().isoformat()
    (state,) = store.read_progress("sandbox", day)
    assert (state.done, state.listed, state.pages, state.version) == (True, 1, 2, 2)
    assert store.save_progress(state, NOON) is False
    assert store.save_progress(replace(state, version=3), NOON) is True
    (finding,) = store.findings("sandbox", day, 10)
    assert store.add_finding(replace(finding, amount=1), NOON) is False
    assert store.findings("sandbox", day, 10) == (finding,)
    assert store.findings("sandbox", "2026-11-23", 10) == store.findings("sandbox", day, 0) == ()
    assert store.read_progress("another", day) == ()


def test_what_is_kept_expires_and_no_order_index_or_stream_takes_it_for_an_order(orders_table: TableConnection) -> None:
    night = Night(kept=cast("Any", DynamoReconciliationStore(orders_table)))
    night.gateway.pages = [page(night.order())]
    night.run()

    items = client_of(orders_table).scan(TableName=orders_table.table)["Items"]

    assert {item["pk"]["S"] for item in items} == {"STATEMENT#sandbox#2026-11-24"}
    assert {item["sk"]["S"].partition("#")[0] for item in items} == {"PROGRESS", "FINDING"}
    assert {int(item["ttl"]["N"]) for item in items} == {int((night.clock.now() + KEPT).timestamp())}
    assert not any({"shard", "seller_id", "buyer_id"} & item.keys() for item in items)
