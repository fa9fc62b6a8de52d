"""An order may be paid, cancelled and edited many times: its head stays small, and no money is lost."""

from datetime import timedelta

from paylatch.domain.transitions.attempt_changes import KEPT_ATTEMPTS, MOST_ATTEMPTS, MOST_LIVE_LINKS
from paylatch.ports import VoidAnswer, VoidKind
from tests.integration.shop import Shop


def test_a_head_keeps_only_so_many_ended_attempts(shop: Shop) -> None:
    order_id = shop.create()
    attempts = []
    for number in range(KEPT_ATTEMPTS + 3):
        attempts.append(shop.pay(order_id, f"key-{number}").body["attempt_id"])
        shop.clock.advance(timedelta(seconds=1))
        shop.cancel_payment(order_id, attempts[-1])
    kept = shop.head(order_id).past_attempts
    assert sorted(kept) == sorted(attempts[-KEPT_ATTEMPTS:])


def test_money_for_an_attempt_that_was_evicted_goes_back(shop: Shop) -> None:
    order_id = shop.create()
    first = shop.pay(order_id, "first").body["attempt_id"]
    capture = shop.gateway.capture_payment(first)
    del shop.gateway.money[first]
    shop.cancel_payment(order_id, first)
    for number in range(KEPT_ATTEMPTS + 1):
        shop.clock.advance(timedelta(seconds=1))
        shop.cancel_payment(order_id, shop.pay(order_id, f"key-{number}").body["attempt_id"])
    assert first not in shop.head(order_id).past_attempts
    shop.money(first, capture)
    shop.sweep()
    assert shop.status(order_id) == "pending_payment"
    assert list(shop.gateway.refunds) == list(shop.head(order_id).refunds)
    assert shop.head(order_id).payments[capture.payment_id].returned == capture.amount


def test_the_key_of_an_attempt_that_was_evicted_makes_no_new_one(shop: Shop) -> None:
    order_id = shop.create()
    for number in range(KEPT_ATTEMPTS + 1):
        shop.cancel_payment(order_id, shop.pay(order_id, f"key-{number}").body["attempt_id"])
        shop.clock.advance(timedelta(seconds=1))
    again = shop.pay(order_id, "key-0")
    assert (again.status, again.code) == (422, "idempotency-key-reused")
    assert shop.status(order_id) == "pending_payment"
    assert len(shop.gateway.calls("open")) == KEPT_ATTEMPTS + 1


def test_behind_many_links_that_stay_live_an_order_waits_for_the_next_to_end(shop: Shop) -> None:
    order_id = shop.create()
    until = shop.clock.now() + timedelta(hours=1)
    shop.gateway.answer_with("void", *[VoidAnswer(VoidKind.NOT_VOIDABLE, until=until)] * (MOST_LIVE_LINKS + 1))
    for number in range(MOST_LIVE_LINKS):
        attempt_id = shop.pay(order_id, f"key-{number}").body["attempt_id"]
        assert shop.cancel_payment(order_id, attempt_id).body["payment_status"] == "pending_payment"
    last = shop.pay(order_id, "one-more").body["attempt_id"]
    assert shop.cancel_payment(order_id, last).body["payment_status"] == "releasing"
    shop.clock.advance(timedelta(hours=2))
    shop.sweep()
    assert shop.status(order_id) == "pending_payment"


def test_a_sweep_stops_between_the_follow_ups_of_one_order(shop: Shop) -> None:
    order_id = shop.create()
    until = shop.clock.now() + timedelta(hours=1)
    shop.gateway.answer_with("void", *[VoidAnswer(VoidKind.NOT_VOIDABLE, until=until)] * 3)
    for number in range(3):
        shop.cancel_payment(order_id, shop.pay(order_id, f"key-{number}").body["attempt_id"])
    shop.clock.advance(timedelta(hours=2))
    asked_before = len(shop.gateway.calls("void"))

    def milliseconds() -> int:
        return 60_000 if len(shop.gateway.calls("void")) < asked_before + 2 else 1_000

    shop.sweep(milliseconds)
    assert len(shop.gateway.calls("void")) == asked_before + 2
    shop.sweep()
    assert shop.head(order_id).live_links == 0


def test_an_order_takes_a_hundred_attempts_and_no_more(shop: Shop) -> None:
    """Unbounded tries on one order are card testing, and a head that only grows loses money in the end."""
    order_id = shop.create()
    for number in range(MOST_ATTEMPTS):
        shop.cancel_payment(order_id, shop.pay(order_id, f"key-{number}").body["attempt_id"])
    refused = shop.pay(order_id, "one-more")
    assert (refused.status, refused.code) == (409, "too-many-attempts")
    assert shop.pay(order_id, f"key-{MOST_ATTEMPTS - 1}").body["status"] == "cancelled"
    assert shop.edit_to_three_packets(order_id, 1).status == 200
    head = shop.head(order_id)
    assert (head.attempts_made, len(head.past_attempts), len(head.evicted_attempt_ids)) == (
        MOST_ATTEMPTS,
        10,
        MOST_ATTEMPTS - 10,
    )
