"""Failures of other products: each test repeats a public bug report, by its number in the list."""

from datetime import timedelta

from paylatch.domain.errors import OutcomeUnknown
from paylatch.ports import Metric, VoidAnswer, VoidKind
from tests.integration.shop import TTL, Shop
from tests.lambda_events import SELLER

DEARER = [{"sku": "tea-01", "name": "Green tea", "quantity": 2, "unit_price": 1500}]


def test_01_the_old_price_is_never_charged_after_an_edit(shop: Shop) -> None:
    order_id, old = shop.locked("first")
    shop.cancel_payment(order_id, old)
    shop.edit(order_id, 1, SELLER, lines=DEARER)
    new = shop.pay(order_id, "second").body["attempt_id"]
    assert shop.gateway.opened[new].amount == 3000
    assert old in shop.gateway.closed


def test_02_the_order_unlocks_on_time_and_is_not_paid_twice(shop: Shop) -> None:
    order_id, first = shop.locked("first")
    assert shop.read(order_id).body["lock"]["until"] == "2026-11-24T12:15:00.000Z"
    assert shop.pay(order_id, "second").code == "order-locked"
    shop.money(first)
    assert shop.pay(order_id, "second").code == "order-paid"
    assert len(shop.gateway.opened) == 1


def test_03_a_lock_goes_away_and_only_its_holder_takes_it_away(shop: Shop) -> None:
    order_id, first = shop.locked("first")
    shop.clock.advance(TTL)
    shop.sweep()
    second = shop.pay(order_id, "second").body["attempt_id"]
    shop.cancel_payment(order_id, first)
    shop.callback(shop.gateway.signed("session.expired", first))
    assert shop.holder(order_id) == second
    shop.money(second)
    order = shop.read(order_id).body
    assert (order["payment_status"], order["lock"]) == ("paid", None), "never both paid and locked"


def test_04_an_abandoned_checkout_releases_its_lock(shop: Shop) -> None:
    order_id = shop.create()
    shop.gateway.answer_with("open", OutcomeUnknown("sandbox", "no answer"))
    shop.pay(order_id)
    shop.clock.advance(TTL + timedelta(minutes=1))
    shop.sweep()
    assert shop.status(order_id) == "pending_payment"


def test_05_failure_of_an_old_attempt_does_not_undo_success_of_a_new_one(shop: Shop) -> None:
    order_id, old = shop.locked("first")
    shop.cancel_payment(order_id, old)
    new = shop.pay(order_id, "second").body["attempt_id"]
    shop.money(new)
    for kind in ("payment.failed", "session.expired", "session.closed"):
        shop.callback(shop.gateway.signed(kind, old))
    assert (shop.status(order_id), shop.holder(order_id)) == ("paid", new)


def test_06_paid_after_cancel_is_accepted_or_refunded(shop: Shop) -> None:
    order_id, attempt_id = shop.locked()
    shop.gateway.capture_payment(attempt_id)
    assert shop.cancel_payment(order_id, attempt_id).code == "payment-completed"
    cancelled, attempt_id = shop.locked("other")
    shop.cancel_payment(cancelled, attempt_id)
    shop.call("order_cancel", cancelled)
    shop.money(attempt_id)
    shop.sweep()
    assert (shop.status(order_id), shop.status(cancelled)) == ("paid", "cancelled")
    assert [refund.status for refund in shop.head(cancelled).refunds.values()] == ["refunded"]


def test_07_a_late_expired_does_not_downgrade_a_paid_order(shop: Shop) -> None:
    order_id, attempt_id = shop.locked()
    shop.money(attempt_id)
    before = shop.head(order_id)
    shop.callback(shop.gateway.signed("session.expired", attempt_id))
    shop.clock.advance(timedelta(days=1))
    shop.sweep()
    assert shop.head(order_id) == before


def test_08_a_buyer_can_pay_again_however_the_last_attempt_ended(shop: Shop) -> None:
    order_id, declined = shop.locked("declined")
    shop.gateway.closed.add(declined)
    shop.callback(shop.gateway.signed("session.closed", declined))
    cancelled = shop.pay(order_id, "cancelled").body["attempt_id"]
    shop.cancel_payment(order_id, cancelled)
    shop.pay(order_id, "timed-out")
    shop.clock.advance(TTL)
    shop.sweep()
    last = shop.pay(order_id, "last")
    assert last.status == 201
    shop.money(last.body["attempt_id"])
    assert shop.status(order_id) == "paid"


def test_09_a_second_tab_does_not_pay_less_and_get_more(shop: Shop) -> None:
    order_id, cheap = shop.locked("tab-1")
    assert shop.edit_to_three_packets(order_id, 1).code == "order-locked", "not while the first tab pays"
    shop.gateway.answer_with("void", VoidAnswer(VoidKind.NOT_VOIDABLE, until=shop.clock.now() + TTL))
    shop.cancel_payment(order_id, cheap)
    shop.edit_to_three_packets(order_id, 1)
    shop.money(cheap)
    order = shop.read(order_id).body
    assert (order["payment_status"], order["total"]) == ("pending_payment", 3750)
    assert order["unapplied"][0]["amount"] == 2500
    dear = shop.pay(order_id, "tab-2").body["attempt_id"]
    shop.money(dear)
    assert shop.head(order_id).attempt.amount == 3750  # type: ignore[union-attr]


def test_10_a_retry_does_not_charge_twice(shop: Shop) -> None:
    order_id = shop.create()
    shop.gateway.answer_with("open", OutcomeUnknown("sandbox", "no answer"))
    assert shop.pay(order_id).status == 503
    retries = {shop.pay(order_id).body["attempt_id"] for _ in range(3)}
    assert len(retries) == 1
    assert {request.attempt_id for request in shop.gateway.calls("open")} == retries


def test_11_a_webhook_that_overtakes_the_answer_settles_the_order(shop: Shop) -> None:
    order_id = shop.create()
    shop.gateway.during("open", lambda: pay_at_once(shop, order_id))
    answer = shop.pay(order_id)
    assert (answer.status, answer.body["status"]) == (200, "succeeded")
    assert shop.status(order_id) == "paid"
    assert shop.head(order_id).refunds == {}


def pay_at_once(shop: Shop, order_id: str) -> None:
    # The gateway keeps the request only once it has answered; the payer was faster.
    request = shop.gateway.calls("open")[-1]
    shop.gateway.opened[request.attempt_id] = request
    shop.money(request.attempt_id)


def test_12_failed_tries_do_not_stop_expiry(shop: Shop) -> None:
    order_id, attempt_id = shop.locked()
    for _ in range(3):
        shop.clock.advance(timedelta(minutes=4))
        shop.callback(shop.gateway.signed("payment.failed", attempt_id))
    shop.clock.advance(timedelta(minutes=3))
    shop.sweep()
    assert shop.status(order_id) == "pending_payment"


def test_13_the_unpaid_order_can_be_edited(shop: Shop) -> None:
    order_id, attempt_id = shop.locked()
    shop.cancel_payment(order_id, attempt_id)
    answer = shop.edit_to_three_packets(order_id, 1)
    assert (answer.status, answer.body["order_id"], answer.body["revision"]) == (200, order_id, 2)


def test_14_a_lost_webhook_is_replaced_by_a_query(shop: Shop) -> None:
    order_id, attempt_id = shop.locked()
    shop.gateway.capture_payment(attempt_id)
    shop.clock.advance(TTL)
    shop.sweep()
    assert shop.status(order_id) == "paid"
    assert shop.metrics.times(Metric.ORDER_PAID) == 1


def test_15_the_sweep_cancels_no_paid_order(shop: Shop) -> None:
    order_id, attempt_id = shop.locked()
    capture = shop.gateway.capture_payment(attempt_id)
    del shop.gateway.money[attempt_id]
    shop.clock.advance(TTL)
    shop.gateway.during("void", lambda: shop.money(attempt_id, capture))
    shop.sweep()
    shop.sweep()
    assert shop.status(order_id) == "paid"
    assert shop.head(order_id).refunds == {}
