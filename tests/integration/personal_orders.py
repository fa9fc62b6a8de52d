"""Orders that hold personal data, and what is left of it."""

import json
from typing import Any

from local.api_client import ApiResponse
from paylatch.store.connection import TableConnection
from paylatch.store.items import document_of
from tests.integration.shop import Shop
from tests.lambda_events import OPERATOR, SELLER, SERVICE, Person
from tests.orders_table import client_of

# Each text is found nowhere else.
ADDRESS = {
    "recipient": "Ada Lovelace",
    "line1": "12 St James Square",
    "city": "London",
    "postal_code": "SW1Y 4JH",
    "country": "GB",
}
PERSONAL: dict[str, Any] = {
    "shipping_address": ADDRESS,
    "billing_address": {**ADDRESS, "recipient": "Charles Babbage"},
    "email": "ada@example.org",
    "locale": "en-GB",
    "note": "Ring at Byron's",
    "metadata": {"birthday": "10 December"},
}
TEXTS = ("Lovelace", "Babbage", "James Square", "ada@", "en-GB", "Byron", "10 December", "Mrs King", "Lord")
CASH = {"method": "cash", "amount": 2500, "note": "Mrs King paid at the counter."}
REASON = "Lord Byron sent it back."


def erase(shop: Shop, order_id: str, person: Person = SERVICE) -> ApiResponse:
    return shop.call("erasure", order_id, person=person)


def cancelled(shop: Shop, **fields: Any) -> str:
    """A cancelled order that was edited twice, so that it has three contents."""
    order_id = shop.create(**PERSONAL | fields)
    shop.edit(order_id, 1, SELLER, note="Mrs King is at home")
    shop.edit(order_id, 2, SELLER, email="mrs.king@example.org")
    shop.call("order_cancel", order_id, person=SERVICE)
    return order_id


def paid_in_cash(shop: Shop) -> str:
    order_id = shop.create(**PERSONAL)
    assert shop.call("settlement", order_id, person=OPERATOR, body=CASH).status == 200
    return order_id


def items(table: TableConnection, order_id: str) -> dict[str, dict[str, Any]]:
    """The order's items as stored, by their sort keys."""
    found = client_of(table).scan(TableName=table.table)["Items"]
    return {item["sk"]["S"]: document_of(item) for item in found if item["pk"]["S"] == f"ORDER#{order_id}"}


def texts_in(table: TableConnection, order_id: str) -> list[str]:
    """The personal texts that are left anywhere in the order's items."""
    stored = json.dumps(items(table, order_id), default=str, ensure_ascii=False)
    return [text for text in TEXTS if text in stored]


def being_paid(shop: Shop) -> tuple[str, str]:
    """An order that its buyer is paying, and the attempt."""
    order_id = shop.create(**PERSONAL)
    return order_id, shop.pay(order_id).body["attempt_id"]
