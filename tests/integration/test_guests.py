"""Guests: a service acts for them, and hands an unlocked order over to the account that they get."""

from collections.abc import Callable
from datetime import timedelta
from typing import Any

import pytest

from local.api_client import ApiResponse
from paylatch.store.connection import TableConnection
from tests.api.handler_transport import client_of
from tests.integration.dynamodb_tap import Tap
from tests.integration.shop import Shop
from tests.integration.test_free_orders import overtaking
from tests.lambda_events import BUYER, OPERATOR, OTHER_CALLER, SELLER, SERVICE, Person

GUEST = "guest-9f3c2a"
# A shop names its guests itself; nobody has a token with that name.
AS_GUEST = Person(GUEST, "buyer")


def hand_over(shop: Shop, order_id: str, revision: int = 1, person: Person = SERVICE, **fields: Any) -> ApiResponse:
    return shop.edit(order_id, revision, person, **{"buyer_id": BUYER.subject, **fields})


def listed(person: Person) -> list[str]:
    return [order["order_id"] for order in client_of(person).list_orders().body["orders"]]


def test_a_service_acts_for_a_guest(shop: Shop) -> None:
    order_id = shop.create(buyer_id=GUEST)
    attempt_id = shop.pay(order_id, person=SERVICE).body["attempt_id"]
    assert shop.cancel_payment(order_id, attempt_id, SERVICE).status == 200
    assert shop.edit(order_id, 1, SERVICE, note="Ring twice.").status == 200
    shop.money(shop.pay(order_id, "again", SERVICE).body["attempt_id"])
    assert shop.read(order_id, SERVICE).body["payment_status"] == "paid"


def test_an_order_handed_over_is_the_new_buyers_and_the_old_ones_no_more(shop: Shop) -> None:
    order_id = shop.create(buyer_id=GUEST)
    answer = hand_over(shop, order_id)
    assert (answer.status, answer.body["buyer_id"], answer.body["revision"]) == (200, BUYER.subject, 1)
    assert (shop.read(order_id).status, shop.read(order_id, AS_GUEST).code) == (200, "order-not-found")
    assert (listed(BUYER), listed(AS_GUEST)) == ([order_id], [])
    assert shop.pay(order_id, "guest", AS_GUEST).code == "order-not-found"
    assert shop.pay(order_id).status == 201


def test_a_hand_over_is_one_read_of_head_and_content_and_one_write(shop: Shop, orders_table: TableConnection) -> None:
    order_id = shop.create(buyer_id=GUEST)
    with Tap(orders_table).attached() as tap:
        hand_over(shop, order_id)
    assert tap.sent == ["GetItem", "UpdateItem", "GetItem"]
    head = shop.head(order_id)
    assert (head.last_event.type, head.last_event.actor, head.version) == ("OrderHandedOver", SERVICE.subject, 2)


def test_the_same_hand_over_again_changes_nothing_whatever_the_order_is_by_then(shop: Shop) -> None:
    order_id = shop.create(buyer_id=GUEST)
    hand_over(shop, order_id)
    for locked in (False, True):
        if locked:
            shop.pay(order_id)
        before = shop.head(order_id)
        assert hand_over(shop, order_id).status == 200
        assert shop.head(order_id) == before


@pytest.mark.parametrize(
    ("person", "status", "code"),
    [
        (AS_GUEST, 403, "edit-not-allowed"),
        (SELLER, 403, "edit-not-allowed"),
        (OPERATOR, 403, "not-allowed"),
        (OTHER_CALLER, 404, "order-not-found"),
    ],
    ids=lambda value: str(getattr(value, "role", value)),
)
def test_only_a_service_hands_over(shop: Shop, person: Person, status: int, code: str) -> None:
    order_id = shop.create(buyer_id=GUEST)
    before = shop.head(order_id)
    answer = hand_over(shop, order_id, person=person)
    assert (answer.status, answer.code) == (status, code)
    assert shop.head(order_id) == before


@pytest.mark.parametrize(
    ("fields", "field"), [({"buyer_id": None}, "buyer_id"), ({"buyer_id": ""}, "buyer_id"), ({"note": "x"}, "note")]
)
def test_a_wrong_hand_over_is_named_and_nothing_is_written(shop: Shop, fields: dict[str, Any], field: str) -> None:
    order_id = shop.create(buyer_id=GUEST)
    before = shop.head(order_id)
    answer = hand_over(shop, order_id, **fields)
    assert (answer.status, answer.body["errors"][0]["field"]) == (400, field)
    assert shop.head(order_id) == before


def test_a_locked_a_paid_and_an_edited_order_is_not_handed_over(shop: Shop) -> None:
    order_id = shop.create(buyer_id=GUEST)
    attempt_id = shop.pay(order_id, person=SERVICE).body["attempt_id"]
    before = shop.head(order_id)
    assert hand_over(shop, order_id).code == "order-locked"
    assert shop.head(order_id) == before
    shop.money(attempt_id)
    assert hand_over(shop, order_id).code == "order-paid"
    edited = shop.create(buyer_id=GUEST)
    shop.edit(edited, 1, SERVICE, note="x")
    assert hand_over(shop, edited).code == "revision-mismatch"


def test_a_payment_request_of_the_old_buyer_that_comes_after_locks_nothing(
    shop: Shop, monkeypatch: pytest.MonkeyPatch
) -> None:
    order_id = shop.create(buyer_id=GUEST)
    overtaking(shop, monkeypatch, "lock", lambda: hand_over(shop, order_id))
    assert shop.pay(order_id, person=AS_GUEST).code == "order-not-found"
    head = shop.head(order_id)
    assert (head.status.value, head.buyer_id, head.attempt) == ("pending_payment", BUYER.subject, None)


def test_a_hand_over_that_a_payment_request_overtakes_is_refused(shop: Shop, monkeypatch: pytest.MonkeyPatch) -> None:
    order_id = shop.create(buyer_id=GUEST)
    overtaking(shop, monkeypatch, "hand_over", lambda: shop.pay(order_id, person=AS_GUEST))
    assert hand_over(shop, order_id).code == "order-locked"
    assert shop.head(order_id).buyer_id == GUEST


def test_housekeeping_in_between_does_not_refuse_it(shop: Shop, monkeypatch: pytest.MonkeyPatch) -> None:
    """A version moved by others, with the revision as it was: planned anew."""
    order_id = shop.create(buyer_id=GUEST, pay_by=None)
    shop.clock.advance(timedelta(seconds=1))

    def paid_and_given_up() -> None:
        shop.cancel_payment(order_id, shop.pay(order_id, person=SERVICE).body["attempt_id"], SERVICE)

    overtaking(shop, monkeypatch, "hand_over", paid_and_given_up)
    assert hand_over(shop, order_id).status == 200
    assert shop.head(order_id).buyer_id == BUYER.subject


def test_an_edit_of_the_old_buyer_that_comes_after_is_not_found_and_leaves_nothing(
    shop: Shop, monkeypatch: pytest.MonkeyPatch, contents: Callable[[], int]
) -> None:
    order_id = shop.create(buyer_id=GUEST)
    overtaking(shop, monkeypatch, "edit", lambda: hand_over(shop, order_id))
    assert shop.edit(order_id, 1, AS_GUEST, note="mine").code == "order-not-found"
    assert (shop.head(order_id).revision, contents()) == (1, 1)


def released_and_handed_over(shop: Shop, order_id: str, attempt_id: str) -> None:
    """Another writer releases the order, and a service hands it over with the new buyer's address."""
    shop.cancel_payment(order_id, attempt_id, SERVICE)
    assert hand_over(shop, order_id).status == 200
    assert shop.edit(order_id, 1, note="The new buyer's own.").status == 200


def stop_and_change(shop: Shop, order_id: str, attempt_id: str) -> ApiResponse:
    return shop.stop_and_change(order_id, attempt_id, person=AS_GUEST, note="mine")


def recheck(shop: Shop, order_id: str, attempt_id: str) -> ApiResponse:
    return shop.call("recheck", order_id, attempt_id=attempt_id, person=AS_GUEST)


def stop(shop: Shop, order_id: str, attempt_id: str) -> ApiResponse:
    return shop.cancel_payment(order_id, attempt_id, AS_GUEST)


@pytest.mark.parametrize(("call", "asked"), [(recheck, "query"), (stop, "void"), (stop_and_change, "void")])
def test_an_order_that_is_handed_over_while_its_gateway_is_asked_is_not_shown_to_the_old_buyer(
    shop: Shop, call: Callable[[Shop, str, str], ApiResponse], asked: str
) -> None:
    order_id = shop.create(buyer_id=GUEST)
    attempt_id = shop.pay(order_id, person=AS_GUEST).body["attempt_id"]
    shop.gateway.during(asked, lambda: released_and_handed_over(shop, order_id, attempt_id))
    answer = call(shop, order_id, attempt_id)
    assert (answer.status, answer.code) == (404, "order-not-found")
    assert "The new buyer's own." not in str(answer.body)
