"""An order does not end at its `pay_by` while its money may be on the way."""

from dataclasses import replace
from datetime import timedelta
from typing import Any

import pytest

from paylatch.domain.errors import OutcomeUnknown
from paylatch.domain.timestamps import as_text
from paylatch.ports import VoidAnswer, VoidKind
from tests.integration.shop import Shop, swept

HOUR, MINUTE = timedelta(hours=1), timedelta(minutes=1)
UNDER_WAY = VoidAnswer(VoidKind.PROCESSING)
NO_ANSWER = OutcomeUnknown("sandbox", "read timeout")


def released(shop: Shop, link_lasts: timedelta | None = None) -> tuple[str, str]:
    """An order to be paid within an hour, and its cancelled attempt; its link lasts so long, where that is given."""
    order_id = shop.create(pay_by=as_text(shop.clock.now() + HOUR))
    if link_lasts is not None:
        until = shop.clock.now() + link_lasts
        shop.gateway.answer_with("void", VoidAnswer(VoidKind.NOT_VOIDABLE, until=until))
    attempt_id = shop.pay(order_id).body["attempt_id"]
    shop.cancel_payment(order_id, attempt_id)
    return order_id, attempt_id


def test_reported_money_that_is_confirmed_after_pay_by_pays_for_the_order(shop: Shop) -> None:
    order_id, attempt_id = released(shop)
    shop.clock.advance(HOUR - timedelta(seconds=20))
    shop.gateway.answer_with("query_payment", NO_ANSWER)
    shop.money(attempt_id)
    (claimed,) = shop.head(order_id).claimed_payments
    assert shop.head(order_id).follow_up_at == claimed.next_at, "it is looked at for its money alone"
    shop.clock.advance(timedelta(seconds=20))
    assert shop.sweep() == swept(0)
    shop.clock.advance(5 * MINUTE)
    shop.sweep()
    head = shop.head(order_id)
    assert (head.status.value, head.refunds_due, head.follow_up_at) == ("paid", (), None)


def test_an_order_whose_reported_money_was_not_held_ends_then(shop: Shop) -> None:
    order_id, attempt_id = released(shop)
    capture = shop.gateway.capture_payment(attempt_id)
    shop.gateway.answer_with("query_payment", NO_ANSWER, replace(capture, returned=capture.amount))
    shop.money(attempt_id, capture)
    shop.clock.advance(HOUR)
    shop.sweep()
    assert shop.status(order_id) == "cancelled"


def test_no_payment_begins_after_pay_by_while_reported_money_is_not_confirmed(shop: Shop) -> None:
    order_id, attempt_id = released(shop)
    shop.gateway.answer_with("query_payment", NO_ANSWER)
    shop.money(attempt_id)
    shop.clock.advance(HOUR)
    assert shop.pay(order_id, "later").code == "pay-by-passed"


@pytest.mark.parametrize("answer", [UNDER_WAY, NO_ANSWER], ids=["under way", "no answer"])
def test_an_order_does_not_end_while_a_link_of_it_may_be_paid(shop: Shop, answer: Any) -> None:
    order_id, attempt_id = released(shop, HOUR - MINUTE)
    shop.clock.advance(HOUR)
    shop.gateway.answer_with("void", answer)
    assert shop.sweep() == swept(1)
    head = shop.head(order_id)
    check_at = head.past_attempts[attempt_id].check_at
    assert check_at is not None
    assert (head.status.value, head.follow_up_at) == ("pending_payment", check_at)
    shop.clock.advance(MINUTE - timedelta(seconds=1))
    assert shop.sweep() == swept(0), "it is not looked at each minute"
    shop.gateway.capture_payment(attempt_id)
    shop.clock.advance(check_at - shop.clock.now())
    shop.sweep()
    assert shop.status(order_id) == "paid"


def test_an_order_ends_in_the_run_that_finds_its_last_link_dead(shop: Shop) -> None:
    order_id, _ = released(shop, HOUR + 10 * MINUTE)
    shop.clock.advance(HOUR)
    assert (shop.sweep(), shop.status(order_id)) == (swept(0), "pending_payment")
    shop.clock.advance(11 * MINUTE)
    shop.sweep()
    head = shop.head(order_id)
    assert (head.status.value, head.follow_up_at) == ("cancelled", None)
