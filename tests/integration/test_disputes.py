"""A dispute's opening and end are each recorded, counted and published once, in any order of callbacks; the payment
status stays.
"""

from dataclasses import replace

import pytest

from paylatch.domain.errors import OutcomeUnknown
from paylatch.domain.payment import Dispute, DisputeStatus
from paylatch.ports import GatewayEvent, GatewayEventKind, Metric
from paylatch.use_cases.record_dispute import record_dispute
from tests.integration.shop import TTL, Shop

OPEN, WON, LOST = DisputeStatus.OPEN, DisputeStatus.WON, DisputeStatus.LOST


@pytest.mark.parametrize(
    ("event_type", "ends", "opened", "closed"),
    [
        ([OPEN], OPEN, 1, 0),
        ([OPEN, OPEN], OPEN, 1, 0),
        ([OPEN, LOST], LOST, 1, 1),
        ([OPEN, WON, WON], WON, 1, 1),
        ([LOST, OPEN], LOST, 0, 1),
        ([WON, LOST], WON, 0, 1),
    ],
)
def test_each_change_of_a_dispute_is_recorded_once(
    shop: Shop, event_type: list[DisputeStatus], ends: DisputeStatus, opened: int, closed: int
) -> None:
    order_id, attempt_id = shop.locked()
    shop.money(attempt_id)
    for status in event_type:
        dispute = Dispute("dp_1", f"pay_{attempt_id}", 2500, "EUR", status, shop.clock.now() + TTL)
        record_dispute(order_id, attempt_id, dispute, "sandbox", shop.ports)
    assert shop.status(order_id) == "paid"
    assert shop.head(order_id).disputes["dp_1"].status is ends
    assert (shop.metrics.times(Metric.DISPUTE_OPENED), shop.metrics.times(Metric.DISPUTE_CLOSED)) == (opened, closed)
    details = dict(shop.head(order_id).last_event.detail or {})
    assert (details["amount"], details["currency"], details["payment_id"]) == (2500, "EUR", f"pay_{attempt_id}")


def test_a_callback_that_names_the_payment_only_finds_its_order(shop: Shop) -> None:
    """A gateway's event about a dispute may name only the payment; the gateway is queried for its attempt."""
    order_id, attempt_id = shop.locked()
    shop.money(attempt_id)
    dispute = Dispute("dp_1", f"pay_{attempt_id}", 2500, "EUR", OPEN)
    shop.gateway.gateway_events = (GatewayEvent(GatewayEventKind.DISPUTED, "", dispute=dispute),)
    assert shop.callback(shop.gateway.signed("anything", attempt_id)).status == 204
    assert list(shop.head(order_id).disputes) == ["dp_1"]


def test_a_dispute_about_a_payment_that_is_not_ours_is_acknowledged_and_left_alone(shop: Shop) -> None:
    order_id, attempt_id = shop.locked()
    shop.gateway.gateway_events = (
        GatewayEvent(GatewayEventKind.DISPUTED, "", dispute=Dispute("dp_1", "pay_else", 2500, "EUR", OPEN)),
    )
    assert shop.callback(shop.gateway.signed("anything", attempt_id)).status == 204
    assert shop.head(order_id).disputes == {}


def test_an_event_whose_attempt_cannot_be_found_is_not_acknowledged(shop: Shop) -> None:
    order_id, attempt_id = shop.locked()
    shop.money(attempt_id)
    dispute = Dispute("dp_1", f"pay_{attempt_id}", 2500, "EUR", OPEN)
    shop.gateway.gateway_events = (GatewayEvent(GatewayEventKind.DISPUTED, "", dispute=dispute),)
    shop.gateway.answer_with("find_attempt", OutcomeUnknown("sandbox", "no answer"))
    assert shop.callback(shop.gateway.signed("anything", attempt_id)).status == 503
    assert shop.callback(shop.gateway.signed("anything", attempt_id)).status == 204
    assert list(shop.head(order_id).disputes) == ["dp_1"]


def test_the_amount_of_a_lost_dispute_is_recorded_as_returned(shop: Shop) -> None:
    order_id, attempt_id = shop.locked()
    shop.money(attempt_id)
    paid = shop.gateway.money[attempt_id]
    dispute = Dispute("dp_1", paid.payment_id, 2500, "EUR", LOST)
    shop.gateway.money[attempt_id] = replace(paid, returned=2500)
    shop.gateway.gateway_events = (GatewayEvent(GatewayEventKind.DISPUTED, attempt_id, dispute=dispute),)
    assert shop.callback(shop.gateway.signed("anything", attempt_id)).status == 204
    assert shop.head(order_id).payments[paid.payment_id].returned == 2500
    assert shop.metrics.times(Metric.MONEY_RETURNED) == 1


def test_a_lost_dispute_is_recorded_though_the_gateway_did_not_answer_at_first(shop: Shop) -> None:
    order_id, attempt_id = shop.locked()
    shop.money(attempt_id)
    paid = shop.gateway.money[attempt_id]
    shop.gateway.money[attempt_id] = replace(paid, returned=2500)
    shop.gateway.gateway_events = (
        GatewayEvent(
            GatewayEventKind.DISPUTED, attempt_id, dispute=Dispute("dp_1", paid.payment_id, 2500, "EUR", LOST)
        ),
    )
    shop.gateway.answer_with("query_payment", OutcomeUnknown("sandbox", "no answer"))
    assert shop.callback(shop.gateway.signed("anything", attempt_id)).status == 503
    assert shop.callback(shop.gateway.signed("anything", attempt_id)).status == 204
    assert shop.head(order_id).payments[paid.payment_id].returned == 2500
    assert shop.metrics.times(Metric.DISPUTE_CLOSED) == 1
