"""An order that this release cannot read is refused alone, by name, and stops nothing else."""

import pytest

from paylatch.ports import Metric
from paylatch.store.connection import TableConnection
from tests.integration.head_edits import edit_head, head_of_order, unreadable
from tests.integration.shop import TTL, Shop
from tests.next_release import WORD, extended

CALLS = [
    "order_read",
    "order_history",
    "payment_read",
    "payment_cancellation",
    "stop_and_change",
    "payment_request",
    "order_cancel",
]


def test_an_order_that_the_next_release_wrote_is_read_paid_and_kept(shop: Shop, orders_table: TableConnection) -> None:
    order_id, attempt_id = shop.locked()
    edit_head(orders_table, order_id, extended)
    before = head_of_order(orders_table, order_id)
    assert shop.read(order_id).status == 200
    assert shop.money(attempt_id).status == 204
    assert shop.read(order_id).body["payment_status"] == "paid"
    after = head_of_order(orders_table, order_id)
    assert {name: after[name] for name in before if name.startswith("next_")} == {
        name: before[name] for name in before if name.startswith("next_")
    }


@pytest.mark.parametrize("name", CALLS)
def test_every_call_on_it_is_one_retryable_error_that_names_it(
    shop: Shop, orders_table: TableConnection, name: str
) -> None:
    order_id, attempt_id = shop.locked()
    edit_head(orders_table, order_id, lambda head: {**head, "payment_status": WORD})
    before = head_of_order(orders_table, order_id)
    answer = shop.call(name, order_id, attempt_id=attempt_id)
    assert (answer.status, answer.code) == (503, "order-unreadable")
    assert answer.headers["retry-after"]
    assert head_of_order(orders_table, order_id) == before
    (details,) = [details for metric, _, details in shop.metrics.counted if metric is Metric.ORDER_UNREADABLE]
    assert details["order_id"] == order_id


def test_a_callback_that_settled_is_answered_so_whatever_else_stands_in_the_head(
    shop: Shop, orders_table: TableConnection
) -> None:
    order_id, attempt_id = shop.locked()
    edit_head(orders_table, order_id, unreadable)
    assert shop.money(attempt_id).status == 204
    assert head_of_order(orders_table, order_id)["payment_status"] == "paid"
    assert shop.metrics.times(Metric.ORDER_PAID) == 1


def test_money_for_an_unreadable_order_is_not_acknowledged_and_owes_no_refund(
    shop: Shop, orders_table: TableConnection
) -> None:
    order_id, attempt_id = shop.locked()
    edit_head(orders_table, order_id, lambda head: {**head, "payment_status": WORD})
    capture = shop.gateway.capture_payment(attempt_id)
    answer = shop.money(attempt_id, capture)
    assert (answer.status, answer.code) == (503, "order-unreadable")
    edit_head(orders_table, order_id, lambda head: {**head, "payment_status": "in_payment"})
    assert shop.money(attempt_id, capture).status == 204
    assert shop.status(order_id) == "paid"
    assert shop.head(order_id).refunds_due == ()


def test_a_sweep_unlocks_the_others(shop: Shop, orders_table: TableConnection) -> None:
    orders = [shop.locked(f"key-{number}")[0] for number in range(4)]
    edit_head(orders_table, orders[1], unreadable)
    shop.clock.advance(TTL)
    report = shop.sweep()
    assert (report["handled"], report["failed"]) == (3, 1)
    readable = [order_id for order_id in orders if order_id != orders[1]]
    assert {shop.status(order_id) for order_id in readable} == {"pending_payment"}
    assert [
        details["order_id"] for metric, _, details in shop.metrics.counted if metric is Metric.ORDER_UNREADABLE
    ] == [orders[1]]
