"""A report is not the present state: money that a gateway has returned pays for nothing (mollie#1252)."""

from collections.abc import Callable
from dataclasses import replace
from datetime import timedelta

import pytest

from paylatch.domain.errors import OutcomeUnknown
from paylatch.domain.limits import FIRST_WAIT
from paylatch.domain.payment import Capture, PaymentPlace
from paylatch.ports import Metric, VoidAnswer, VoidKind
from tests.integration.shop import TTL, Shop
from tests.lambda_events import OPERATOR

AGO = timedelta(minutes=16)


def released(shop: Shop) -> tuple[str, str, Capture]:
    """An order that was given back, and money that came for its attempt all the same."""
    order_id, attempt_id = shop.locked()
    shop.cancel_payment(order_id, attempt_id)
    return order_id, attempt_id, shop.gateway.capture_payment(attempt_id)


def given_back(shop: Shop, capture: Capture, attempt_id: str, returned: int = 2500) -> Capture:
    """A manual refund at the gateway."""
    shop.gateway.money[attempt_id] = replace(capture, returned=returned)
    return shop.gateway.money[attempt_id]


def test_paid_refunded_manually_cancelled_and_then_reported_is_not_paid(shop: Shop) -> None:
    order_id, attempt_id = shop.locked()
    capture = shop.gateway.capture_payment(attempt_id)
    paid = shop.gateway.signed("payment.succeeded", attempt_id, capture)
    given_back(shop, capture, attempt_id)
    answer = shop.cancel_payment(order_id, attempt_id)
    assert (answer.status, answer.body["payment_status"]) == (200, "pending_payment")
    assert shop.head(order_id).past_attempts[attempt_id].status == "cancelled"
    assert shop.callback(paid).status == 204
    assert shop.status(order_id) == "pending_payment"
    assert shop.head(order_id).refunds == {}
    (unapplied,) = shop.read(order_id).body["unapplied"]
    assert (unapplied["status"], unapplied["returned"], unapplied["refund_id"]) == ("returned", 2500, None)


@pytest.mark.parametrize(
    ("returned", "status", "unapplied"),
    [(0, "paid", []), (1000, "pending_payment", ["due"]), (2500, "pending_payment", ["returned"])],
)
def test_late_money_is_confirmed_before_it_pays(shop: Shop, returned: int, status: str, unapplied: list[str]) -> None:
    order_id, attempt_id, capture = released(shop)
    given_back(shop, capture, attempt_id, returned)
    assert shop.callback(shop.gateway.signed("payment.succeeded", attempt_id, capture)).status == 204
    order = shop.read(order_id).body
    assert (order["payment_status"], [entry["status"] for entry in order["unapplied"]]) == (status, unapplied)
    assert [refund.amount for refund in shop.head(order_id).refunds_due] == ([1500] if returned == 1000 else [])


def test_unconfirmed_late_money_is_claimed_and_checked_again(shop: Shop) -> None:
    order_id, attempt_id, capture = released(shop)
    shop.gateway.answer_with("query_payment", *[OutcomeUnknown("sandbox", "no answer")] * 2)
    assert shop.callback(shop.gateway.signed("payment.succeeded", attempt_id, capture)).status == 204
    assert shop.status(order_id) == "pending_payment"
    assert [entry["status"] for entry in shop.read(order_id).body["unapplied"]] == ["claimed"]
    shop.clock.advance(FIRST_WAIT)
    shop.sweep()
    assert shop.status(order_id) == "pending_payment"
    shop.clock.advance(2 * FIRST_WAIT)
    shop.sweep()
    assert shop.status(order_id) == "paid"


def test_a_claim_that_is_not_confirmed_for_an_hour_is_shown_to_operators(shop: Shop) -> None:
    order_id, attempt_id, capture = released(shop)
    shop.gateway.answer_with("query_payment", *[OutcomeUnknown("sandbox", "no answer")] * 20)
    shop.callback(shop.gateway.signed("payment.succeeded", attempt_id, capture))
    assert shop.operator("attention", order_id).body["orders"] == []
    for _ in range(8):
        shop.clock.advance(timedelta(minutes=10))
        shop.sweep()
    assert [order["order_id"] for order in shop.operator("attention", order_id).body["orders"]] == [order_id]


def test_a_claim_of_an_order_that_was_edited_since_goes_back(shop: Shop) -> None:
    order_id, attempt_id, capture = released(shop)
    shop.gateway.answer_with("query_payment", OutcomeUnknown("sandbox", "no answer"))
    shop.callback(shop.gateway.signed("payment.succeeded", attempt_id, capture))
    shop.edit_to_three_packets(order_id, 1)
    shop.clock.advance(FIRST_WAIT)
    shop.sweep()
    assert [refund.amount for refund in shop.head(order_id).refunds_due] == [2500]


@pytest.mark.parametrize(("returned", "status"), [(0, "paid"), (1000, "review"), (2500, "pending_payment")])
def test_an_old_statement_about_the_holder_is_confirmed_before_it_settles(
    shop: Shop, returned: int, status: str
) -> None:
    order_id, attempt_id = shop.locked()
    capture = shop.gateway.capture_payment(attempt_id)
    given_back(shop, capture, attempt_id, returned)
    callback = shop.gateway.signed("payment.succeeded", attempt_id, capture, stated_at=shop.clock.now() - AGO)
    assert shop.callback(callback).status == 204
    assert shop.status(order_id) == status
    assert len(shop.gateway.calls("query_payment")) == 1


def test_an_unconfirmed_old_statement_leaves_the_order_locked_and_is_not_acknowledged(shop: Shop) -> None:
    order_id, attempt_id = shop.locked()
    capture = shop.gateway.capture_payment(attempt_id)
    shop.gateway.answer_with("query_payment", OutcomeUnknown("sandbox", "no answer"))
    callback = shop.gateway.signed("payment.succeeded", attempt_id, capture, stated_at=shop.clock.now() - AGO)
    assert shop.callback(callback).status == 503
    assert shop.status(order_id) == "in_payment"
    assert shop.callback(callback).status == 204
    assert shop.status(order_id) == "paid"


def test_a_fresh_statement_settles_without_a_question(shop: Shop) -> None:
    order_id, attempt_id = shop.locked()
    shop.money(attempt_id)
    assert shop.status(order_id) == "paid"
    assert shop.gateway.calls("query_payment") == []


def test_a_sweep_releases_an_order_whose_money_was_returned_before(shop: Shop) -> None:
    order_id, attempt_id = shop.locked()
    given_back(shop, shop.gateway.capture_payment(attempt_id), attempt_id)
    shop.clock.advance(TTL)
    shop.sweep()
    assert shop.status(order_id) == "pending_payment"
    event = shop.head(order_id).last_event
    assert (event.actor, dict(event.detail or {})["reason"]) == ("sweep", "timed_out")
    assert dict(event.detail or {})["returned"] == 2500


def test_returned_money_of_a_live_link_changes_nothing(shop: Shop) -> None:
    order_id, attempt_id = shop.locked()
    shop.gateway.answer_with("void", VoidAnswer(VoidKind.NOT_VOIDABLE, until=shop.clock.now() + TTL))
    shop.cancel_payment(order_id, attempt_id)
    given_back(shop, shop.gateway.capture_payment(attempt_id), attempt_id)
    shop.clock.advance(TTL + timedelta(minutes=2))
    shop.sweep()
    head = shop.head(order_id)
    assert (head.status, head.refunds, head.live_links) == ("pending_payment", {}, 0)
    assert head.payments[f"pay_{attempt_id}"].returned == 2500


def paid(shop: Shop) -> tuple[str, str, Capture]:
    order_id, attempt_id = shop.locked()
    shop.money(attempt_id)
    return order_id, attempt_id, shop.gateway.money[attempt_id]


def test_money_returned_from_a_paid_order_is_recorded_in_any_order_of_callbacks(shop: Shop) -> None:
    """A refund made in the gateway's dashboard (StripePlugin#101): reported twice, the older report last."""
    order_id, attempt_id, capture = paid(shop)
    for returned in (1000, 2500, 1000):
        given_back(shop, capture, attempt_id, max(returned, shop.gateway.money[attempt_id].returned))
        event_type = shop.gateway.signed("payment.refunded", attempt_id, replace(capture, returned=returned))
        assert shop.callback(event_type).status == 204
    assert shop.status(order_id) == "paid"
    assert shop.head(order_id).payments[capture.payment_id].returned == 2500
    assert shop.metrics.times(Metric.MONEY_RETURNED) == 2
    assert shop.read(order_id).body["payment"]["captured"]["returned"] == 2500
    assert shop.head(order_id).last_event.type == "MoneyReturned"


def being_paid(shop: Shop) -> tuple[str, str, Capture]:
    order_id, attempt_id = shop.locked()
    return order_id, attempt_id, shop.gateway.capture_payment(attempt_id)


@pytest.mark.parametrize(
    ("arrange", "status"),
    [(being_paid, "pending_payment"), (released, "pending_payment"), (paid, "paid")],
    ids=["being paid", "released", "paid"],
)
def test_a_return_report_is_outdated_and_the_amount_returned_now_counts(
    shop: Shop, arrange: Callable[[Shop], tuple[str, str, Capture]], status: str
) -> None:
    order_id, attempt_id, capture = arrange(shop)
    given_back(shop, capture, attempt_id)
    event_type = shop.gateway.signed("payment.refunded", attempt_id, replace(capture, returned=1000))
    assert shop.callback(event_type).status == 204
    head = shop.head(order_id)
    assert (head.status, head.payments[capture.payment_id].returned) == (status, 2500)
    assert head.refunds == {}, "nothing is held, so nothing is owed"


@pytest.mark.parametrize("arrange", [being_paid, released, paid], ids=["being paid", "released", "paid"])
@pytest.mark.parametrize("returned", [1000, 2500])
def test_a_report_of_a_refund_by_hand_that_failed_since_changes_nothing(
    shop: Shop, arrange: Callable[[Shop], tuple[str, str, Capture]], returned: int
) -> None:
    """The gateway holds all of the money again, and its answer to a query says so."""
    order_id, attempt_id, capture = arrange(shop)
    before = shop.head(order_id)
    event_type = shop.gateway.signed("payment.refunded", attempt_id, replace(capture, returned=returned))
    assert shop.callback(event_type).status == 204
    assert shop.head(order_id) == before


def in_place(shop: Shop, place: PaymentPlace) -> tuple[str, str, Capture]:
    """An order with money in that place of its ledger."""
    if place is PaymentPlace.SETTLED:
        return paid(shop)
    if place is PaymentPlace.REVIEW:
        order_id, attempt_id = shop.locked()
        shop.money(attempt_id, amount=2499)
        return order_id, attempt_id, shop.gateway.money[attempt_id]
    order_id, attempt_id, capture = released(shop)
    if place is PaymentPlace.REFUND:
        shop.edit_to_three_packets(order_id, 1)
    if place is PaymentPlace.CLAIMED:
        shop.gateway.answer_with("query_payment", OutcomeUnknown("sandbox", "no answer"))
    shop.callback(shop.gateway.signed("payment.succeeded", attempt_id, capture))
    return order_id, attempt_id, capture


@pytest.mark.parametrize("place", [place for place in PaymentPlace if place is not PaymentPlace.RETURNED])
def test_returned_money_is_recorded_wherever_the_payment_is_placed(shop: Shop, place: PaymentPlace) -> None:
    order_id, attempt_id, capture = in_place(shop, place)
    assert shop.head(order_id).payments[capture.payment_id].place is place
    total = given_back(shop, capture, attempt_id, 1000)
    assert shop.callback(shop.gateway.signed("payment.refunded", attempt_id, total)).status == 204
    assert shop.head(order_id).payments[capture.payment_id].returned == 1000


def test_a_recheck_finds_returned_money_without_a_callback(shop: Shop) -> None:
    order_id, attempt_id, capture = paid(shop)
    given_back(shop, capture, attempt_id, 700)
    answer = shop.operator("recheck", order_id, attempt_id)
    assert (answer.status, answer.body["payment"]["captured"]["returned"]) == (200, 700)
    assert shop.operator("recheck", order_id, attempt_id).status == 200
    assert shop.metrics.times(Metric.MONEY_RETURNED) == 1


def test_our_own_refund_is_not_counted_as_a_return(shop: Shop) -> None:
    order_id, attempt_id, capture = released(shop)
    shop.edit_to_three_packets(order_id, 1)
    shop.callback(shop.gateway.signed("payment.succeeded", attempt_id, capture))
    shop.sweep()
    (refund,) = shop.head(order_id).refunds.values()
    assert refund.status == "refunded"
    total = given_back(shop, capture, attempt_id)
    assert shop.callback(shop.gateway.signed("payment.refunded", attempt_id, total)).status == 204
    assert shop.metrics.times(Metric.MONEY_RETURNED) == 0


def test_refunding_a_partly_returned_payment_owes_the_rest(shop: Shop) -> None:
    order_id, attempt_id = shop.locked()
    capture = shop.gateway.capture_payment(attempt_id)
    given_back(shop, capture, attempt_id, 1000)
    shop.callback(shop.gateway.signed("payment.succeeded", attempt_id, capture, stated_at=shop.clock.now() - AGO))
    assert shop.status(order_id) == "review"
    decided = {"action": "refund", "reason": "The buyer does not want it any more."}
    assert shop.operator("resolution", order_id, attempt_id, body=decided).status == 200
    assert [refund.amount for refund in shop.head(order_id).refunds_due] == [1500]
    assert shop.head(order_id).last_event.actor == OPERATOR.subject


@pytest.mark.parametrize("holds", [True, False], ids=["its attempt holds the order", "late"])
def test_a_sum_that_is_confirmed_counts_and_not_the_one_that_was_stated(shop: Shop, holds: bool) -> None:
    """An old statement says 2500, the gateway confirms 3750: no order is paid by a sum other than its total."""
    order_id, attempt_id = shop.locked()
    stated = shop.gateway.capture_payment(attempt_id)
    shop.gateway.money.clear()
    if not holds:
        shop.cancel_payment(order_id, attempt_id)
    shop.gateway.money[attempt_id] = replace(stated, amount=3750)
    callback = shop.gateway.signed("payment.succeeded", attempt_id, stated, stated_at=shop.clock.now() - AGO)
    assert shop.callback(callback).status == 204
    assert shop.status(order_id) == ("review" if holds else "pending_payment")
    assert shop.head(order_id).payments[stated.payment_id].amount == 3750


def test_fully_returned_money_pays_for_nothing(shop: Shop) -> None:
    order_id, attempt_id = shop.locked()
    shop.money(attempt_id, amount=1000)
    capture = given_back(shop, shop.gateway.money[attempt_id], attempt_id, 1000)
    shop.callback(shop.gateway.signed("payment.refunded", attempt_id, capture))
    decided = {"action": "settle", "reason": "It is enough."}
    answer = shop.operator("resolution", order_id, attempt_id, body=decided)
    assert (answer.status, answer.body["errors"][0]["field"]) == (400, "action")
    assert shop.status(order_id) == "review"
    given = {"action": "refund", "reason": "It went back."}
    assert shop.operator("resolution", order_id, attempt_id, body=given).body["payment_status"] == "pending_payment"
    assert shop.head(order_id).refunds_due == ()
