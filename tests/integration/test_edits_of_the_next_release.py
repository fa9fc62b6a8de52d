"""An edit keeps what a later release stored in an order's content, whoever edits it and whatever the edit is for."""

from collections.abc import Callable, Mapping
from typing import Any

import pytest

from paylatch.store.connection import TableConnection
from paylatch.store.content_items import expanded
from paylatch.store.items import document_of, item_of
from tests.integration.shop import Shop
from tests.lambda_events import BUYER, SELLER, Person, sample_body
from tests.next_release import ATTRIBUTES
from tests.orders_table import client_of

LINE = sample_body("order_create")["lines"][0]
ADDRESS = sample_body("order_create")["shipping_address"]
POT = {"sku": "pot-01", "name": "Teapot", "quantity": 1, "unit_price": 4000}
EDITS: dict[str, dict[str, Any]] = {
    "note": {"note": "Ring twice."},
    "address": {"shipping_address": {"city": "Leeds"}},
    "billing address": {"billing_address": {"city": "Leeds"}},
    "quantity": {"lines": [{**LINE, "quantity": 7}, POT]},
    "lines in another order": {"lines": [POT, LINE], "note": "Ring twice."},
}
PARTS = ("shipping_address", "billing_address", "metadata")
Document = dict[str, Any]
Change = Callable[[Shop, str, Person, Mapping[str, Any]], Any]


def content_item(table: TableConnection, shop: Shop, order_id: str) -> Document:
    """The content that the head names, as stored."""
    key = item_of({"pk": f"ORDER#{order_id}", "sk": f"CONTENT#{shop.head(order_id).content_id}"})
    return document_of(client_of(table).get_item(TableName=table.table, Key=key)["Item"])


def write_as_the_next_release(table: TableConnection, shop: Shop, order_id: str) -> None:
    item = content_item(table, shop, order_id)
    lines = [{**line, **ATTRIBUTES, "next_text": line["sku"]} for line in item["lines"]]
    parts = {name: {**item[name], **ATTRIBUTES} for name in PARTS if name in item}
    if "metadata" in parts:
        # A text in metadata is the shop's, whichever release stored it.
        parts["metadata"] |= {"next_text": 7}
    extended = {**item, **ATTRIBUTES, "lines": lines, **parts}
    client_of(table).put_item(TableName=table.table, Item=item_of(extended))


def patched(shop: Shop, order_id: str, person: Person, fields: Mapping[str, Any]) -> Any:
    return shop.edit(order_id, 1, person, **fields)


def stopped_and_changed(shop: Shop, order_id: str, person: Person, fields: Mapping[str, Any]) -> Any:
    attempt_id = shop.pay(order_id).body["attempt_id"]
    return shop.stop_and_change(order_id, attempt_id, 1, person, **fields)


@pytest.mark.parametrize("edit", EDITS)
@pytest.mark.parametrize("person", [BUYER, SELLER], ids=["buyer", "seller"])
@pytest.mark.parametrize("change", [patched, stopped_and_changed])
def test_an_edit_keeps_what_it_does_not_know_in_every_map_of_the_content(
    shop: Shop, orders_table: TableConnection, change: Change, person: Person, edit: str
) -> None:
    order_id = shop.create(lines=[LINE, POT], billing_address=ADDRESS, metadata={"channel": "web"})
    write_as_the_next_release(orders_table, shop, order_id)
    answer = change(shop, order_id, person, EDITS[edit])
    assert (answer.status, answer.body["revision"]) == (200, 2)
    content = expanded(content_item(orders_table, shop, order_id))
    assert {name: content[name] for name in ATTRIBUTES} == ATTRIBUTES
    for address in ("shipping_address", "billing_address"):
        assert {name: content[address][name] for name in ATTRIBUTES} == ATTRIBUTES
    assert {name: content["metadata"][name] for name in ATTRIBUTES} == {**ATTRIBUTES, "next_text": 7}
    for line in content["lines"]:
        assert {name: line[name] for name in ATTRIBUTES} == {**ATTRIBUTES, "next_text": line["sku"]}


def test_an_answer_shows_no_attribute_that_the_contract_lacks(shop: Shop, orders_table: TableConnection) -> None:
    order_id = shop.create(lines=[LINE, POT])
    before = shop.read(order_id).body
    write_as_the_next_release(orders_table, shop, order_id)
    assert shop.read(order_id).body == before


def test_an_edit_that_changes_nothing_writes_nothing_whatever_the_content_has(
    shop: Shop, orders_table: TableConnection
) -> None:
    order_id = shop.create(lines=[LINE, POT])
    write_as_the_next_release(orders_table, shop, order_id)
    head = shop.head(order_id)
    shown = shop.read(order_id).body
    answer = shop.edit(order_id, 1, SELLER, lines=shown["lines"], note=shown["note"])
    assert (answer.status, shop.head(order_id)) == (200, head)


def test_what_it_does_not_know_is_not_the_callers_to_send(shop: Shop, orders_table: TableConnection) -> None:
    order_id = shop.create(lines=[LINE, POT])
    write_as_the_next_release(orders_table, shop, order_id)
    for sent, field in (
        ({"next_text": "y"}, "next_text"),
        ({"shipping_address": {"next_text": "y"}}, "shipping_address.next_text"),
        ({"lines": [{**LINE, "next_text": "y"}]}, "lines.0.next_text"),
    ):
        answer = shop.edit(order_id, 1, SELLER, **sent)
        assert (answer.status, [each["field"] for each in answer.body["errors"]]) == (400, [field])


def stored_with(shop: Shop, table: TableConnection, **parts: Any) -> str:
    """An order whose content a later release stored with these parts."""
    order_id = shop.create(shipping_address=ADDRESS, metadata=None)
    item = content_item(table, shop, order_id) | parts
    client_of(table).put_item(TableName=table.table, Item=item_of(item))
    return order_id


RANK = {"rank": 5, "tags": ["a"]}


@pytest.mark.parametrize("person", [BUYER, SELLER], ids=["buyer", "seller"])
@pytest.mark.parametrize("change", [patched, stopped_and_changed])
@pytest.mark.parametrize(
    "parts",
    [{"metadata": RANK}, {"shipping_address": {**ADDRESS, "phone": ["1", "2"]}}, {"shipping_address": {"place": "x"}}],
    ids=["metadata without a text", "a list where it knows a text", "an address of another form"],
)
def test_an_edit_of_the_note_keeps_a_part_that_it_cannot_read(
    shop: Shop, orders_table: TableConnection, change: Change, person: Person, parts: Document
) -> None:
    order_id = stored_with(shop, orders_table, **parts, buyer_may=["note"])
    answer = change(shop, order_id, person, {"note": "Ring twice."})
    assert (answer.status, answer.body["revision"]) == (200, 2)
    content = expanded(content_item(orders_table, shop, order_id))
    assert {name: content.get(name) for name in parts} == parts


@pytest.mark.parametrize(
    ("patch", "after"),
    [
        ({"channel": None}, RANK),
        ({"channel": "b"}, {**RANK, "channel": "b"}),
        ({"rank": "gold"}, {**RANK, "channel": "a", "rank": "gold"}),
        ({"rank": None}, {"tags": ["a"], "channel": "a"}),
        (None, None),
    ],
    ids=str,
)
def test_a_patch_of_the_metadata_changes_what_it_names(
    shop: Shop, orders_table: TableConnection, patch: Any, after: Any
) -> None:
    order_id = stored_with(shop, orders_table, metadata={**RANK, "channel": "a"})
    answer = shop.edit(order_id, 1, SELLER, metadata=patch)
    assert (answer.status, answer.body["revision"]) == (200, 2)
    assert content_item(orders_table, shop, order_id).get("metadata") == after


def test_a_field_of_an_address_that_is_sent_replaces_what_is_stored_in_another_form(
    shop: Shop, orders_table: TableConnection
) -> None:
    order_id = stored_with(shop, orders_table, shipping_address={**ADDRESS, "phone": ["1", "2"], "place": "x"})
    assert shop.edit(order_id, 1, SELLER, shipping_address={"city": "Leeds"}).status == 200
    stored = content_item(orders_table, shop, order_id)["shipping_address"]
    assert (stored["phone"], stored["place"], stored["city"]) == (["1", "2"], "x", "Leeds")
    assert shop.edit(order_id, 2, SELLER, shipping_address={"phone": "3"}).status == 200
    assert content_item(orders_table, shop, order_id)["shipping_address"]["phone"] == "3"
