"""An order that costs nothing is paid by its payment request: one write, and no gateway is asked."""

from collections.abc import Callable
from datetime import timedelta
from typing import Any

import pytest

from paylatch.domain.errors import StoreUnavailable
from paylatch.domain.payment import Capture
from paylatch.domain.transitions import Transition
from paylatch.ports import Applied, Metric, Rejected
from paylatch.store.connection import TableConnection
from paylatch.store.dynamodb import DynamoOrderStore
from tests.integration.dynamodb_tap import Tap
from tests.integration.head_edits import edit_head
from tests.integration.shop import KEY, Shop
from tests.lambda_events import BUYER, OPERATOR, OTHER_CALLER, SELLER, SERVICE, Person, sample_body

TEA = sample_body("order_create")["lines"][0]
COUPON = {"sku": "welcome", "name": "Welcome", "quantity": 1, "unit_price": -2500, "kind": "discount"}
FREE = {"lines": [TEA, COUPON], "buyer_may": ["quantities", "note"]}


def test_it_is_paid_at_once_without_a_lock_and_without_a_gateway(shop: Shop) -> None:
    order_id = shop.create(**FREE)
    answer = shop.pay(order_id)
    attempt = answer.body
    assert (answer.status, attempt["status"], attempt["gateway"]) == (201, "succeeded", "none")
    assert (attempt["amount"], attempt["currency"], attempt["captured"], attempt["pay_url"]) == (0, "EUR", None, None)
    assert answer.headers["location"] == f"/orders/{order_id}/payments/{attempt['attempt_id']}"
    order = shop.read(order_id).body
    assert (order["payment_status"], order["lock"], order["payment"], order["total"]) == ("paid", None, attempt, 0)
    assert shop.gateway.opened == {}
    head = shop.head(order_id)
    assert (head.due_at, head.follow_up_at, head.payments, head.refunds) == (None, None, {}, {})
    assert shop.metrics.times(Metric.ORDER_PAID) == 1
    assert shop.metrics.times(Metric.ORDER_LOCKED) == 0


def test_its_event_says_that_nobody_was_asked_for_money(shop: Shop) -> None:
    order_id = shop.create(**FREE)
    attempt_id = shop.pay(order_id).body["attempt_id"]
    event = shop.head(order_id).last_event
    assert (event.type, event.actor, event.attempt_id) == ("OrderPaid", BUYER.subject, attempt_id)
    assert event.detail == {"gateway": "none", "amount": 0, "currency": "EUR"}
    assert shop.head(order_id).version == 2


def test_it_takes_the_refused_lock_and_one_write(shop: Shop, orders_table: TableConnection) -> None:
    order_id = shop.create(**FREE)
    with Tap(orders_table).attached() as tap:
        shop.pay(order_id)
    assert tap.sent == ["UpdateItem", "UpdateItem"]
    with Tap(orders_table).attached() as tap:
        shop.pay(order_id)
    assert tap.sent == ["UpdateItem"]


# Naming the stack's default gateway makes no difference.
@pytest.mark.parametrize(("fields", "later"), [({}, {}), ({}, {"gateway": "sandbox"}), ({"gateway": "sandbox"}, {})])
def test_the_same_key_again_is_the_same_attempt(shop: Shop, fields: dict[str, Any], later: dict[str, Any]) -> None:
    order_id = shop.create(**FREE)
    first = shop.pay(order_id, **fields)
    head = shop.head(order_id)
    again = shop.pay(order_id, **later)
    assert (again.status, again.body) == (200, first.body)
    assert shop.head(order_id) == head


def test_the_same_key_with_another_request_is_refused(shop: Shop) -> None:
    order_id = shop.create(**FREE)
    shop.pay(order_id)
    assert shop.pay(order_id, expires_in=61).code == "idempotency-key-reused"
    assert shop.pay(order_id, "another-key").code == "order-paid"


@pytest.mark.parametrize(("person", "code"), [(OTHER_CALLER, "order-not-found"), (OPERATOR, "not-allowed")])
def test_nobody_else_pays_it(shop: Shop, person: Person, code: str) -> None:
    order_id = shop.create(**FREE)
    before = shop.head(order_id)
    assert shop.pay(order_id, person=person).code == code
    assert shop.head(order_id) == before


@pytest.mark.parametrize("person", [BUYER, SELLER, SERVICE], ids=lambda person: person.role)
def test_whoever_may_pay_an_order_may_pay_it(shop: Shop, person: Person) -> None:
    assert shop.pay(shop.create(**FREE), person=person).status == 201


def test_it_is_paid_at_the_revision_that_the_buyer_saw_or_not_at_all(shop: Shop) -> None:
    order_id = shop.create(**FREE)
    shop.edit(order_id, 1, note="Ring twice.")
    refused = shop.call("payment_request", order_id, headers={"idempotency-key": KEY, "if-match": '"1"'})
    assert (refused.status, refused.code, shop.status(order_id)) == (412, "revision-mismatch", "pending_payment")
    paid = shop.call("payment_request", order_id, headers={"idempotency-key": KEY, "if-match": '"2"'})
    assert (paid.status, paid.body["revision"]) == (201, 2)


@pytest.mark.parametrize("fields", [{"gateway": "payu"}, {"return_url": "shop"}, {"expires_in": 1}])
def test_a_request_that_is_wrong_is_wrong_for_a_free_order_too(shop: Shop, fields: dict[str, Any]) -> None:
    order_id = shop.create(**FREE)
    answer = shop.pay(order_id, **fields)
    assert (answer.status, answer.body["errors"][0]["field"]) == (400, next(iter(fields)))
    assert shop.status(order_id) == "pending_payment"


def test_it_is_not_paid_by_more_attempts_than_an_order_may_have(shop: Shop, orders_table: TableConnection) -> None:
    order_id = shop.create(**FREE)
    edit_head(orders_table, order_id, lambda head: {**head, "attempts_made": 100})
    before = shop.head(order_id)
    assert shop.pay(order_id).code == "too-many-attempts"
    assert shop.head(order_id) == before


@pytest.mark.parametrize(
    ("terms", "code"), [({"payable": False}, "not-payable"), ({"pay_by": "2026-11-24T13:00:00Z"}, "pay-by-passed")]
)
def test_it_is_not_paid_while_no_order_with_its_terms_is(
    shop: Shop, nothing_written: Callable[[], bool], terms: dict[str, Any], code: str
) -> None:
    order_id = shop.create(**FREE, **terms)
    shop.clock.advance(timedelta(hours=1))
    nothing_written()
    refused = shop.pay(order_id)
    assert (refused.status, refused.code, nothing_written()) == (409, code, True)


def overtaking(shop: Shop, monkeypatch: pytest.MonkeyPatch, before: str, act: Any) -> None:
    """Let another request in before the next write of that name."""
    apply = DynamoOrderStore.apply

    def overtaken(store: DynamoOrderStore, order_id: str, transition: Transition) -> Applied | Rejected:
        if transition.name == before:
            monkeypatch.setattr(DynamoOrderStore, "apply", apply)
            act()
        return apply(store, order_id, transition)

    monkeypatch.setattr(DynamoOrderStore, "apply", overtaken)


def test_an_edit_that_comes_first_is_what_is_paid_where_it_is_free_still(
    shop: Shop, monkeypatch: pytest.MonkeyPatch
) -> None:
    order_id = shop.create(**FREE)
    overtaking(shop, monkeypatch, "settle_free", lambda: shop.edit(order_id, 1, note="Ring twice."))
    paid = shop.pay(order_id)
    assert (paid.status, paid.body["status"], paid.body["revision"]) == (201, "succeeded", 2)


def test_an_edit_that_comes_first_and_costs_money_is_opened_at_the_gateway(
    shop: Shop, monkeypatch: pytest.MonkeyPatch
) -> None:
    order_id = shop.create(**FREE)
    overtaking(shop, monkeypatch, "settle_free", lambda: shop.edit(order_id, 1, SELLER, lines=[TEA]))
    opened = shop.pay(order_id)
    assert (opened.status, opened.body["status"], opened.body["amount"]) == (201, "open", 2500)
    assert shop.metrics.times(Metric.ORDER_PAID) == 0


def test_a_cancellation_that_comes_first_refuses_the_payment(shop: Shop, monkeypatch: pytest.MonkeyPatch) -> None:
    order_id = shop.create(**FREE)
    overtaking(shop, monkeypatch, "settle_free", lambda: shop.call("order_cancel", order_id))
    assert shop.pay(order_id).code == "order-cancelled"
    assert shop.status(order_id) == "cancelled"


def test_of_two_requests_one_pays_and_the_other_hears_that_it_is_paid(
    shop: Shop, monkeypatch: pytest.MonkeyPatch
) -> None:
    order_id = shop.create(**FREE)
    overtaking(shop, monkeypatch, "settle_free", lambda: shop.pay(order_id, "other"))
    assert shop.pay(order_id).code == "order-paid"
    assert shop.head(order_id).attempts_made == 1


def test_a_write_whose_answer_was_lost_is_found_by_the_same_key(shop: Shop, monkeypatch: pytest.MonkeyPatch) -> None:
    order_id = shop.create(**FREE)
    apply = DynamoOrderStore.apply

    def lost(store: DynamoOrderStore, order: str, transition: Transition) -> Applied | Rejected:
        outcome = apply(store, order, transition)
        if transition.name == "settle_free":
            raise StoreUnavailable("UpdateItem: timeout")
        return outcome

    monkeypatch.setattr(DynamoOrderStore, "apply", lost)
    assert shop.pay(order_id).code == "store-unavailable"
    again = shop.pay(order_id)
    assert (again.status, again.body["status"], shop.head(order_id).version) == (200, "succeeded", 2)


def test_what_was_paid_for_an_earlier_revision_goes_back(shop: Shop) -> None:
    order_id, earlier = shop.locked()
    shop.cancel_payment(order_id, earlier)
    shop.edit(order_id, 1, SELLER, lines=[TEA, COUPON])
    assert shop.pay(order_id, "free").status == 201
    shop.money(earlier)
    order = shop.read(order_id).body
    assert (order["payment_status"], [money["status"] for money in order["unapplied"]]) == ("paid", ["due"])
    shop.sweep()
    (refunded,) = shop.read(order_id).body["unapplied"]
    assert (refunded["status"], refunded["amount"]) == ("refunded", 2500)


def test_it_is_final_and_has_nothing_to_give_back(shop: Shop) -> None:
    order_id = shop.create(**FREE)
    attempt_id = shop.pay(order_id).body["attempt_id"]
    before = shop.head(order_id)
    assert shop.cancel_payment(order_id, attempt_id).code == "payment-completed"
    assert shop.edit(order_id, 1, SELLER, note="x").code == "order-paid"
    assert shop.call("order_cancel", order_id).code == "order-paid"
    assert shop.stop_and_change(order_id, attempt_id, note="x").code == "payment-completed"
    rechecked = shop.operator("recheck", order_id, attempt_id)
    assert (rechecked.status, rechecked.body["payment_status"]) == (200, "paid")
    assert shop.operator("release", order_id, attempt_id).status == 409
    shop.sweep()
    assert shop.head(order_id) == before


def test_a_gateway_that_reports_money_for_it_owes_that_money(shop: Shop) -> None:
    order_id = shop.create(**FREE)
    attempt_id = shop.pay(order_id).body["attempt_id"]
    shop.callback(shop.gateway.signed("payment.succeeded", attempt_id, Capture("pay-stray", 2500, "EUR")))
    order = shop.read(order_id).body
    assert (order["payment_status"], order["payment"]["captured"]) == ("paid", None)
    assert [money["payment_id"] for money in order["unapplied"]] == ["pay-stray"]
