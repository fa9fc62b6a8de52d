"""Content that an edit replaced expires: a reader of the old revision gets the present order."""

from collections.abc import Callable
from datetime import timedelta

import pytest

from paylatch.domain.order import Content
from paylatch.store.connection import TableConnection
from paylatch.store.dynamodb import DynamoOrderStore
from tests.api.handlers import invoke
from tests.integration.dynamodb_tap import Tap
from tests.integration.shop import Shop
from tests.lambda_events import http_event, sample_body
from tests.orders_table import client_of

ReadContent = Callable[[DynamoOrderStore, str, str], Content]


def expire_replaced(shop: Shop, order_id: str) -> None:
    """Remove the content before the last edit, as DynamoDB does when its TTL has passed."""
    replaced = shop.head(order_id).previous_content_id
    assert replaced is not None
    shop.ports.store.remove_content(order_id, replaced)


def contents(table: TableConnection) -> int:
    items = client_of(table).scan(TableName=table.table)["Items"]
    return sum(item["sk"]["S"].startswith("CONTENT#") for item in items)


def test_a_read_gets_the_present_order_where_its_content_was_replaced_and_expired(
    shop: Shop, monkeypatch: pytest.MonkeyPatch
) -> None:
    order_id = shop.create()
    read_content: ReadContent = DynamoOrderStore.read_content

    def after_an_edit(store: DynamoOrderStore, order_id: str, content_id: str) -> Content:
        monkeypatch.setattr(DynamoOrderStore, "read_content", read_content)
        shop.edit_to_three_packets(order_id, 1)
        expire_replaced(shop, order_id)
        return store.read_content(order_id, content_id)

    monkeypatch.setattr(DynamoOrderStore, "read_content", after_an_edit)
    read = shop.read(order_id)
    assert (read.status, read.headers["etag"], read.body["total"]) == (200, '"2.2"', 3750)
    assert read.body["lines"][0]["quantity"] == 3


def test_content_that_a_head_names_and_that_is_gone_is_an_error_after_a_second_look(
    shop: Shop, orders_table: TableConnection
) -> None:
    order_id = shop.create()
    shop.ports.store.remove_content(order_id, shop.head(order_id).content_id)
    with Tap(orders_table).attached() as tap:
        assert shop.read(order_id).status == 500
    assert tap.sent == ["GetItem"] * 3


def test_an_edit_repeated_after_the_content_before_it_expired_gets_the_revision(shop: Shop) -> None:
    order_id = shop.create()
    assert shop.edit_to_three_packets(order_id, 1).status == 200
    assert shop.edit_to_three_packets(order_id, 1).status == 200
    expire_replaced(shop, order_id)
    again = shop.edit_to_three_packets(order_id, 1)
    assert (again.status, again.code, again.body["revision"]) == (412, "revision-mismatch", 2)


def place(**fields: object) -> int:
    """The same order again, by the same key; `fields` make it another one."""
    body = sample_body("order_create") | fields
    return invoke("orders", http_event("order_create", body=body)).status


def placed_and_edited(shop: Shop, table: TableConnection, edits: int) -> str:
    assert place() == 201
    order_id: str = client_of(table).scan(TableName=table.table)["Items"][0]["pk"]["S"].split("#")[1]
    for revision in range(1, edits + 1):
        lines = [{**sample_body("order_create")["lines"][0], "quantity": revision + 5}]
        assert shop.edit(order_id, revision, lines=lines).status == 200
    return order_id


@pytest.mark.parametrize("edits", [0, 1, 2])
def test_the_same_key_again_leaves_no_content_behind(shop: Shop, orders_table: TableConnection, edits: int) -> None:
    placed_and_edited(shop, orders_table, edits)
    kept = contents(orders_table)
    shop.clock.advance(timedelta(seconds=1))
    assert (place(), place(reference="another")) == (201, 422)
    assert contents(orders_table) == kept == 1 + edits


@pytest.mark.parametrize("edits", [1, 2])
def test_the_same_key_again_does_not_bring_back_content_that_expired(
    shop: Shop, orders_table: TableConnection, edits: int
) -> None:
    order_id = placed_and_edited(shop, orders_table, 0)
    first = shop.head(order_id).content_id
    for revision in range(1, edits + 1):
        shop.edit(order_id, revision, note=f"edit {revision}")
    shop.ports.store.remove_content(order_id, first)
    kept = contents(orders_table)
    assert (place(), place(reference="another")) == (201, 422)
    assert contents(orders_table) == kept
    with pytest.raises(LookupError):
        shop.ports.store.read_content(order_id, first)


def test_the_same_key_again_gets_the_present_order_where_its_content_expires_meanwhile(
    shop: Shop, orders_table: TableConnection, monkeypatch: pytest.MonkeyPatch
) -> None:
    order_id = placed_and_edited(shop, orders_table, 0)
    read_content: ReadContent = DynamoOrderStore.read_content

    def after_an_edit(store: DynamoOrderStore, order_id: str, content_id: str) -> Content:
        monkeypatch.setattr(DynamoOrderStore, "read_content", read_content)
        shop.edit_to_three_packets(order_id, 1)
        expire_replaced(shop, order_id)
        return store.read_content(order_id, content_id)

    monkeypatch.setattr(DynamoOrderStore, "read_content", after_an_edit)
    assert place() == 201
    assert shop.read(order_id).body["total"] == 3750
