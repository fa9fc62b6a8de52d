"""Whatever a gateway says of an attempt, it says of its own: what is paid at another one stays as it is."""

from collections.abc import Callable
from dataclasses import replace

import pytest

from paylatch.domain.errors import Refused
from paylatch.domain.payment import Capture
from tests.fakes.scripted_gateway import ScriptedGateway
from tests.integration.shop import Shop

OTHER = "elsewhere"
NEWS = (
    "session.expired",
    "session.closed",
    "session.declined",
    "payment.refunded",
    "refund.succeeded",
    "refund.failed",
)


def being_paid(shop: Shop) -> tuple[str, str]:
    return shop.locked()


def paid(shop: Shop) -> tuple[str, str]:
    order_id, attempt_id = shop.locked()
    shop.money(attempt_id)
    return order_id, attempt_id


def under_review(shop: Shop) -> tuple[str, str]:
    order_id, attempt_id = shop.locked()
    shop.money(attempt_id, amount=1)
    return order_id, attempt_id


def owed(shop: Shop) -> tuple[str, str]:
    order_id, attempt_id = shop.locked()
    shop.cancel_payment(order_id, attempt_id)
    shop.order_of_three(order_id, 1)
    shop.money(attempt_id)
    return order_id, attempt_id


def refused(shop: Shop) -> tuple[str, str]:
    order_id, attempt_id = owed(shop)
    shop.gateway.will("refund", Refused("sandbox", "charge_disputed"))
    shop.sweep()
    return order_id, attempt_id


@pytest.mark.parametrize("news", NEWS)
@pytest.mark.parametrize("arrange", [being_paid, paid, under_review, owed, refused])
def test_what_another_gateway_says_of_an_attempt_changes_nothing(
    shop: Shop, arrange: Callable[[Shop], tuple[str, str]], news: str
) -> None:
    order_id, attempt_id = arrange(shop)
    before = shop.head(order_id)
    same_name = Capture(next(iter(before.payments), "pay_1"), 2500, "EUR")
    elsewhere = ScriptedGateway(shop.clock, OTHER)
    shop.gateways.made[OTHER] = elsewhere
    elsewhere.money[attempt_id] = replace(same_name, returned=2500) if before.payments else same_name
    told = elsewhere.signed(news, attempt_id, elsewhere.money[attempt_id])
    assert shop.callback(told, OTHER).status == 204
    assert shop.head(order_id) == before
