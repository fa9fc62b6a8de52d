"""Another's order is not found; an operator reads orders, and does not change them."""

import pytest

from openapi.operations import OPERATIONS
from tests.integration.shop import Shop
from tests.lambda_events import BUYER, OTHER_CALLER, SELLER, SERVICE, Person, event

# Calls by the names of their examples in `events/`.

CALLS = [
    "order_read",
    "order_edit",
    "order_cancel",
    "order_history",
    "pay_link",
    "payment_request",
    "payment_read",
    "payment_cancellation",
    "stop_and_change",
    "recheck",
]
WRITES = ["order_edit", "order_cancel", "pay_link", "payment_request", "payment_cancellation", "stop_and_change"]
FOR_OPERATORS = ["resolution", "release", "write_off"]
BY_THE_SHOP = ["settlement", "refund"]
BY_SERVICES = ["erasure"]
READS = ["order_read", "order_history", "payment_read", "recheck"]
NON_OWNERS = [
    OTHER_CALLER,
    Person("another-seller", "seller"),
    Person("b7a0c5d2-13f4-4b0e-a7c9-6a1c1f0e9d22", "buyer"),
    Person("5c1f3f9e-8f0e-4c1c-9c37-1f1d6f6a0b11", "seller"),
]


def test_every_call_about_an_order_is_in_these_lists() -> None:
    listed = {event(name)["routeKey"] for name in [*CALLS, *BY_THE_SHOP, *BY_SERVICES, *FOR_OPERATORS]}
    about_an_order = {operation.route for operation in OPERATIONS if "{order_id}" in operation.route}
    assert listed == about_an_order, "an example in events/, and its name in one of the lists of this file"
    assert {*READS, *WRITES} == {*CALLS}, "this file: `READS` or `WRITES`"


@pytest.mark.parametrize("person", NON_OWNERS, ids=["buyer", "seller", "seller as buyer", "buyer as seller"])
@pytest.mark.parametrize("name", [*CALLS, *BY_THE_SHOP, *BY_SERVICES])
def test_an_order_of_another_owner_is_404_everywhere(shop: Shop, name: str, person: Person) -> None:
    order_id, attempt_id = shop.locked()
    before = shop.head(order_id)
    answer = shop.call(name, order_id, attempt_id=attempt_id, person=person)
    nowhere = shop.call(name, "7777777777777777", attempt_id=attempt_id, person=person)
    assert (answer.status, answer.code) == (404, "order-not-found")
    assert answer.body == {**nowhere.body, "detail": f"There is no order {order_id}."}, "as if it were not there"
    assert shop.head(order_id) == before


@pytest.mark.parametrize("person", NON_OWNERS)
@pytest.mark.parametrize(
    "name", ["order_edit", "order_cancel", "pay_link", "payment_request", "settlement", "refund", "erasure"]
)
def test_a_write_by_a_non_owner_does_not_change_an_unlocked_order(shop: Shop, name: str, person: Person) -> None:
    order_id = shop.create()
    before = shop.head(order_id)
    assert shop.call(name, order_id, person=person).code == "order-not-found"
    assert shop.head(order_id) == before


@pytest.mark.parametrize("name", READS)
def test_an_operator_reads_every_order(shop: Shop, name: str) -> None:
    order_id, attempt_id = shop.locked()
    assert shop.operator(name, order_id, attempt_id).status == 200


@pytest.mark.parametrize("locked", [True, False])
@pytest.mark.parametrize("name", WRITES)
def test_an_operator_changes_no_order(shop: Shop, name: str, locked: bool) -> None:
    order_id, attempt_id = shop.locked()
    if not locked:
        shop.cancel_payment(order_id, attempt_id)
    before = shop.head(order_id)
    answer = shop.operator(name, order_id, attempt_id)
    assert (answer.status, answer.code) == (403, "not-allowed")
    assert shop.head(order_id) == before


OF_NO_ORDER = (
    *("attention", "attention_groups", "group_recheck", "group_release"),
    *("reconcile_day", "handle_finding", "replay"),
)


@pytest.mark.parametrize("person", [BUYER, SELLER, SERVICE])
@pytest.mark.parametrize("name", [*OF_NO_ORDER, *FOR_OPERATORS])
def test_a_call_for_operators_is_refused_to_everybody_else(shop: Shop, name: str, person: Person) -> None:
    order_id, attempt_id = shop.locked()
    shop.money(attempt_id, amount=2400)
    before = shop.head(order_id)
    answer = shop.call(name, order_id, attempt_id=attempt_id, person=person)
    assert (answer.status, answer.code) == (403, "not-allowed")
    assert shop.head(order_id) == before


@pytest.mark.parametrize("claims", [{}, {"sub": "x"}, {"sub": "x", "cognito:groups": "[admin]"}, {"sub": ""}])
def test_a_token_without_a_subject_and_a_known_role_may_do_nothing(shop: Shop, claims: dict[str, str]) -> None:
    order_id = shop.create()
    filled = event("order_read")
    filled["requestContext"]["authorizer"]["jwt"]["claims"] = claims
    answer = shop.send("order_read", filled)
    assert (answer.status, answer.code) == (403, "not-allowed")
    assert shop.status(order_id) == "pending_payment"


def test_a_request_that_passed_no_authorizer_may_do_nothing(shop: Shop) -> None:
    filled = event("order_create")
    del filled["requestContext"]["authorizer"]
    assert shop.send("order_create", filled).code == "not-allowed"


def test_the_contract_is_for_everybody(shop: Shop) -> None:
    answer = shop.send("openapi", event("openapi"))
    assert (answer.status, answer.body["openapi"]) == (200, "3.1.0")
