"""An earlier commit's store reads today's heads, and writes to them and to its own.

    PYTHONPATH=TREE/layers/common:TREE python tests/storage/earlier_release.py < GIVEN

TREE is that commit's source: its modules come first. What it lacks is today's, such as what makes moto quick.
"""

import moto  # isort: skip

import contextlib
import json
import sys
from collections.abc import Iterator, Mapping
from typing import Any

import paylatch
import tests.transition_cases
from paylatch.domain.documents import order_from_document
from paylatch.domain.errors import OrderUnreadable
from paylatch.domain.order import Order
from paylatch.ports import Applied
from paylatch.store.connection import TableConnection
from paylatch.store.dynamodb import DynamoOrderStore
from paylatch.store.items import document_of, item_of
from tests.orders_table import TABLE, client_of, table_request
from tests.quick_moto import quick_moto
from tests.transition_cases import ORDER_ID, ROWS, STATES, fitting, head_of

Item = Mapping[str, Any]


def main() -> None:
    """Write whose code ran, what became of each of today's heads, and the heads that this code makes by itself."""
    given: dict[str, dict[str, Item]] = json.load(sys.stdin)
    with quick_moto(), moto.mock_aws():
        table = TableConnection(TABLE, region="eu-west-1")
        client_of(table).create_table(**table_request())
        found = {name: outcome(table, item) for name, item in given["heads"].items()}
        tombstones = {name: after_each(table, item) for name, item in given["tombstones"].items()}
    code = [paylatch.__file__, tests.transition_cases.__file__]
    sys.stdout.write(json.dumps({"code": code, "found": found, "own": own_heads(), "tombstones": tombstones}))


def outcome(table: TableConnection, item: Item) -> dict[str, Any]:
    """Why the head cannot be read, or the head after each transition that is let through."""
    try:
        order = order_from_document(document_of(item))
    except OrderUnreadable as error:
        return {"unreadable": str(error)}
    return {"written": dict(written(table, item, order))}


def written(table: TableConnection, item: Item, order: Order) -> Iterator[tuple[str, Item]]:
    """Each transition that fits the order, and the item after it."""
    key = {name: item[name] for name in ("pk", "sk")}
    for row, (_, plan) in ROWS.items():
        try:
            transition = plan(order)
        except (KeyError, ValueError):
            # It needs an attempt, a payment or a refund that this order does not have.
            continue
        client_of(table).put_item(TableName=TABLE, Item=item)
        if isinstance(DynamoOrderStore(table).apply(order.order_id, transition), Applied):
            yield row, client_of(table).get_item(TableName=TABLE, Key=key)["Item"]


def after_each(table: TableConnection, item: Item) -> dict[str, Item]:
    """What is in its place after each transition of an order of that id."""
    found: dict[str, Item] = {}
    client_of(table).put_item(TableName=TABLE, Item=item)
    for row in ROWS:
        with contextlib.suppress(OrderUnreadable):
            DynamoOrderStore(table).apply(ORDER_ID, fitting(row)[1])
        key = {name: item[name] for name in ("pk", "sk")}
        found[row] = client_of(table).get_item(TableName=TABLE, Key=key)["Item"]
    return found


def own_heads() -> dict[str, Item]:
    """An order in each state, and before each transition."""
    documents = {f"state {state}": head_of(state) for state in STATES} | {
        f"before {row}": fitting(row)[0] for row in ROWS
    }
    keys = {"pk": f"ORDER#{ORDER_ID}", "sk": "HEAD"}
    return {name: item_of({**keys, **document}) for name, document in documents.items() if document}


if __name__ == "__main__":
    main()
