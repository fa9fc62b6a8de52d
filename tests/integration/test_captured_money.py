"""A captured sum is shown as captured, not as agreed (CFF#118), and is part of every event about money."""

from paylatch.domain.ids import ATTEMPT_SUFFIX_LENGTH
from paylatch.domain.payment import Capture, Dispute, DisputeStatus
from paylatch.ports import Metric
from tests.integration.shop import Shop

DECIDED = {"action": "settle", "reason": "The rest came by bank transfer."}


def test_too_little_is_shown_in_order_attempt_and_attention(shop: Shop) -> None:
    order_id, attempt_id = shop.locked()
    shop.money(attempt_id, amount=1000)
    received = {"payment_id": f"pay_{attempt_id}", "amount": 1000, "currency": "EUR", "returned": 0}
    order = shop.read(order_id).body
    assert (order["total"], order["payment"]["amount"], order["payment"]["captured"]) == (2500, 2500, received)
    assert shop.call("payment_read", order_id, attempt_id=attempt_id).body["captured"] == received
    (listed,) = shop.operator("attention", order_id).body["orders"]
    assert listed["payment"]["captured"] == received


def test_what_an_operator_takes_as_the_payment_stands_in_its_event(shop: Shop) -> None:
    order_id, attempt_id = shop.locked()
    shop.money(attempt_id, amount=1000)
    shop.operator("resolution", order_id, attempt_id, body=DECIDED)
    event = shop.head(order_id).last_event
    details = dict(event.detail or {})
    assert event.type == "OrderPaid"
    assert (details["payment_id"], details["amount"], details["currency"]) == (f"pay_{attempt_id}", 1000, "EUR")


def test_what_came_for_an_attempt_that_is_over_is_shown_with_it(shop: Shop) -> None:
    order_id, attempt_id = shop.locked()
    shop.cancel_payment(order_id, attempt_id)
    shop.money(attempt_id, amount=1)
    shown = shop.call("payment_read", order_id, attempt_id=attempt_id).body
    assert (shown["amount"], shown["captured"]["amount"], shown["status"]) == (2500, 1, "refund_due")


def test_money_for_an_unknown_order_is_logged_with_all_its_data(shop: Shop) -> None:
    attempt_id = f"7777777777777777_{'7' * ATTEMPT_SUFFIX_LENGTH}"
    answer = shop.callback(shop.gateway.signed("payment.succeeded", attempt_id, Capture("pay_lost", 1234, "SEK")))
    assert answer.code == "order-not-found"
    ((metric, _, details),) = shop.metrics.counted
    assert metric is Metric.UNKNOWN_PAYMENT
    assert details == {
        "attempt_id": attempt_id,
        "gateway": "sandbox",
        "payment_id": "pay_lost",
        "amount": 1234,
        "currency": "SEK",
        "retired": False,
    }


def test_money_for_an_unknown_attempt_is_logged_with_all_its_data(shop: Shop) -> None:
    answer = shop.callback(shop.gateway.signed("payment.succeeded", "not-ours", Capture("pay_lost", 1234, "SEK")))
    assert answer.status == 204
    ((metric, _, details),) = shop.metrics.counted
    assert metric is Metric.FOREIGN_PAYMENT
    known = {"gateway": "sandbox", "payment_id": "pay_lost", "amount": "1234", "currency": "SEK"}
    assert details == {"said": "payment.succeeded", "cause": "it names no attempt", **known}


def test_a_dispute_about_an_unknown_order_is_logged_with_all_its_data(shop: Shop) -> None:
    attempt_id = f"7777777777777777_{'7' * ATTEMPT_SUFFIX_LENGTH}"
    dispute = Dispute("dp_1", "pay_lost", 1234, "SEK", DisputeStatus.OPEN)
    answer = shop.callback(shop.gateway.signed("dispute.opened", attempt_id, dispute=dispute))
    assert answer.code == "order-not-found"
    ((metric, _, details),) = shop.metrics.counted
    assert metric is Metric.UNKNOWN_PAYMENT
    known = {"gateway": "sandbox", "payment_id": "pay_lost", "amount": 1234, "currency": "SEK", "retired": False}
    assert details == {"attempt_id": attempt_id, **known}
