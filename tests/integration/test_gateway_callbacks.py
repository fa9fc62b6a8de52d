"""A callback takes effect once, for its own attempt, and only when it is genuine."""

from datetime import timedelta
from typing import Any

import pytest

from paylatch.domain.payment import Capture
from paylatch.ports import Callback, Metric, VoidAnswer, VoidKind
from tests.integration.shop import TTL, Shop
from tests.lambda_events import http_event


def test_paid_settles_the_order_exactly(shop: Shop) -> None:
    order_id, attempt_id = shop.locked()
    acknowledged = shop.money(attempt_id)
    assert (acknowledged.status, acknowledged.body) == (204, "")
    head = shop.head(order_id)
    assert head.attempt is not None
    assert head.attempt.captured == Capture(f"pay_{attempt_id}", head.total, head.currency)
    assert (head.due_at, head.follow_up_at, head.locked) == (None, None, False)


def test_a_duplicate_is_acknowledged_without_effect(shop: Shop) -> None:
    order_id, attempt_id = shop.locked()
    shop.money(attempt_id)
    before = shop.head(order_id)
    assert shop.money(attempt_id).status == 204
    callback = shop.gateway.signed("payment.succeeded", attempt_id, shop.gateway.money[attempt_id])
    for _ in range(3):
        assert shop.callback(callback).status == 204
    assert shop.head(order_id) == before


def test_a_result_for_a_past_attempt_never_changes_the_status(shop: Shop) -> None:
    order_id, old = shop.locked("first")
    shop.cancel_payment(order_id, old)
    new = shop.pay(order_id, "second").body["attempt_id"]
    before = shop.head(order_id)
    for kind in ("payment.failed", "session.expired", "session.closed", "payment.processing"):
        assert shop.callback(shop.gateway.signed(kind, old)).status == 204
        assert shop.head(order_id) == before
    shop.money(old)
    assert shop.status(order_id) == "in_payment"
    assert shop.head(order_id).held_by(new)


@pytest.mark.parametrize("other", [{"amount": 2499}, {"amount": 2501}, {"currency": "USD"}])
def test_a_wrong_amount_or_currency_goes_to_review_and_stays_locked(shop: Shop, other: dict[str, Any]) -> None:
    order_id, attempt_id = shop.locked()
    assert shop.money(attempt_id, **other).status == 204
    order = shop.read(order_id).body
    assert (order["payment_status"], order["payment"]["status"]) == ("review", "mismatched")
    assert order["lock"] == {
        "attempt_id": attempt_id,
        "reason": "review",
        "since": "2026-11-24T12:00:00.000Z",
        "until": None,
        "overdue": False,
    }
    assert shop.edit_to_three_packets(order_id, 1).code == "order-locked"
    assert shop.metrics.times(Metric.PAYMENT_MISMATCHED) == 1
    assert shop.money(attempt_id, **other).status == 204, "again, without effect"
    assert shop.metrics.times(Metric.PAYMENT_MISMATCHED) == 1


def test_a_second_payment_while_under_review_is_owed_back(shop: Shop) -> None:
    order_id, attempt_id = shop.locked()
    shop.money(attempt_id, amount=2400)
    shop.money(attempt_id, payment_id="second")
    head = shop.head(order_id)
    assert (head.status, [refund.payment_id for refund in head.refunds_due]) == ("review", ["second"])


def test_a_declined_card_is_not_a_release(shop: Shop) -> None:
    order_id, attempt_id = shop.locked()
    before = shop.head(order_id)
    assert shop.callback(shop.gateway.signed("payment.failed", attempt_id)).status == 204
    assert shop.head(order_id) == before
    assert shop.gateway.calls("void") == []
    shop.money(attempt_id)
    assert shop.status(order_id) == "paid"


BEFORE, AFTER = TTL - timedelta(milliseconds=1), TTL


@pytest.mark.parametrize(
    ("kind", "when", "reason"),
    [
        ("session.expired", BEFORE, "timed_out"),
        ("session.closed", BEFORE, "cancelled"),
        ("session.closed", AFTER, "timed_out"),
    ],
)
def test_a_session_that_ended_is_checked_at_the_gateway_and_then_unlocks(
    shop: Shop, kind: str, when: timedelta, reason: str
) -> None:
    order_id, attempt_id = shop.locked()
    shop.gateway.closed.add(attempt_id)
    shop.clock.advance(when)
    assert shop.callback(shop.gateway.signed(kind, attempt_id)).status == 204
    assert shop.status(order_id) == "pending_payment"
    assert shop.head(order_id).past_attempts[attempt_id].status == reason
    assert len(shop.gateway.calls("void")) == 1


def test_an_end_that_is_not_true_does_not_unlock(shop: Shop) -> None:
    order_id, attempt_id = shop.locked()
    shop.gateway.answer_with("void", VoidAnswer(VoidKind.IN_PROGRESS))
    shop.callback(shop.gateway.signed("session.expired", attempt_id))
    assert shop.status(order_id) == "releasing"
    shop.gateway.capture_payment(attempt_id)
    shop.callback(shop.gateway.signed("session.expired", attempt_id))
    assert shop.status(order_id) == "paid"


def test_money_settles_a_releasing_order_too(shop: Shop) -> None:
    order_id, attempt_id = shop.locked()
    shop.gateway.answer_with("void", VoidAnswer(VoidKind.IN_PROGRESS))
    shop.cancel_payment(order_id, attempt_id)
    shop.money(attempt_id)
    assert shop.status(order_id) == "paid"


def forgeries(callback: Callback) -> dict[str, Callback]:
    headers = dict(callback.headers)
    return {
        "other body": Callback(headers, callback.body.replace(b"2500", b"9900")),
        "one byte more": Callback(headers, callback.body + b" "),
        "no signature": Callback({**headers, "webhook-signature": ""}, callback.body),
        "other signature": Callback({**headers, "webhook-signature": "v1," + "A" * 43 + "="}, callback.body),
        "other id": Callback({**headers, "webhook-id": "msg_other"}, callback.body),
    }


@pytest.mark.parametrize("forgery", ["other body", "one byte more", "no signature", "other signature", "other id"])
def test_a_forged_callback_is_rejected_and_reads_nothing(shop: Shop, forgery: str) -> None:
    order_id, attempt_id = shop.locked()
    before = shop.head(order_id)
    genuine = shop.gateway.signed("payment.succeeded", attempt_id, shop.gateway.capture_payment(attempt_id))
    rejected = shop.callback(forgeries(genuine)[forgery])
    assert (rejected.status, rejected.code) == (401, "callback-rejected")
    assert shop.head(order_id) == before
    assert shop.metrics.times(Metric.CALLBACK_REJECTED) == 1
    assert shop.callback(genuine).status == 204


@pytest.mark.parametrize("age", [timedelta(minutes=6), timedelta(minutes=-6), timedelta(days=-3650)])
def test_a_callback_from_another_time_is_rejected(shop: Shop, age: timedelta) -> None:
    _, attempt_id = shop.locked()
    capture = shop.gateway.capture_payment(attempt_id)
    old = shop.gateway.signed("payment.succeeded", attempt_id, capture, at=shop.clock.now() - age)
    assert shop.callback(old).status == 401


def test_a_gateway_that_the_stack_does_not_have_is_rejected(shop: Shop) -> None:
    _, attempt_id = shop.locked()
    callback = shop.gateway.signed("payment.succeeded", attempt_id, shop.gateway.capture_payment(attempt_id))
    assert shop.callback(callback, gateway="stripe").status == 401


def test_the_sample_event_is_well_formed_and_signed_with_another_key(shop: Shop) -> None:
    assert shop.send("gateway_callback", http_event("gateway_callback")).code == "callback-rejected"


def test_money_for_an_order_that_does_not_exist_raises_an_alarm_and_is_not_acknowledged(shop: Shop) -> None:
    attempt_id = "7777777777777777_77777777"
    answer = shop.money(attempt_id, Capture("pay", 2500, "EUR"))
    assert (answer.status, answer.code) == (404, "order-not-found")
    assert shop.metrics.times(Metric.UNKNOWN_PAYMENT) == 1


def test_a_reference_that_is_not_ours_is_counted_and_acknowledged(shop: Shop) -> None:
    assert shop.money("somebody-elses", Capture("pay", 2500, "EUR")).status == 204
    assert shop.metrics.times(Metric.FOREIGN_PAYMENT) == 1


def test_a_foreign_callback_without_money_is_counted_and_acknowledged(shop: Shop) -> None:
    assert shop.callback(shop.gateway.signed("payment.failed", "somebody-elses")).status == 204
    assert shop.metrics.times(Metric.FOREIGN_PAYMENT) == 1


def test_a_body_that_is_declared_base64_and_is_not_is_refused(shop: Shop) -> None:
    filled = http_event("gateway_callback")
    filled |= {"body": "***", "isBase64Encoded": True}
    assert shop.send("gateway_callback", filled).status == 400
