"""A gateway's statement applies to its own attempts only: an attempt at another gateway does not change."""

from collections.abc import Callable
from dataclasses import replace

import pytest

from paylatch.domain.errors import Refused
from paylatch.domain.payment import Capture
from tests.fakes.scripted_gateway import ScriptedGateway
from tests.integration.shop import Shop

OTHER = "elsewhere"
EVENT_TYPES = (
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
    shop.edit_to_three_packets(order_id, 1)
    shop.money(attempt_id)
    return order_id, attempt_id


def refused(shop: Shop) -> tuple[str, str]:
    order_id, attempt_id = owed(shop)
    shop.gateway.answer_with("refund", Refused("sandbox", "charge_disputed"))
    shop.sweep()
    return order_id, attempt_id


@pytest.mark.parametrize("event_type", EVENT_TYPES)
@pytest.mark.parametrize("arrange", [being_paid, paid, under_review, owed, refused])
def test_events_of_another_gateway_change_nothing(
    shop: Shop, arrange: Callable[[Shop], tuple[str, str]], event_type: str
) -> None:
    order_id, attempt_id = arrange(shop)
    before = shop.head(order_id)
    same_name = Capture(next(iter(before.payments), "pay_1"), 2500, "EUR")
    other_gateway = ScriptedGateway(shop.clock, OTHER)
    shop.gateways.made[OTHER] = other_gateway
    other_gateway.money[attempt_id] = replace(same_name, returned=2500) if before.payments else same_name
    callback = other_gateway.signed(event_type, attempt_id, other_gateway.money[attempt_id])
    assert shop.callback(callback, OTHER).status == 204
    assert shop.head(order_id) == before
