"""What docs/performance.md says that each operation on an order costs, counted; also without the fields of issue 14."""

from collections.abc import Callable
from dataclasses import replace
from typing import Any

import pytest

from bench.metered_store import MeteredTable
from paylatch.runtime import wiring
from paylatch.store.connection import TableConnection
from paylatch.store.dynamodb import DynamoOrderStore
from tests.integration.shop import Shop
from tests.integration.test_free_orders import FREE, TEA
from tests.lambda_events import SERVICE, sample_body
from tests.orders_table import ROOT

# All that a content can have besides its lines: discounts, kinds, rights.
SHIPPING = {"sku": "post", "name": "Post", "quantity": 1, "unit_price": 500, "kind": "shipping", "fixed": True}
WHOLE = {"lines": [{**TEA, "max_quantity": 5}, SHIPPING], "buyer_may": ["quantities", "note"]}
PAID_IN_CASH = sample_body("settlement") | {"amount": 2500}
Act = Callable[[], object]


def creation(shop: Shop) -> Act:
    return shop.create


def creation_with_kinds_and_rights(shop: Shop) -> Act:
    return lambda: shop.create(**WHOLE)


def payment_request(shop: Shop) -> Act:
    order_id = shop.create()
    return lambda: shop.pay(order_id)


def callback(shop: Shop) -> Act:
    _, attempt_id = shop.locked()
    return lambda: shop.money(attempt_id)


def cancellation(shop: Shop) -> Act:
    order_id, attempt_id = shop.locked()
    return lambda: shop.cancel_payment(order_id, attempt_id)


def edit(shop: Shop) -> Act:
    order_id = shop.create()
    return lambda: shop.edit_to_three_packets(order_id, 1)


def stop_and_change(shop: Shop) -> Act:
    order_id, attempt_id = shop.locked()
    return lambda: shop.stop_and_change(order_id, attempt_id)


def payment_of_a_free_order(shop: Shop) -> Act:
    order_id = shop.create(**FREE)
    return lambda: shop.pay(order_id)


def settlement_by_hand(shop: Shop) -> Act:
    order_id = shop.create()
    return lambda: shop.call("settlement", order_id, person=SERVICE, body=PAID_IN_CASH)


def payment_under_way(shop: Shop) -> Act:
    _, attempt_id = shop.locked()
    submitted = shop.gateway.submit_payment(attempt_id)
    return lambda: shop.callback(submitted)


def page_of_a_list(shop: Shop) -> Act:
    shop.create()
    return lambda: shop.call("order_list", "")


OPERATIONS: dict[str, Callable[[Shop], Act]] = {
    "create": creation,
    "create, with kinds of lines and rights": creation_with_kinds_and_rights,
    "payment request (lock, open, record)": payment_request,
    "callback that pays": callback,
    "cancellation of a payment": cancellation,
    "edit": edit,
    "stop and change": stop_and_change,
    "payment request of a free order": payment_of_a_free_order,
    "settlement by hand": settlement_by_hand,
    "callback of a payment under way": payment_under_way,
    "page of a list with one order": page_of_a_list,
}
PAGE = (ROOT / "docs" / "performance.md").read_text()
SECTION = PAGE.partition("## The cost of each operation")[2].partition("\n## ")[0]
ROWS = [[cell.strip() for cell in line.strip("|").split("|")] for line in SECTION.splitlines() if line.startswith("| ")]
STATED = {name: tuple(map(int, numbers)) for name, *numbers in ROWS[1:]}


@pytest.fixture
def table(shop: Shop, orders_table: TableConnection, monkeypatch: pytest.MonkeyPatch) -> MeteredTable:
    """The shop's table, which counts."""
    metered = MeteredTable(orders_table.table, "eu-west-1")
    ports = replace(shop.ports, store=DynamoOrderStore(metered))
    shop.ports = ports
    monkeypatch.setattr(wiring, "make_ports", lambda: ports)
    wiring.ports.cache_clear()
    return metered


def counted(table: MeteredTable, act: Act) -> tuple[int, int, int]:
    table.spent.clear()
    answer: Any = act()
    assert getattr(answer, "status", 200) < 300
    return table.spent["requests"], table.spent["read units"], table.spent["write units"]


def test_the_page_has_a_row_for_each_operation_and_no_other() -> None:
    assert list(STATED) == list(OPERATIONS)


@pytest.mark.parametrize("name", OPERATIONS)
def test_an_operation_costs_what_the_page_says(shop: Shop, table: MeteredTable, name: str) -> None:
    assert counted(table, OPERATIONS[name](shop)) == STATED[name]
