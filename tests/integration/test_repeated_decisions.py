"""A repeated decision of an operator, after a lost answer, gets the answer of the first; another one a conflict."""

from collections.abc import Callable
from dataclasses import replace

import pytest

from local.api_client import ApiResponse
from paylatch.domain.order import Order
from paylatch.domain.payment import Dispute, DisputeStatus
from paylatch.ports import GatewayEvent, GatewayEventKind
from tests.integration.shop import Shop
from tests.lambda_events import SELLER


@pytest.mark.parametrize("action", ["settle", "refund"])
def test_a_repeated_resolution_is_answered_as_made(shop: Shop, action: str) -> None:
    order_id, attempt_id = shop.locked()
    shop.money(attempt_id, amount=1)
    assert shop.status(order_id) == "review"
    decision = {"action": action, "reason": "agreed with the buyer"}
    first, again = (shop.operator("resolution", order_id, attempt_id, body=decision) for _ in range(2))
    assert (first.status, again.status) == (200, 200)
    assert first.body["payment_status"] == again.body["payment_status"]


@pytest.mark.parametrize(("first", "second"), [("settle", "refund"), ("refund", "settle")])
def test_the_other_decision_afterwards_is_a_conflict_that_says_which_was_made(
    shop: Shop, first: str, second: str
) -> None:
    order_id, attempt_id = shop.locked()
    shop.money(attempt_id, amount=1)
    decide(shop, order_id, attempt_id, first)
    before = shop.head(order_id)
    refused = decide(shop, order_id, attempt_id, second)
    assert (refused.status, refused.code) == (409, "decided-otherwise")
    assert first in refused.body["detail"]
    assert shop.head(order_id) == before


@pytest.mark.parametrize(("first", "second"), [("settle", "refund"), ("refund", "settle")])
def test_of_two_operators_who_decide_at_once_one_gets_that_conflict(
    shop: Shop, first: str, second: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    order_id, attempt_id = shop.locked()
    shop.money(attempt_id, amount=1)
    read, store = shop.ports.store.read_head, shop.ports.store

    def read_before_the_other(of: str) -> Order | None:
        """The other operator decides between this one's read and write."""
        order = read(of)
        monkeypatch.setattr(store, "read_head", read)
        assert decide(shop, order_id, attempt_id, first).status == 200
        return order

    monkeypatch.setattr(store, "read_head", read_before_the_other)
    refused = decide(shop, order_id, attempt_id, second)
    assert (refused.status, refused.code) == (409, "decided-otherwise")


@pytest.mark.parametrize("action", ["settle", "refund"])
def test_a_refund_that_the_shop_asked_for_is_no_decision_about_a_review(shop: Shop, action: str) -> None:
    order_id, attempt_id = shop.locked()
    shop.money(attempt_id)
    shop.call("refund", order_id, person=SELLER, body={"amount": 100, "reason": "given back after review"})
    shop.sweep()
    refused = decide(shop, order_id, attempt_id, action)
    assert (refused.status, refused.code) == (400, "invalid-request")


def test_a_payment_of_which_a_part_went_back_before_its_review_was_settled_is_settled_again(shop: Shop) -> None:
    order_id, attempt_id = shop.locked()
    shop.gateway.capture_payment(attempt_id, returned=500)
    shop.cancel_payment(order_id, attempt_id)
    assert shop.status(order_id) == "review"
    assert [decide(shop, order_id, attempt_id, "settle").status for _ in range(2)] == [200, 200]
    shop.call("refund", order_id, person=SELLER, body={"amount": 100, "reason": "broken"})
    shop.sweep()
    assert decide(shop, order_id, attempt_id, "settle").status == 200
    assert decide(shop, order_id, attempt_id, "refund").code == "decided-otherwise"


def went_back_by_hand(shop: Shop, attempt_id: str) -> GatewayEvent:
    shop.gateway.money[attempt_id] = replace(shop.gateway.money[attempt_id], returned=500)
    return GatewayEvent(GatewayEventKind.MONEY_RETURNED, attempt_id, capture=shop.gateway.money[attempt_id])


def lost_in_a_dispute(shop: Shop, attempt_id: str) -> GatewayEvent:
    paid = shop.gateway.money[attempt_id] = replace(shop.gateway.money[attempt_id], returned=2500)
    lost = Dispute("dispute-1", paid.payment_id, 2500, "EUR", DisputeStatus.LOST)
    return GatewayEvent(GatewayEventKind.DISPUTED, attempt_id, dispute=lost)


@pytest.mark.parametrize("action", ["settle", "refund"])
@pytest.mark.parametrize("event_of", [went_back_by_hand, lost_in_a_dispute])
def test_money_that_went_back_after_it_paid_is_no_decision_about_a_review(
    shop: Shop, event_of: Callable[[Shop, str], GatewayEvent], action: str
) -> None:
    order_id, attempt_id = shop.locked()
    shop.money(attempt_id)
    shop.gateway.gateway_events = (event_of(shop, attempt_id),)
    assert shop.callback(shop.gateway.signed("x", attempt_id)).status == 204
    assert shop.read(order_id).body["ledger"]["returned"] > 0
    refused = decide(shop, order_id, attempt_id, action)
    assert (refused.status, refused.code) == (400, "invalid-request")


def decide(shop: Shop, order_id: str, attempt_id: str, action: str) -> ApiResponse:
    return shop.operator("resolution", order_id, attempt_id, body={"action": action, "reason": "agreed"})
