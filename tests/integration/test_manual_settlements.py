"""Money that came without a gateway (Hi.Events#317): the shop declares the order paid, and the history says who did."""

from typing import Any

import pytest

from paylatch.ports import Metric
from tests.integration.shop import Shop
from tests.integration.test_free_orders import FREE, overtaking
from tests.lambda_events import BUYER, OPERATOR, SELLER, SERVICE, Person
from tests.recorded_events import event_of

CASH = {"method": "cash", "amount": 2500, "note": "Paid at the counter, receipt 4711."}


def settle(shop: Shop, order_id: str, person: Person = SELLER, **fields: Any) -> Any:
    return shop.call("settlement", order_id, person=person, body={**CASH, **fields})


@pytest.mark.parametrize("person", [SELLER, SERVICE, OPERATOR])
@pytest.mark.parametrize("method", ["cash", "bank_transfer", "other"])
def test_seller_service_and_operator_declare_an_order_paid(shop: Shop, person: Person, method: str) -> None:
    order_id = shop.create()
    answer = settle(shop, order_id, person, method=method)
    assert (answer.status, answer.body["payment_status"]) == (200, "paid")
    payment = answer.body["payment"]
    assert (payment["gateway"], payment["status"], payment["pay_url"]) == ("manual", "succeeded", None)
    assert payment["captured"] == {
        "payment_id": payment["attempt_id"],
        "amount": 2500,
        "currency": "EUR",
        "returned": 0,
    }
    assert shop.metrics.times(Metric.ORDER_PAID) == 1


def test_a_buyer_declares_nothing(shop: Shop) -> None:
    order_id = shop.create()
    assert settle(shop, order_id, BUYER).code == "not-allowed"
    both = shop.create(seller_id=SELLER.subject, buyer_id=SELLER.subject)
    assert settle(shop, both, SELLER).code == "not-allowed", "the seller is its buyer"
    assert {shop.status(order_id), shop.status(both)} == {"pending_payment"}


def test_an_operator_to_whom_the_order_is_handed_over_meanwhile_declares_nothing(
    shop: Shop, monkeypatch: pytest.MonkeyPatch
) -> None:
    order_id = shop.create()
    overtaking(shop, monkeypatch, "settle_manually", lambda: shop.edit(order_id, 1, SERVICE, buyer_id=OPERATOR.subject))
    assert settle(shop, order_id, OPERATOR).code == "not-allowed"
    assert (shop.status(order_id), shop.head(order_id).buyer_id) == ("pending_payment", OPERATOR.subject)


def test_the_same_settlement_again_changes_nothing_whoever_repeats_it(shop: Shop) -> None:
    order_id = shop.create()
    first = settle(shop, order_id)
    head = shop.head(order_id)
    assert settle(shop, order_id, SERVICE).body == first.body
    assert shop.head(order_id) == head
    assert shop.metrics.times(Metric.ORDER_PAID) == 1


@pytest.mark.parametrize("other", [{"method": "other"}, {"note": "another receipt"}])
def test_another_settlement_of_a_paid_order_is_refused(shop: Shop, other: dict[str, Any]) -> None:
    order_id = shop.create()
    settle(shop, order_id)
    assert settle(shop, order_id, **other).code == "order-paid"


@pytest.mark.parametrize(
    ("fields", "field"),
    [
        ({"amount": 2499}, "amount"),
        ({"amount": -1}, "amount"),
        ({"amount": "2500"}, "amount"),
        ({"method": "cheque"}, "method"),
        ({"note": ""}, "note"),
        ({"note": "two\nlines"}, "note"),
        ({"currency": "EUR"}, "currency"),
    ],
)
def test_bad_input_names_the_field_and_settles_nothing(shop: Shop, fields: dict[str, Any], field: str) -> None:
    order_id = shop.create()
    before = shop.head(order_id)
    refused = settle(shop, order_id, **fields)
    assert (refused.status, [error["field"] for error in refused.body["errors"]]) == (400, [field])
    assert shop.head(order_id) == before


@pytest.mark.parametrize("amount", [0, 2500])
def test_an_order_that_costs_nothing_is_not_settled_by_hand_as_no_money_can_have_come(shop: Shop, amount: int) -> None:
    order_id = shop.create(**FREE)
    before = shop.head(order_id)
    refused = settle(shop, order_id, amount=amount)
    assert (refused.status, [error["field"] for error in refused.body["errors"]]) == (400, ["amount"])
    assert shop.head(order_id) == before
    assert shop.pay(order_id).body["gateway"] == "none"


def test_a_locked_order_is_not_settled_by_hand(shop: Shop) -> None:
    order_id, attempt_id = shop.locked()
    refused = settle(shop, order_id)
    assert (refused.status, refused.code, refused.body["attempt_id"]) == (409, "order-locked", attempt_id)
    assert shop.status(order_id) == "in_payment"


def test_a_cancelled_order_is_not_settled_by_hand(shop: Shop) -> None:
    order_id = shop.create()
    shop.call("order_cancel", order_id)
    assert settle(shop, order_id).code == "order-cancelled"


def test_money_that_a_gateway_takes_afterwards_goes_back(shop: Shop) -> None:
    order_id, attempt_id = shop.locked()
    shop.cancel_payment(order_id, attempt_id)
    settle(shop, order_id)
    shop.money(attempt_id)
    unapplied = shop.read(order_id).body["unapplied"]
    assert [(entry["status"], entry["amount"]) for entry in unapplied] == [("due", 2500)]
    assert shop.status(order_id) == "paid"


def test_a_settlement_after_an_edit_is_of_the_new_total(shop: Shop) -> None:
    order_id = shop.create()
    shop.edit_to_three_packets(order_id, 1)
    assert settle(shop, order_id).body["errors"][0]["field"] == "amount"
    assert settle(shop, order_id, amount=3750).body["payment"]["amount"] == 3750


def test_the_history_says_who_and_why_but_not_to_the_buyer(shop: Shop) -> None:
    order_id = shop.create()
    settle(shop, order_id)
    shop.ports.store.record_events([event_of(shop.head(order_id))])
    seen = {
        person.role: shop.call("order_history", order_id, person=person).body["events"][-1]
        for person in (SELLER, OPERATOR, BUYER)
    }
    assert {event["actor"] for event in seen.values()} == {"seller"}
    assert seen["seller"]["actor_id"] == seen["operator"]["actor_id"] == SELLER.subject
    assert "actor_id" not in seen["buyer"]
    assert seen["seller"]["detail"]["note"] == seen["operator"]["detail"]["note"] == CASH["note"]
    assert "note" not in seen["buyer"]["detail"]
    assert {event["detail"]["method"] for event in seen.values()} == {"cash"}


def test_a_settlement_by_hand_is_rechecked_without_a_gateway(shop: Shop) -> None:
    order_id = shop.create()
    attempt_id = settle(shop, order_id).body["payment"]["attempt_id"]
    answer = shop.operator("recheck", order_id, attempt_id)
    assert (answer.status, answer.body["payment_status"]) == (200, "paid")
    assert shop.gateway.calls("query") == []


def test_nobody_pays_through_a_gateway_of_that_name(shop: Shop) -> None:
    order_id = shop.create()
    refused = shop.pay(order_id, gateway="manual")
    assert (refused.status, [error["field"] for error in refused.body["errors"]]) == (400, ["gateway"])
