"""Edge cases of PayU, known from reports of other integrations."""

import json
from collections.abc import Callable, Iterator
from dataclasses import replace
from datetime import timedelta
from typing import Any

import pytest

from paylatch.domain.currencies import NO_CURRENCY
from paylatch.domain.errors import CallbackRejected, Misconfigured, OutcomeUnknown, Refused, Transient
from paylatch.domain.payment import Capture
from paylatch.ports import ForeignPayment, GatewayEventKind, RefundState, SessionState, VoidKind
from tests.attempts import LOCK
from tests.contract.gateway_drivers.gateway_driver import MISSING, with_field
from tests.contract.gateway_drivers.payu_driver import SECOND_KEYS, PayuDriver
from tests.fakes.loopback_server import ReceivedRequest, Reply, json_reply

SUCCESS = {"status": {"statusCode": "SUCCESS"}}


@pytest.fixture
def payu() -> Iterator[PayuDriver]:
    with PayuDriver() as driver:
        yield driver


def test_one_token_serves_until_shortly_before_it_ends(payu: PayuDriver) -> None:
    attempt = payu.opened()
    payu.clock.advance(timedelta(seconds=43199 - 61))
    payu.gateway.query(attempt)
    assert len(payu.peer.tokens) == 1
    payu.clock.advance(timedelta(seconds=2))
    payu.gateway.query(attempt)
    assert len(payu.peer.tokens) == 2


def test_a_token_that_was_revoked_is_replaced_once(payu: PayuDriver) -> None:
    attempt = payu.opened()
    payu.peer.tokens.clear()
    assert payu.gateway.void(attempt).kind is VoidKind.VOIDED
    payu.server.answers = lambda asked: (
        payu.peer.answer(asked) if asked.path.endswith("/authorize") else json_reply({}, 401)
    )
    with pytest.raises(Misconfigured):
        payu.gateway.query(attempt)


def test_changed_credentials_take_a_new_token(payu: PayuDriver) -> None:
    attempt = payu.opened()
    payu.peer.client_secret = payu.secret["client_secret"] = "rotated"
    payu.gateway.query(attempt)
    assert len(payu.peer.tokens) == 2


def test_without_a_token_nothing_was_executed(payu: PayuDriver) -> None:
    payu.server.failing = 503
    with pytest.raises(Transient):
        payu.gateway.open(payu.request())


def test_the_redirect_is_an_answer_and_is_not_followed(payu: PayuDriver) -> None:
    attempt = payu.opened()
    assert attempt.pay_url
    assert attempt.pay_url.startswith("https://secure.snd.payu.com/pay/?orderId=")
    assert [asked.method for asked in payu.server.asked] == ["POST", "POST"]


def test_what_is_asked_for_is_in_minor_units_as_text_and_ends_with_the_lock(payu: PayuDriver) -> None:
    order = payu.peer.order_of(payu.opened().attempt_id)
    assert (order["totalAmount"], order["products"][0]["unitPrice"]) == ("1234", "1234")
    assert order["validityTime"] == str(int(LOCK.total_seconds()))


@pytest.mark.parametrize(
    ("code", "error"),
    [
        ("ERROR_VALUE_INVALID", Refused),
        ("OPENPAYU_BUSINESS_ERROR", Refused),
        ("ERROR_INTERNAL", OutcomeUnknown),
        ("SERVICE_NOT_AVAILABLE", OutcomeUnknown),
        ("UNAUTHORIZED_REQUEST", Misconfigured),
        ("ERROR_UNKNOWN_MERCHANT_POS", Misconfigured),
    ],
)
@pytest.mark.parametrize("status", [200, 400])
def test_failures_fall_into_their_classes_even_inside_http_200(
    payu: PayuDriver, status: int, code: str, error: type[Exception]
) -> None:
    attempt = payu.opened()
    payu.server.answers = lambda asked: json_reply({"status": {"statusCode": code}}, status)
    with pytest.raises(error):
        payu.gateway.query(attempt)


def test_an_answer_without_a_status_leaves_the_outcome_unknown(payu: PayuDriver) -> None:
    attempt = payu.opened()
    payu.server.answers = lambda asked: json_reply({"orders": []})
    with pytest.raises(OutcomeUnknown):
        payu.gateway.query(attempt)


def test_an_order_that_payu_does_not_know_means_the_wrong_point_of_sale(payu: PayuDriver) -> None:
    with pytest.raises(Misconfigured):
        payu.gateway.void(replace(payu.opened(), session_id="OF_ANOTHER_POS"))


def test_an_order_waiting_for_confirmation_is_cancelled_and_captures_nothing(payu: PayuDriver) -> None:
    attempt = payu.attempt_in("WAITING_FOR_CONFIRMATION")
    assert payu.gateway.void(attempt).kind is VoidKind.VOIDED
    assert payu.money(attempt) == (0, 0)


def test_a_cancel_that_payu_refuses_while_a_payment_runs_says_that_it_is_processing(payu: PayuDriver) -> None:
    attempt = payu.attempt_in("PENDING")
    payu.server.answers = lambda asked: (
        json_reply({"status": {"statusCode": "ERROR_VALUE_INVALID"}})
        if asked.method == "DELETE"
        else payu.peer.answer(asked)
    )
    assert payu.gateway.void(attempt).kind is VoidKind.PROCESSING


def test_a_cancel_that_payu_refuses_for_an_order_that_it_does_not_show_leaves_the_outcome_unknown(
    payu: PayuDriver,
) -> None:
    attempt = payu.opened()
    payu.server.answers = lambda asked: (
        json_reply({"status": {"statusCode": "ERROR_VALUE_INVALID"}})
        if asked.method == "DELETE"
        else json_reply({"orders": [], **SUCCESS})
    )
    with pytest.raises(OutcomeUnknown):
        payu.gateway.void(attempt)


def test_a_search_that_finds_the_orders_of_others_finds_nothing(payu: PayuDriver) -> None:
    other, lost = payu.opened(), payu.attempt_in("opened, answer lost")
    orders = payu.peer.orders
    payu.server.answers = lambda asked: (
        json_reply({"orders": list(orders.values()), **SUCCESS}) if asked.query else payu.peer.answer(asked)
    )
    assert payu.gateway.void(lost).kind is VoidKind.VOIDED
    del orders[payu.peer.order_of(lost.attempt_id)["orderId"]]
    assert payu.gateway.query(lost).state is SessionState.UNKNOWN
    assert payu.gateway.void(lost).kind is VoidKind.ALREADY_CLOSED
    assert payu.peer.order_of(other.attempt_id)["status"] == "NEW"


def test_a_refund_that_payu_cancelled_is_asked_for_anew_under_a_new_name(payu: PayuDriver) -> None:
    attempt = payu.paid()
    capture = payu.gateway.query(attempt).capture
    assert capture
    refund = payu.refund_of(attempt, capture)
    payu.peer.next_refund_status = "PENDING"
    assert payu.gateway.refund(refund) is RefundState.PENDING
    (made,) = payu.peer.refunds[capture.payment_id]
    made["status"] = "CANCELED"
    assert payu.gateway.query_refund(refund) is RefundState.FAILED
    payu.peer.next_refund_status = "FINALIZED"
    assert payu.gateway.refund(refund) is RefundState.DONE
    names = [one["extRefundId"] for one in payu.peer.refunds[capture.payment_id]]
    assert names == [refund.refund_id, f"{refund.refund_id}_1"]
    assert payu.money(attempt) == (attempt.amount, attempt.amount)


def test_two_that_ask_for_a_refund_at_once_make_one(payu: PayuDriver) -> None:
    attempt = payu.paid()
    capture = payu.gateway.query(attempt).capture
    assert capture
    payu.server.answers = lambda asked: (
        json_reply([]) if asked.method == "GET" and asked.path.endswith("/refunds") else payu.peer.answer(asked)
    )
    refund = payu.refund_of(attempt, capture)
    assert [payu.gateway.refund(refund) for _ in range(2)] == [RefundState.DONE] * 2
    assert payu.money(attempt) == (attempt.amount, attempt.amount)


@pytest.mark.parametrize(
    "listing",
    [lambda made: made, lambda made: {"refunds": made}, lambda made: {"refunds": made, **SUCCESS}],
    ids=["a bare list, as PayU describes it", "an object", "an object with a status"],
)
def test_refunds_are_found_in_every_form_in_which_they_are_listed(
    payu: PayuDriver, listing: Callable[[list[Any]], Any]
) -> None:
    attempt = payu.paid()
    capture = payu.gateway.query(attempt).capture
    assert capture
    made = payu.peer.refunds.setdefault(capture.payment_id, [])
    payu.server.answers = lambda asked: (
        json_reply(listing(made))
        if asked.method == "GET" and asked.path.endswith("/refunds")
        else payu.peer.answer(asked)
    )
    refund = payu.refund_of(attempt, capture)
    assert payu.gateway.query_refund(refund) is RefundState.UNKNOWN
    assert payu.gateway.refund(refund) is RefundState.DONE
    assert payu.gateway.query_refund(refund) is RefundState.DONE


@pytest.mark.parametrize(
    ("status", "answer", "error"),
    [
        (200, {}, OutcomeUnknown),
        (200, {"refunds": 7}, OutcomeUnknown),
        (200, ["re_1"], OutcomeUnknown),
        (200, {"refunds": [], "status": {"statusCode": "ERROR_INTERNAL"}}, OutcomeUnknown),
        (400, [], OutcomeUnknown),
        (404, {"status": {"statusCode": "DATA_NOT_FOUND"}}, Refused),
        (401, [], Misconfigured),
    ],
)
def test_a_list_of_refunds_that_is_none_asks_for_no_refund(
    payu: PayuDriver, status: int, answer: Any, error: type[Exception]
) -> None:
    attempt = payu.paid()
    capture = payu.gateway.query(attempt).capture
    assert capture
    payu.server.answers = lambda asked: (
        json_reply(answer, status) if asked.path.endswith("/refunds") else payu.peer.answer(asked)
    )
    with pytest.raises(error):
        payu.gateway.refund(payu.refund_of(attempt, capture))
    assert [asked.method for asked in payu.server.asked if asked.path.endswith("/refunds")].count("POST") == 0


def test_a_refund_made_by_hand_that_is_still_on_its_way_is_waited_for(payu: PayuDriver) -> None:
    attempt = payu.paid()
    capture = payu.gateway.query(attempt).capture
    assert capture
    payu.peer.refund_by_hand(attempt.attempt_id, attempt.amount)["status"] = "PENDING"
    assert payu.gateway.refund(payu.refund_of(attempt, capture)) is RefundState.PENDING
    assert payu.gateway.query_payment(capture.payment_id) == replace(capture, returned=attempt.amount)


def test_a_refund_that_was_cancelled_returned_nothing(payu: PayuDriver) -> None:
    attempt = payu.paid()
    payu.peer.refund_by_hand(attempt.attempt_id, attempt.amount)["status"] = "CANCELED"
    capture = payu.gateway.query(attempt).capture
    assert capture
    assert capture.returned == 0


@pytest.mark.parametrize(
    "answer", [{"status": {"statusCode": "DATA_NOT_FOUND"}}, {}, {"refunds": [{"status": "FINALIZED"}]}]
)
def test_what_was_returned_is_unknown_where_the_refunds_cannot_be_read(payu: PayuDriver, answer: Any) -> None:
    attempt = payu.paid()
    payu.server.answers = lambda asked: (
        json_reply(answer) if asked.path.endswith("/refunds") else payu.peer.answer(asked)
    )
    for question in (payu.gateway.query, payu.gateway.void):
        with pytest.raises(OutcomeUnknown):
            question(attempt)


def test_a_refund_that_payu_reports_is_done_only_where_a_query_shows_it(payu: PayuDriver) -> None:
    attempt = payu.paid()
    capture = payu.gateway.query(attempt).capture
    assert capture
    payu.peer.refuse("PAID", "OPENPAYU_ERROR_VALUE_INVALID")
    with pytest.raises(Refused):
        payu.gateway.refund(payu.refund_of(attempt, capture))

    def refunded_meanwhile(asked: ReceivedRequest) -> Reply:
        if asked.method == "POST" and asked.path.endswith("/refunds"):
            payu.peer.refund_by_hand(attempt.attempt_id, attempt.amount)
        return payu.peer.answer(asked)

    payu.server.answers = refunded_meanwhile
    assert payu.gateway.refund(payu.refund_of(attempt, capture)) is RefundState.DONE
    assert payu.money(attempt) == (attempt.amount, attempt.amount)


@pytest.mark.parametrize("algorithm", ["MD5", "SHA-256"])
def test_both_hashes_are_verified(payu: PayuDriver, algorithm: str) -> None:
    order = {**payu.peer.order_of(payu.opened().attempt_id), "status": "COMPLETED"}
    assert payu.gateway.parse_callback(payu.peer.notification(order, SECOND_KEYS[0], algorithm))


def test_notifications_for_another_point_of_sale_are_rejected(payu: PayuDriver) -> None:
    order = {**payu.peer.order_of(payu.opened().attempt_id), "status": "COMPLETED", "merchantPosId": "1"}
    with pytest.raises(CallbackRejected):
        payu.gateway.parse_callback(payu.peer.notification(order, SECOND_KEYS[0]))


def test_a_refund_made_in_the_panel_names_the_payment_and_no_amount(payu: PayuDriver) -> None:
    attempt = payu.opened()
    (event,) = payu.gateway.parse_callback(payu.callback_for("refund, FINALIZED, by hand", attempt))
    order_id = payu.peer.order_of(attempt.attempt_id)["orderId"]
    assert event.kind is GatewayEventKind.MONEY_RETURNED
    assert event.capture == Capture(order_id, 0, NO_CURRENCY)


def test_an_order_of_another_shop_is_foreign_and_reported_with_its_money(payu: PayuDriver) -> None:
    order = {**payu.peer.order_of(payu.opened().attempt_id), "extOrderId": "cart_123", "status": "COMPLETED"}
    (event,) = payu.gateway.parse_callback(payu.peer.notification(order, SECOND_KEYS[0]))
    cause = "its reference is no attempt id"
    assert event.foreign == ForeignPayment("COMPLETED", cause, order["orderId"], "1234", "PLN")


def test_unchanged_orders_and_pending_refunds_yield_no_event(payu: PayuDriver) -> None:
    order = payu.peer.order_of(payu.opened().attempt_id)
    assert payu.gateway.parse_callback(payu.peer.notification({**order, "status": "NEW"}, SECOND_KEYS[0])) == ()
    refund = {"refundId": "1", "amount": "1", "currencyCode": "PLN", "status": "PENDING"}
    document = {"orderId": order["orderId"], "extOrderId": order["extOrderId"], "refund": refund}
    assert payu.gateway.parse_callback(payu.peer.signed(document, SECOND_KEYS[0])) == ()


@pytest.mark.parametrize("value", [MISSING, "", None], ids=["missing", "empty", "null"])
def test_a_notification_without_addressee_is_rejected(payu: PayuDriver, value: object) -> None:
    notification = json.loads(payu.callback_for("COMPLETED", payu.opened()).body)
    notification["order"] = with_field(notification["order"], "merchantPosId", value)
    with pytest.raises(CallbackRejected):
        payu.gateway.parse_callback(payu.peer.signed(notification, SECOND_KEYS[0]))
