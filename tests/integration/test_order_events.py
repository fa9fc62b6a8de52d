"""The table's stream becomes the history, gapless, and events on the bus, at least once."""

import json
from collections.abc import Mapping, Sequence
from copy import deepcopy
from typing import Any

import pytest

from paylatch.domain.errors import PaylatchError, StoreUnavailable
from paylatch.domain.recorded_events import RecordedEvent
from paylatch.ports import Metric
from paylatch.runtime import event_bus
from paylatch.store.connection import TableConnection
from tests.api.handlers import Context, handler_of
from tests.integration.head_edits import edit_head, unreadable
from tests.integration.shop import Shop
from tests.integration.table_stream import TableStream
from tests.lambda_events import OPERATOR, OTHER_CALLER, SAMPLE_ORDER, event

HEAD = {"S": "HEAD"}
LIFECYCLE = [
    "OrderCreated",
    "OrderLocked",
    "PaymentOpened",
    "OrderUnlocked",
    "OrderEdited",
    "OrderLocked",
    "PaymentOpened",
    "OrderPaid",
    "RefundDue",
    "RefundIssued",
]


def run_lifecycle(shop: Shop) -> str:
    order_id, first = shop.locked("first")
    shop.cancel_payment(order_id, first)
    shop.edit_to_three_packets(order_id, 1)
    shop.money(shop.pay(order_id, "second").body["attempt_id"])
    shop.money(first)
    shop.sweep()
    return order_id


def recorded(batch: dict[str, Any]) -> dict[str, Any]:
    outcome: dict[str, Any] = handler_of("order_events")(batch, Context())
    return outcome


def test_every_change_left_one_event_gapless_and_in_order(
    shop: Shop, orders_table: TableConnection, published: list[dict[str, Any]]
) -> None:
    order_id = run_lifecycle(shop)
    assert recorded(TableStream(orders_table).batch()) == {"batchItemFailures": []}
    events = shop.call("order_history", order_id).body["events"]
    assert [event["type"] for event in events] == LIFECYCLE
    assert [event["seq"] for event in events] == list(range(1, len(LIFECYCLE) + 1))
    assert len(events) == shop.head(order_id).version
    assert all(event["order_id"] == order_id and event["at"] and event["actor"] for event in events)
    assert [json.loads(entry["Detail"]) for entry in published] == events
    assert {entry["Source"] for entry in published} == {"paylatch.orders"}
    assert [entry["DetailType"] for entry in published] == LIFECYCLE
    assert {entry["EventBusName"] for entry in published} == {"paylatch"}


def test_the_same_batch_again_changes_nothing_in_the_history(
    shop: Shop, orders_table: TableConnection, published: list[dict[str, Any]]
) -> None:
    order_id = run_lifecycle(shop)
    batch = TableStream(orders_table).batch()
    recorded(batch)
    before = shop.call("order_history", order_id).body
    recorded(batch)
    assert shop.call("order_history", order_id).body == before
    assert len(published) == 2 * len(LIFECYCLE), "subscribers may get it twice, and deduplicate by order and seq"


def test_what_follows_a_failure_waits_for_it(
    shop: Shop, orders_table: TableConnection, published: list[dict[str, Any]], monkeypatch: pytest.MonkeyPatch
) -> None:
    order_id = run_lifecycle(shop)
    batch = TableStream(orders_table).batch()
    record, store = shop.ports.store.record_events, shop.ports.store

    def fails_at_the_third(events: Sequence[RecordedEvent]) -> Mapping[str, PaylatchError]:
        if 3 in [event.seq for event in events]:
            raise StoreUnavailable("no answer")
        return record(events)

    monkeypatch.setattr(store, "record_events", fails_at_the_third)
    (failure,) = recorded(batch)["batchItemFailures"]
    failed = next(
        entry for entry in batch["Records"] if entry["dynamodb"]["SequenceNumber"] == failure["itemIdentifier"]
    )
    assert failed["dynamodb"]["NewImage"]["version"] == {"N": "3"}
    assert [event["seq"] for event in shop.call("order_history", order_id).body["events"]] == [1, 2]

    assert [json.loads(entry["Detail"])["seq"] for entry in published] == [1, 2]

    monkeypatch.setattr(store, "record_events", record)
    rest = batch["Records"][batch["Records"].index(failed) :]
    assert recorded({"Records": rest}) == {"batchItemFailures": []}
    assert [event["type"] for event in shop.call("order_history", order_id).body["events"]] == LIFECYCLE


def test_an_event_that_the_bus_does_not_take_is_tried_again(
    shop: Shop, orders_table: TableConnection, published: list[dict[str, Any]], monkeypatch: pytest.MonkeyPatch
) -> None:
    shop.create()
    batch = TableStream(orders_table).batch()
    client = event_bus._client()
    full = {"FailedEntryCount": 1, "Entries": [{"ErrorCode": "ThrottlingException"}]}
    monkeypatch.setattr(client, "put_events", lambda **_: full)
    assert len(recorded(batch)["batchItemFailures"]) == 1
    monkeypatch.undo()


def test_the_sample_batch_is_two_events_and_a_content(shop: Shop, published: list[dict[str, Any]]) -> None:
    assert recorded(event("order_events")) == {"batchItemFailures": []}
    history = shop.ports.store.read_history(SAMPLE_ORDER).events
    assert [(entry.seq, entry.type) for entry in history] == [(1, "OrderCreated"), (2, "OrderLocked")]
    assert len(published) == 2


def test_removed_items_are_no_events(shop: Shop, published: list[dict[str, Any]]) -> None:
    batch = event("order_events")
    for entry in batch["Records"]:
        entry["eventName"] = "REMOVE"
        del entry["dynamodb"]["NewImage"]
    assert recorded(batch) == {"batchItemFailures": []}
    assert published == []


def test_history_is_shown_to_readers_of_the_order_only(shop: Shop) -> None:
    order_id = shop.create()
    assert shop.call("order_history", order_id).body == {"events": [], "next_after": None}
    assert shop.call("order_history", order_id, person=OPERATOR).status == 200
    assert shop.call("order_history", order_id, person=OTHER_CALLER).code == "order-not-found"


def test_an_unreadable_order_still_publishes_its_events(
    shop: Shop, orders_table: TableConnection, published: list[dict[str, Any]]
) -> None:
    order_id, attempt_id = shop.locked()
    edit_head(orders_table, order_id, unreadable)
    shop.money(attempt_id)
    assert recorded(TableStream(orders_table).batch()) == {"batchItemFailures": []}
    assert [event.type for event in shop.ports.store.read_history(order_id).events][-1] == "OrderPaid"


@pytest.mark.parametrize("lacking", ["version", "last_event", "payment_status", "revision"])
def test_an_unreadable_event_is_named_and_delays_no_other(
    shop: Shop,
    orders_table: TableConnection,
    published: list[dict[str, Any]],
    lacking: str,
) -> None:
    shop.create()
    batch = TableStream(orders_table).batch()
    first, *rest = batch["Records"]
    odd = deepcopy(next(entry for entry in batch["Records"] if entry["dynamodb"]["Keys"]["sk"] == HEAD))
    odd["dynamodb"]["Keys"]["pk"]["S"] = "ORDER#0000000000000001"
    odd["dynamodb"]["SequenceNumber"] = "111"
    del odd["dynamodb"]["NewImage"][lacking]
    assert recorded({"Records": [odd, first, *rest]}) == {"batchItemFailures": []}
    assert len(published) == 1, "what follows is recorded"
    ((_, _, details),) = [each for each in shop.metrics.counted if each[0] is Metric.EVENT_UNREADABLE]
    assert (details["order_id"], details["sequence_number"]) == ("0000000000000001", "111")
