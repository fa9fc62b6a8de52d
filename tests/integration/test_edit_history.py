"""The history shows what an edit changed, read from both contents by the stream's consumer."""

import json
from collections.abc import Callable, Mapping, Sequence
from typing import Any

import pytest

from paylatch.domain.errors import StoreUnavailable
from paylatch.ports import ContentKey, Contents
from paylatch.store.connection import TableConnection
from tests.api.handlers import Context, handler_of
from tests.integration.dynamodb_tap import Tap
from tests.integration.shop import Shop
from tests.integration.table_stream import TableStream
from tests.lambda_events import SELLER, sample_body
from tests.orders_table import client_of

NOTHING_FAILED: dict[str, Any] = {"batchItemFailures": []}
QUANTITY = {
    "lines": {"changed": [{"sku": "tea-01", "quantity": {"from": 2, "to": 3}}]},
    "total": {"from": 2500, "to": 3750},
}
Consume = Callable[[], dict[str, Any]]


@pytest.fixture
def consume(shop: Shop, orders_table: TableConnection, published: list[dict[str, Any]]) -> Consume:
    """Hands the function every record of the table's stream so far."""

    def consumed() -> dict[str, Any]:
        outcome: dict[str, Any] = handler_of("order_events")(TableStream(orders_table).batch(), Context())
        return outcome

    return consumed


def changes_in(events: Sequence[Mapping[str, Any]]) -> dict[str, Any]:
    """By type, what the last event of an edit says that was changed."""
    return {event["type"]: event["changes"] for event in events if "changes" in event}


def history(shop: Shop, order_id: str) -> list[dict[str, Any]]:
    events: list[dict[str, Any]] = shop.call("order_history", order_id).body["events"]
    return events


def test_history_and_bus_show_what_an_edit_changed(
    shop: Shop, consume: Consume, published: list[dict[str, Any]]
) -> None:
    order_id = shop.create()
    shop.edit_to_three_packets(order_id, 1)
    assert consume() == NOTHING_FAILED
    assert changes_in(history(shop, order_id)) == {"OrderEdited": QUANTITY}
    assert changes_in([json.loads(entry["Detail"]) for entry in published]) == {"OrderEdited": QUANTITY}


def test_a_stop_and_change_shows_it_too_and_another_release_does_not(shop: Shop, consume: Consume) -> None:
    order_id, attempt_id = shop.locked()
    shop.stop_and_change(order_id, attempt_id)
    other, released = shop.locked("other")
    shop.cancel_payment(other, released)
    assert consume() == NOTHING_FAILED
    assert changes_in(history(shop, order_id)) == {"OrderUnlocked": QUANTITY}
    assert changes_in(history(shop, other)) == {}


def test_personal_fields_are_shown_by_name_alone(shop: Shop, consume: Consume, published: list[dict[str, Any]]) -> None:
    order_id = shop.create()
    address = {**sample_body("order_create")["shipping_address"], "line1": "9 Secret Street"}
    shop.edit(order_id, 1, SELLER, note="secret", email="secret@example.com", billing_address=address)
    assert consume() == NOTHING_FAILED
    assert changes_in(history(shop, order_id)) == {"OrderEdited": {"fields": ["note", "email", "billing_address"]}}
    assert "secret" not in json.dumps(published, default=str).lower()


def test_edits_share_a_read_and_a_batch_without_one_reads_nothing(
    shop: Shop, orders_table: TableConnection, consume: Consume
) -> None:
    order_ids = [shop.create() for _ in range(5)]
    with Tap(orders_table).attached() as tap:
        consume()
    assert set(tap.sent) - {"DescribeTable", "DescribeStream"} == {"BatchWriteItem"}
    for order_id in order_ids:
        shop.edit_to_three_packets(order_id, 1)
    with Tap(orders_table).attached() as tap:
        consume()
    assert tap.sent.count("BatchGetItem") == 1


def test_each_edit_of_one_order_shows_its_own_changes(shop: Shop, consume: Consume) -> None:
    order_id = shop.create()
    for revision, quantity in enumerate((3, 5, 4), 1):
        lines = [{**sample_body("order_create")["lines"][0], "quantity": quantity}]
        shop.edit(order_id, revision, lines=lines)
    assert consume() == NOTHING_FAILED
    shown = [event["changes"]["total"] for event in history(shop, order_id) if "changes" in event]
    assert shown == [{"from": 2500, "to": 3750}, {"from": 3750, "to": 6250}, {"from": 6250, "to": 5000}]


@pytest.mark.parametrize("gone", ["before", "after"])
def test_an_edit_whose_content_is_gone_shows_no_changes(shop: Shop, consume: Consume, gone: str) -> None:
    order_id = shop.create()
    shop.edit_to_three_packets(order_id, 1)
    head = shop.head(order_id)
    shop.ports.store.remove_content(order_id, head.content_id if gone == "after" else head.previous_content_id or "")
    assert consume() == NOTHING_FAILED
    assert [event["type"] for event in history(shop, order_id)] == ["OrderCreated", "OrderEdited"]
    assert changes_in(history(shop, order_id)) == {}


def test_an_edit_whose_content_cannot_be_read_shows_no_changes_and_delays_nothing(
    shop: Shop, orders_table: TableConnection, consume: Consume
) -> None:
    order_id = shop.create()
    shop.edit_to_three_packets(order_id, 1)
    key = {"pk": {"S": f"ORDER#{order_id}"}, "sk": {"S": f"CONTENT#{shop.head(order_id).content_id}"}}
    client_of(orders_table).put_item(TableName=orders_table.table, Item={**key, "lines": {"S": "no list"}})
    assert consume() == NOTHING_FAILED
    assert changes_in(history(shop, order_id)) == {}


def test_the_same_batch_again_changes_nothing_in_the_history(shop: Shop, consume: Consume) -> None:
    order_id = shop.create()
    shop.edit_to_three_packets(order_id, 1)
    consume()
    before = history(shop, order_id)
    assert consume() == NOTHING_FAILED
    assert history(shop, order_id) == before


def unprocessed(keys: Sequence[ContentKey]) -> Contents:
    return Contents({}, tuple(keys))


def no_answer(_: Sequence[ContentKey]) -> Contents:
    raise StoreUnavailable("no answer")


@pytest.mark.parametrize("reading", [unprocessed, no_answer])
def test_an_edit_waits_for_its_contents_and_no_other_order_does(
    shop: Shop,
    orders_table: TableConnection,
    published: list[dict[str, Any]],
    monkeypatch: pytest.MonkeyPatch,
    reading: Callable[[Sequence[ContentKey]], Contents],
) -> None:
    edited = shop.create()
    shop.edit_to_three_packets(edited, 1)
    shop.pay(edited)
    other = shop.create()
    batch = TableStream(orders_table).batch()
    with monkeypatch.context() as patched:
        patched.setattr(shop.ports.store, "read_contents", reading)
        (failure,) = handler_of("order_events")(batch, Context())["batchItemFailures"]
    records = {record["dynamodb"]["SequenceNumber"]: record["dynamodb"] for record in batch["Records"]}
    waiting = records[failure["itemIdentifier"]]
    assert (waiting["Keys"]["pk"]["S"], waiting["NewImage"]["version"]["N"]) == (f"ORDER#{edited}", "2")
    assert [event["type"] for event in history(shop, edited)] == ["OrderCreated"]
    assert [event["type"] for event in history(shop, other)] == ["OrderCreated"]
    assert handler_of("order_events")(batch, Context()) == NOTHING_FAILED
    types = [event["type"] for event in history(shop, edited)]
    assert types == ["OrderCreated", "OrderEdited", "OrderLocked", "PaymentOpened"]
    assert changes_in(history(shop, edited)) == {"OrderEdited": QUANTITY}


def test_an_edit_too_large_to_show_names_the_lines_and_is_published(
    shop: Shop, consume: Consume, published: list[dict[str, Any]]
) -> None:
    order_id = shop.create()
    lines = [{"sku": f"s{n}", "name": "茶" * 100, "quantity": 1, "unit_price": n} for n in range(1, 60)]
    assert shop.edit(order_id, 1, SELLER, lines=lines).status == 200
    assert consume() == NOTHING_FAILED
    (changes,) = changes_in(history(shop, order_id)).values()
    assert changes == {"total": {"from": 2500, "to": sum(range(1, 60))}, "fields": ["lines"]}
    assert len(published) == 2
