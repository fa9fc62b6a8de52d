"""Heads as another release or a manual edit may leave them."""

from collections.abc import Callable, Mapping
from typing import Any

from paylatch.store.connection import TableConnection
from paylatch.store.items import document_of, item_of
from tests.orders_table import client_of

Edit = Callable[[Mapping[str, Any]], dict[str, Any]]


def edit_head(table: TableConnection, order_id: str, edit: Edit) -> None:
    """Put the order's head back as the edit makes it; its keys stay."""
    client = client_of(table)
    keys = item_of({"pk": f"ORDER#{order_id}", "sk": "HEAD"})
    head = document_of(client.get_item(TableName=table.table, Key=keys)["Item"])
    client.put_item(TableName=table.table, Item={**item_of(edit(head)), **keys})


def head_of_order(table: TableConnection, order_id: str) -> dict[str, Any]:
    """The head as stored."""
    keys = item_of({"pk": f"ORDER#{order_id}", "sk": "HEAD"})
    return document_of(client_of(table).get_item(TableName=table.table, Key=keys)["Item"])


def unreadable(head: Mapping[str, Any]) -> dict[str, Any]:
    """A head without a field that reading needs and no guard asks for."""
    return {name: value for name, value in head.items() if name != "reference"}
