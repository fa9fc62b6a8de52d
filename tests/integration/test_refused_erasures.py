"""An order that is not over, or whose money is open, keeps its personal data."""

from collections.abc import Callable

import pytest

from paylatch.ports import VoidAnswer, VoidKind
from paylatch.store.connection import TableConnection
from tests.integration.personal_orders import PERSONAL, being_paid, erase, items
from tests.integration.shop import TTL, Shop
from tests.integration.test_free_orders import overtaking
from tests.lambda_events import SELLER


# What is open, by how an order gets there.
def pending(shop: Shop) -> str:
    return shop.create(**PERSONAL)


def locked(shop: Shop) -> str:
    return being_paid(shop)[0]


def in_review(shop: Shop) -> str:
    order_id, attempt_id = being_paid(shop)
    shop.money(attempt_id, amount=2400)
    return order_id


def refund_owed(shop: Shop) -> str:
    order_id, attempt_id = being_paid(shop)
    shop.money(attempt_id)
    shop.call("refund", order_id, person=SELLER, body={"reason": "broken"})
    return order_id


def link_live(shop: Shop) -> str:
    order_id, attempt_id = being_paid(shop)
    until = shop.clock.now() + TTL
    shop.gateway.answer_with("void", VoidAnswer(VoidKind.NOT_VOIDABLE, until=until))
    shop.cancel_payment(order_id, attempt_id)
    shop.call("order_cancel", order_id)
    return order_id


@pytest.mark.parametrize(
    ("open_order", "code"),
    [
        (pending, "order-not-finished"),
        (locked, "order-locked"),
        (in_review, "order-locked"),
        (refund_owed, "money-outstanding"),
        (link_live, "money-outstanding"),
    ],
)
def test_an_order_that_is_not_over_or_has_open_money_is_refused_and_nothing_is_written(
    shop: Shop, open_order: Callable[[Shop], str], code: str, nothing_written: Callable[[], bool]
) -> None:
    order_id = open_order(shop)
    nothing_written()
    answer = erase(shop, order_id)
    assert (answer.status, answer.code) == (409, code)
    assert nothing_written()


def test_a_refund_that_falls_due_meanwhile_refuses_it_and_leaves_no_content(
    shop: Shop, monkeypatch: pytest.MonkeyPatch, orders_table: TableConnection
) -> None:
    order_id, attempt_id = being_paid(shop)
    shop.money(attempt_id)
    before = set(items(orders_table, order_id))
    refund = {"reason": "broken"}
    overtaking(shop, monkeypatch, "erase", lambda: shop.call("refund", order_id, person=SELLER, body=refund))
    assert erase(shop, order_id).code == "money-outstanding"
    assert set(items(orders_table, order_id)) == before
    assert shop.read(order_id).body["email"] == PERSONAL["email"]
