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
