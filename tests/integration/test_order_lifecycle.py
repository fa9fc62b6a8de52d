"""The whole lifecycle: lock while paying, unlock on cancel or timeout, edit, pay again. One order throughout."""

from datetime import timedelta

from tests.integration.shop import TTL, Shop, swept
from tests.lambda_events import SELLER


def test_cancel_gives_the_same_order_back_and_it_is_paid_at_its_new_amount(shop: Shop) -> None:
    order_id = shop.create()
    first = shop.pay(order_id, "first")
    assert (first.status, first.body["amount"], first.body["status"]) == (201, 2500, "open")
    assert first.body["pay_url"] == f"https://pay.test/{first.body['attempt_id']}"

    refused = shop.edit_to_three_packets(order_id, 1)
    assert (refused.status, refused.code) == (409, "order-locked")
    assert refused.body["attempt_id"] == first.body["attempt_id"]
    assert refused.body["locked_until"] == first.body["expires_at"]
    assert refused.headers["retry-after"] == str(int(TTL.total_seconds()))

    cancelled = shop.cancel_payment(order_id, first.body["attempt_id"])
    assert (cancelled.status, cancelled.body["lock"]) == (200, None)
    assert cancelled.body["payment_status"] == "pending_payment"

    edited = shop.edit_to_three_packets(order_id, 1)
    assert (edited.status, edited.body["revision"], edited.body["total"]) == (200, 2, 3750)
    assert edited.headers["etag"].startswith('"2.')

    second = shop.pay(order_id, "second")
    assert (second.status, second.body["amount"], second.body["revision"]) == (201, 3750, 2)
    assert shop.money(second.body["attempt_id"]).status == 204

    paid = shop.read(order_id).body
    assert (paid["payment_status"], paid["order_id"], paid["lock"]) == ("paid", order_id, None)
    assert paid["payment"]["attempt_id"] == second.body["attempt_id"]
    assert (paid["payment"]["status"], paid["payment"]["amount"]) == ("succeeded", paid["total"])


def test_timeout_gives_the_same_order_back_as_a_cancel_does(shop: Shop) -> None:
    order_id, first = shop.locked("first")
    shop.clock.advance(TTL - timedelta(milliseconds=1))
    assert shop.sweep()["handled"] == 0
    assert shop.status(order_id) == "in_payment"

    shop.clock.advance(timedelta(milliseconds=1))
    assert shop.sweep() == swept(1)
    assert shop.status(order_id) == "pending_payment"
    assert first in shop.gateway.closed

    assert shop.edit_to_three_packets(order_id, 1).body["revision"] == 2
    second = shop.pay(order_id, "second").body["attempt_id"]
    shop.money(second)
    assert shop.status(order_id) == "paid"
    assert shop.head(order_id).past_attempts[first].status == "timed_out"


def test_the_seller_changes_the_price_and_the_next_payment_request_is_the_buyers_consent(shop: Shop) -> None:
    order_id, first = shop.locked("first")
    shop.cancel_payment(order_id, first)
    dearer = [{"sku": "tea-01", "name": "Green tea", "quantity": 2, "unit_price": 1500}]
    assert shop.edit(order_id, 1, SELLER, lines=dearer).body["total"] == 3000

    consent_to_the_old = shop.call(
        "payment_request", order_id, headers={"idempotency-key": "second", "if-match": '"1"'}
    )
    assert (consent_to_the_old.status, consent_to_the_old.code) == (412, "revision-mismatch")
    consent = shop.call("payment_request", order_id, headers={"idempotency-key": "second", "if-match": '"2"'})
    assert (consent.status, consent.body["amount"]) == (201, 3000)


def test_an_order_is_paid_and_released_many_times_and_stays_one_order(shop: Shop) -> None:
    order_id = shop.create()
    for round_ in range(5):
        attempt_id = shop.pay(order_id, f"key-{round_}").body["attempt_id"]
        shop.cancel_payment(order_id, attempt_id)
    head = shop.head(order_id)
    assert (head.revision, head.version, len(head.past_attempts)) == (1, 1 + 5 * 3, 5)
