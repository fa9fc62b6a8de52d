"""A gateway that will not take a payment: what is known beforehand locks nothing, and the shop learns the cause."""

from collections.abc import Callable
from dataclasses import replace

import pytest

from paylatch.domain.amount_rules import AmountRules
from paylatch.domain.errors import Refused
from paylatch.domain.ids import derived_attempt_id
from tests.api.handler_transport import client_of
from tests.integration.shop import KEY, Shop
from tests.lambda_events import BUYER, OPERATOR, SELLER, SERVICE, Person
from tests.recorded_events import event_of

CAUSE = "amount_too_small: the amount must convert to at least 50 cents"
SHOPS = pytest.mark.parametrize("person", [SELLER, SERVICE], ids=["seller", "service"])


def knowing(shop: Shop, **known: object) -> None:
    """The gateway's adapter knows so much of the sums that it takes."""
    rules = replace(AmountRules(currencies=None, steps={}), **known)  # type: ignore[arg-type]
    shop.gateway.capabilities = replace(shop.gateway.capabilities, amounts=rules)


@pytest.mark.parametrize(
    ("known", "field", "problem"),
    [
        ({"currencies": frozenset({"CNY"})}, "currency", "must be CNY, and is EUR: sandbox takes no other"),
        ({"steps": {"EUR": 1000}}, "total", "must be a multiple of 1000 minor units in EUR, and is 2500"),
    ],
    ids=["currency", "step"],
)
def test_a_sum_that_the_gateway_is_known_not_to_take_is_refused_by_name_and_nothing_is_written(
    shop: Shop, known: dict[str, object], field: str, problem: str, nothing_written: Callable[[], bool]
) -> None:
    order_id = shop.create()
    knowing(shop, **known)
    nothing_written()
    answer = shop.pay(order_id)
    assert (answer.status, answer.code) == (400, "invalid-request")
    (error,) = answer.document["errors"]
    assert error["field"] == field
    assert error["problem"].startswith(problem)
    assert nothing_written()
    assert shop.gateway.asked == []


@pytest.mark.parametrize(
    "known",
    [
        {"currencies": frozenset({"EUR", "PLN"})},
        {"steps": {"EUR": 500, "USD": 7}},
    ],
    ids=["currency", "step"],
)
def test_any_other_sum_is_paid(shop: Shop, known: dict[str, object]) -> None:
    order_id = shop.create()
    knowing(shop, **known)
    assert shop.pay(order_id).status == 201


def test_a_part_that_the_gateway_is_known_not_to_give_back_is_refused_by_name_and_any_other_is_due(
    shop: Shop, nothing_written: Callable[[], bool]
) -> None:
    order_id, attempt_id = shop.locked()
    shop.money(attempt_id)
    knowing(shop, steps={"EUR": 500})
    nothing_written()
    refused = client_of(SELLER).refund(order_id, "return-1", 1001, "damaged")
    assert (refused.status, refused.code, nothing_written()) == (400, "invalid-request", True)
    (error,) = refused.document["errors"]
    assert error["field"] == "amount"
    assert error["problem"].endswith("and is 1001: sandbox takes no other")
    assert client_of(SELLER).refund(order_id, "return-1", 1000, "damaged").status == 201


def test_a_gateway_rule_does_not_hold_for_what_is_given_back_by_hand(shop: Shop) -> None:
    order_id = shop.create()
    cash = {"method": "cash", "amount": 2500, "note": "receipt 4711"}
    assert shop.call("settlement", order_id, body=cash, person=SELLER).status == 200
    knowing(shop, steps={"EUR": 500})
    assert client_of(SELLER).refund(order_id, "return-1", 1001, "damaged").status == 201


def test_whoever_may_not_pay_learns_nothing_of_the_sum(shop: Shop) -> None:
    order_id = shop.create()
    knowing(shop, currencies=frozenset({"CNY"}))
    assert shop.pay(order_id, person=Person("another-buyer", "buyer")).code == "order-not-found"
    assert shop.pay(order_id, person=OPERATOR).code == "not-allowed"


def test_a_payment_that_was_begun_before_the_rule_was_known_is_answered_as_the_first_time(shop: Shop) -> None:
    order_id, attempt_id = shop.locked()
    knowing(shop, currencies=frozenset({"CNY"}))
    again = shop.pay(order_id)
    assert (again.status, again.body["attempt_id"]) == (201, attempt_id)
    assert shop.pay(order_id, "another").code == "order-locked"


@SHOPS
def test_seller_and_service_learn_why_the_gateway_refused(shop: Shop, person: Person) -> None:
    order_id = shop.create()
    shop.gateway.answer_with("open", Refused("sandbox", CAUSE))
    answer = shop.pay(order_id, person=person)
    assert (answer.status, answer.code, answer.document["cause"]) == (502, "gateway-refused", CAUSE)
    assert CAUSE not in answer.document["detail"]


def test_a_buyer_does_not(shop: Shop) -> None:
    order_id = shop.create()
    shop.gateway.answer_with("open", Refused("sandbox", CAUSE))
    answer = shop.pay(order_id)
    assert (answer.status, answer.code, answer.document["cause"]) == (502, "gateway-refused", None)
    assert "amount_too_small" not in str(answer.document)


def test_the_history_tells_the_shop_the_cause_of_a_buyers_failed_payment_and_not_the_buyer(shop: Shop) -> None:
    order_id = shop.create()
    shop.gateway.answer_with("open", Refused("sandbox", CAUSE))
    shop.pay(order_id)
    shop.ports.store.record_events([event_of(shop.head(order_id))])
    for person, shown in ((SELLER, CAUSE), (SERVICE, CAUSE), (OPERATOR, CAUSE), (BUYER, None)):
        (event,) = shop.call("order_history", order_id, person=person).body["events"]
        assert (event["type"], event["detail"]["reason"]) == ("OrderUnlocked", "declined")
        assert event["detail"].get("cause") == shown


def test_a_cause_without_end_or_encoding_is_cut_and_recorded(shop: Shop) -> None:
    order_id = shop.create()
    shop.gateway.answer_with("open", Refused("sandbox", "\ud800" + "x" * 10_000))
    answer = shop.pay(order_id, person=SERVICE)
    assert answer.status == 502
    assert len(answer.document["cause"]) <= 300
    assert len(str((shop.head(order_id).last_event.detail or {})["cause"])) == 200


def test_a_secret_in_a_gateways_words_is_not_shown(shop: Shop) -> None:
    order_id = shop.create()
    shop.gateway.answer_with("open", Refused("sandbox", "bad key sk_live_0123456789"))
    assert "0123456789" not in str(shop.pay(order_id, person=SERVICE).document)


def test_the_same_key_again_is_refused_again(shop: Shop) -> None:
    order_id = shop.create()
    shop.gateway.answer_with("open", Refused("sandbox", CAUSE))
    assert shop.pay(order_id, person=SERVICE).code == "gateway-refused"
    assert shop.pay(order_id, person=SERVICE).code == "gateway-refused"
    assert derived_attempt_id(order_id, SERVICE.subject, KEY) in shop.head(order_id).past_attempts
