"""When and why an order ended, when it was paid and how its last payment went, whatever happens to it afterwards."""

from collections.abc import Callable
from datetime import timedelta
from typing import Any

import pytest

from paylatch.domain.errors import OutcomeUnknown
from paylatch.domain.timestamps import as_text
from paylatch.ports import VoidAnswer, VoidKind
from tests.integration.pay_pages import Tab, pay_link
from tests.integration.shop import TTL, Shop
from tests.lambda_events import BUYER, SELLER

pytestmark = pytest.mark.usefixtures("pay_page_settings")
HOUR = timedelta(hours=1)


def expired(shop: Shop) -> str:
    order_id = shop.create(pay_by=as_text(shop.clock.now() + HOUR))
    shop.clock.advance(HOUR)
    shop.sweep()
    return order_id


def cancelled(shop: Shop) -> str:
    order_id = shop.create(pay_by=as_text(shop.clock.now() + HOUR))
    shop.clock.advance(HOUR)
    shop.call("order_cancel", order_id, person=BUYER)
    return order_id


def paid(shop: Shop) -> str:
    order_id, attempt_id = shop.locked()
    shop.clock.advance(timedelta(minutes=1))
    shop.money(attempt_id)
    return order_id


def paid_by_decision(shop: Shop) -> str:
    order_id, attempt_id = shop.locked()
    shop.money(attempt_id, amount=1)
    shop.clock.advance(HOUR)
    decision = {"action": "settle", "reason": "agreed with the buyer"}
    shop.operator("resolution", order_id, attempt_id, body=decision)
    return order_id


def paid_late_by_a_claim(shop: Shop) -> str:
    order_id, attempt_id = shop.locked()
    shop.gateway.answer_with("void", VoidAnswer(VoidKind.NOT_VOIDABLE, until=shop.clock.now() + TTL))
    shop.cancel_payment(order_id, attempt_id)
    capture = shop.gateway.capture_payment(attempt_id)
    shop.gateway.answer_with("query_payment", OutcomeUnknown("sandbox", "read timeout"))
    shop.money(attempt_id, capture)
    assert shop.head(order_id).claimed_payments
    shop.clock.advance(HOUR)
    shop.sweep()
    return order_id


def free(shop: Shop) -> str:
    order_id = shop.create(lines=[{"sku": "SAMPLE", "name": "Sample", "quantity": 1, "unit_price": 0}])
    shop.pay(order_id)
    return order_id


def by_hand(shop: Shop) -> str:
    order_id = shop.create()
    cash = {"method": "cash", "amount": 2500, "note": "receipt 4711"}
    assert shop.call("settlement", order_id, person=SELLER, body=cash).status == 200
    return order_id


ENDS: list[tuple[Callable[[Shop], str], dict[str, Any]]] = [
    (expired, {"state": "expired", "reason": "expired"}),
    (cancelled, {"state": "cancelled", "reason": "requested"}),
    (paid, {"state": "just_paid"}),
    (paid_by_decision, {"state": "just_paid"}),
    (paid_late_by_a_claim, {"state": "just_paid"}),
    (free, {"state": "just_paid"}),
    (by_hand, {"state": "just_paid"}),
]


@pytest.mark.parametrize(("end", "shown"), ENDS, ids=[end.__name__ for end, _ in ENDS])
def test_an_end_is_said_in_the_same_words_after_the_link_was_renewed(
    shop: Shop, end: Callable[[Shop], str], shown: dict[str, Any]
) -> None:
    order_id = end(shop)
    ended_at = as_text(shop.clock.now())
    shop.clock.advance(timedelta(minutes=5))
    first = Tab.opened(pay_link(shop, order_id))
    shop.clock.advance(timedelta(minutes=5))
    again = Tab.opened(pay_link(shop, order_id, renew=True))
    assert (first.state, again.state) == (shown["state"], shown["state"])
    order = shop.read(order_id).body
    end_of_it = {"at": ended_at, "reason": shown["reason"]} if "reason" in shown else None
    assert (order["paid_at"], order["cancelled"]) == (None if end_of_it else ended_at, end_of_it)


@pytest.mark.parametrize("end", [paid, paid_by_decision, paid_late_by_a_claim], ids=lambda end: end.__name__)
def test_the_page_says_when_it_was_paid_after_the_link_was_renewed(shop: Shop, end: Callable[[Shop], str]) -> None:
    order_id = end(shop)
    paid_at = f"{shop.clock.now():%Y-%m-%dT%H:%M:%SZ}"
    shop.clock.advance(HOUR)
    pay_link(shop, order_id)
    assert f'datetime="{paid_at}"' in Tab.opened(pay_link(shop, order_id, renew=True)).html


def test_how_the_last_payment_went_is_said_after_the_link_was_renewed_and_an_edit_ends_it(shop: Shop) -> None:
    order_id = shop.create()
    tab = Tab.opened(pay_link(shop, order_id))
    tab.pay()
    shop.clock.advance(TTL + timedelta(seconds=1))
    shop.sweep()
    words = "The time for the last payment ran out."
    assert words in Tab.opened(tab.path).html
    assert words in Tab.opened(pay_link(shop, order_id, renew=True)).html
    shop.edit_to_three_packets(order_id, 1)
    assert words not in Tab.opened(pay_link(shop, order_id)).html


def test_an_order_that_goes_on_shows_no_end(shop: Shop) -> None:
    order = shop.read(shop.create()).body
    assert (order["paid_at"], order["cancelled"]) == (None, None)
