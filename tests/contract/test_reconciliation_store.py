"""What both stores of the reconciliation keep: the one in memory, and the one in the table of orders."""

from dataclasses import replace
from datetime import timedelta
from typing import Any, cast

import pytest

from paylatch.domain.statement import Discrepancy
from paylatch.ports import ReadFindings
from paylatch.store.connection import TableConnection
from paylatch.store.findings import KEPT
from paylatch.store.statements import DynamoReconciliationStore
from tests.conftest import NOON
from tests.fakes.memory_reconciliation_store import MemoryReconciliationStore
from tests.integration.reconciliation_night import Night, page
from tests.orders_table import client_of
from tests.store_calls import DAY, FINDING

MINUTE, HOUR = timedelta(minutes=1), timedelta(hours=1)


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
    (finding,) = store.findings("sandbox", day, 10).found
    assert store.add_finding(replace(finding, amount=1), NOON) is False
    assert store.findings("sandbox", day, 10) == ReadFindings((finding,))
    assert store.findings("sandbox", "2026-11-23", 10) == store.findings("sandbox", day, 0) == ReadFindings(())
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


OPEN = replace(FINDING, discrepancy=Discrepancy.UNKNOWN_ORDER, put_right=False)


def test_an_open_finding_is_listed_until_it_is_handled(store: Any) -> None:
    later = replace(OPEN, subject="pay_2")
    assert [store.add_finding(each, NOON + i * MINUTE) for i, each in enumerate((OPEN, later, FINDING))] == [True] * 3
    found = (replace(OPEN, since=NOON), replace(later, since=NOON + MINUTE))
    assert store.open_findings(10) == ReadFindings(found)
    assert store.open_findings(1) == ReadFindings(found[:1])

    handled = store.mark_handled(OPEN.key, "operator-1", NOON + MINUTE)

    assert handled == replace(OPEN, since=NOON, handled_at=NOON + MINUTE, handled_by="operator-1")
    assert store.mark_handled(OPEN.key, "operator-2", NOON + 2 * MINUTE) == handled
    store.mark_explained(OPEN.key, NOON + 2 * MINUTE)
    assert store.add_finding(OPEN, NOON + 2 * MINUTE) is False
    assert [each.subject for each in store.open_findings(10).found] == ["pay_2"]
    assert handled in store.findings("sandbox", DAY, 10).found


def test_an_explained_finding_is_open_again_once_it_is_found_again(store: Any) -> None:
    store.add_finding(OPEN, NOON)
    store.mark_explained(OPEN.key, NOON + MINUTE)
    assert store.open_findings(10) == ReadFindings(())
    assert store.mark_handled(OPEN.key, "operator-1", NOON + MINUTE).handled_at is None
    assert [store.add_finding(OPEN, NOON + HOUR) for _ in range(2)] == [True, False]
    assert store.open_findings(10) == ReadFindings((replace(OPEN, since=NOON + HOUR),))


def test_marking_what_is_not_there_or_was_put_right_makes_nothing(store: Any) -> None:
    assert store.mark_handled(OPEN.key, "operator-1", NOON) is None
    store.mark_explained(OPEN.key, NOON)
    store.add_finding(FINDING, NOON)
    assert store.mark_handled(FINDING.key, "operator-1", NOON) == FINDING
    assert store.findings("sandbox", DAY, 10) == ReadFindings((FINDING,))


def test_an_open_finding_expires_only_once_it_ended_and_holds_no_personal_data(orders_table: TableConnection) -> None:
    store = DynamoReconciliationStore(orders_table)
    store.add_finding(OPEN, NOON)
    (item,) = client_of(orders_table).scan(TableName=orders_table.table)["Items"]
    assert set(item) == {"pk", "sk", "discrepancy", *_FINDING, "shard", "attention_at", "since"}
    store.mark_handled(OPEN.key, "operator-1", NOON)
    (item,) = client_of(orders_table).scan(TableName=orders_table.table)["Items"]
    assert set(item) == {"pk", "sk", "discrepancy", *_FINDING, "since", "handled_at", "handled_by", "ttl"}
    assert int(item["ttl"]["N"]) == int((NOON + KEPT).timestamp())


_FINDING = {"subject", "payment_id", "attempt_id", "amount", "currency", "returned", "put_right"}
