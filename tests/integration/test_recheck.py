"""A buyer is back before the gateway's callback (mollie/PrestaShop#1510: paid, and shown as unpaid)."""

from datetime import timedelta

import pytest

from local.api_client import ApiResponse
from paylatch.domain.errors import OutcomeUnknown
from paylatch.ports import VoidAnswer, VoidKind
from paylatch.store.connection import TableConnection
from tests.integration.shop import Shop
from tests.lambda_events import BUYER, OPERATOR, SELLER, SERVICE, Person
from tests.orders_table import client_of

SECONDS = timedelta(seconds=1)
CALLERS = pytest.mark.parametrize("person", [BUYER, SELLER, SERVICE], ids=["buyer", "seller", "service"])


def recheck(shop: Shop, order_id: str, attempt_id: str, person: Person = BUYER) -> ApiResponse:
    return shop.call("recheck", order_id, attempt_id=attempt_id, person=person)


@CALLERS
def test_a_payment_whose_callback_is_not_here_yet_is_found_by_asking(shop: Shop, person: Person) -> None:
    order_id, attempt_id = shop.locked()
    shop.gateway.capture_payment(attempt_id)
    answer = recheck(shop, order_id, attempt_id, person)
    assert (answer.status, answer.body["payment_status"]) == (200, "paid")
    assert shop.money(attempt_id).status == 204, "the callback that comes later changes nothing"
    assert shop.head(order_id).last_event.type == "OrderPaid"


def test_a_payment_under_way_is_found_by_asking(shop: Shop) -> None:
    order_id, attempt_id = shop.locked()
    shop.gateway.submit_payment(attempt_id)
    assert recheck(shop, order_id, attempt_id).body["payment"]["status"] == "processing"


def test_a_session_that_ended_unpaid_gives_the_order_back(shop: Shop) -> None:
    order_id, attempt_id = shop.locked()
    shop.gateway.closed.add(attempt_id)
    assert recheck(shop, order_id, attempt_id).body["payment_status"] == "pending_payment"


def test_a_session_that_is_still_open_changes_nothing(shop: Shop) -> None:
    order_id, attempt_id = shop.locked()
    before = shop.head(order_id)
    assert recheck(shop, order_id, attempt_id).status == 200
    assert shop.head(order_id) == before


def test_a_release_that_waits_is_asked_about_again(shop: Shop) -> None:
    order_id, attempt_id = shop.locked()
    shop.gateway.answer_with("void", VoidAnswer(VoidKind.IN_PROGRESS))
    shop.cancel_payment(order_id, attempt_id)
    assert recheck(shop, order_id, attempt_id).body["payment_status"] == "pending_payment"


def test_the_gateway_is_asked_once_in_five_seconds_about_one_order_whoever_calls(shop: Shop) -> None:
    order_id, attempt_id = shop.locked()
    for person in (BUYER, SELLER, SERVICE, BUYER):
        assert recheck(shop, order_id, attempt_id, person).status == 200
    assert len(shop.gateway.calls("query")) == 1
    shop.clock.advance(5 * SECONDS - timedelta(milliseconds=1))
    recheck(shop, order_id, attempt_id)
    assert len(shop.gateway.calls("query")) == 1
    shop.clock.advance(timedelta(milliseconds=1))
    recheck(shop, order_id, attempt_id)
    assert len(shop.gateway.calls("query")) == 2


def test_in_between_the_last_answer_is_given(shop: Shop) -> None:
    order_id, attempt_id = shop.locked()
    recheck(shop, order_id, attempt_id)
    shop.gateway.capture_payment(attempt_id)
    assert recheck(shop, order_id, attempt_id).body["payment_status"] == "in_payment"
    shop.clock.advance(5 * SECONDS)
    assert recheck(shop, order_id, attempt_id).body["payment_status"] == "paid"


def test_another_order_is_asked_about_all_the_same(shop: Shop) -> None:
    for order_id, attempt_id in (shop.locked("first"), shop.locked("second")):
        recheck(shop, order_id, attempt_id)
    assert len(shop.gateway.calls("query")) == 2


def test_an_operator_is_not_bound_and_binds_nobody(shop: Shop) -> None:
    order_id, attempt_id = shop.locked()
    for person in (OPERATOR, BUYER, OPERATOR):
        assert recheck(shop, order_id, attempt_id, person).status == 200
    assert len(shop.gateway.calls("query")) == 3


def test_nothing_is_asked_about_a_payment_that_can_bring_nothing_new(shop: Shop) -> None:
    order_id, attempt_id = shop.locked()
    shop.money(attempt_id)
    assert recheck(shop, order_id, attempt_id).body["payment_status"] == "paid"
    other, ended = shop.locked("another")
    shop.cancel_payment(other, ended)
    assert recheck(shop, other, ended).body["payment_status"] == "pending_payment"
    assert shop.gateway.calls("query") == []


def test_the_refunds_of_a_payment_are_requested_again_for_operators_only(shop: Shop) -> None:
    order_id, first, _ = shop.paid_twice_after_an_edit()
    recheck(shop, order_id, first)
    assert shop.gateway.calls("refund") == []
    recheck(shop, order_id, first, OPERATOR)
    assert len(shop.gateway.calls("refund")) == 1


def test_without_an_answer_the_order_stays_as_it_is(shop: Shop) -> None:
    order_id, attempt_id = shop.locked()
    before = shop.head(order_id)
    shop.gateway.answer_with("query", OutcomeUnknown("sandbox", "no answer"))
    answer = recheck(shop, order_id, attempt_id)
    assert (answer.status, answer.code) == (503, "gateway-unavailable")
    assert shop.head(order_id) == before
    assert recheck(shop, order_id, attempt_id).status == 200


def test_the_bound_is_an_item_of_its_own_that_expires_and_the_head_is_not_written(
    shop: Shop, orders_table: TableConnection
) -> None:
    order_id, attempt_id = shop.locked()
    version = shop.head(order_id).version
    recheck(shop, order_id, attempt_id)
    assert shop.head(order_id).version == version
    key = {"pk": {"S": f"ORDER#{order_id}"}, "sk": {"S": "LOOK#"}}
    item = client_of(orders_table).get_item(TableName=orders_table.table, Key=key)["Item"]
    left = int(item["ttl"]["N"]) - shop.clock.now().timestamp()
    assert 5 < left <= 3600
    assert set(item) == {"pk", "sk", "asked_at", "ttl"}


def test_an_attempt_that_the_order_does_not_have_is_404(shop: Shop) -> None:
    order_id, _ = shop.locked()
    assert recheck(shop, order_id, f"{order_id}_77777777").code == "attempt-not-found"
    assert shop.gateway.calls("query") == []
