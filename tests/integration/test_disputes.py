"""A dispute is recorded, counted and told once each way, whatever order the news comes in; the status stays."""

from dataclasses import replace

import pytest

from paylatch.domain.errors import OutcomeUnknown
from paylatch.domain.payment import Dispute, DisputeStatus
from paylatch.ports import Metric, Notice, NoticeKind
from paylatch.use_cases.record_dispute import record_dispute
from tests.integration.shop import TTL, Shop

OPEN, WON, LOST = DisputeStatus.OPEN, DisputeStatus.WON, DisputeStatus.LOST


@pytest.mark.parametrize(
    ("news", "ends", "opened", "closed"),
    [
        ([OPEN], OPEN, 1, 0),
        ([OPEN, OPEN], OPEN, 1, 0),
        ([OPEN, LOST], LOST, 1, 1),
        ([OPEN, WON, WON], WON, 1, 1),
        ([LOST, OPEN], LOST, 0, 1),
        ([WON, LOST], WON, 0, 1),
    ],
)
def test_each_turn_of_a_dispute_is_recorded_once(
    shop: Shop, news: list[DisputeStatus], ends: DisputeStatus, opened: int, closed: int
) -> None:
    order_id, attempt_id = shop.locked()
    shop.money(attempt_id)
    for status in news:
        dispute = Dispute("dp_1", f"pay_{attempt_id}", 2500, "EUR", status, shop.clock.now() + TTL)
        record_dispute(order_id, attempt_id, dispute, "sandbox", shop.ports)
    assert shop.status(order_id) == "paid"
    assert shop.head(order_id).disputes["dp_1"].status is ends
    assert (shop.watch.times(Metric.DISPUTE_OPENED), shop.watch.times(Metric.DISPUTE_CLOSED)) == (opened, closed)
    told = dict(shop.head(order_id).last_event.detail or {})
    assert (told["amount"], told["currency"], told["payment_id"]) == (2500, "EUR", f"pay_{attempt_id}")


def test_a_callback_that_names_the_payment_only_finds_its_order(shop: Shop) -> None:
    """A gateway's event about a dispute may name the payment and nothing of ours; it is asked whose that is."""
    order_id, attempt_id = shop.locked()
    shop.money(attempt_id)
    dispute = Dispute("dp_1", f"pay_{attempt_id}", 2500, "EUR", OPEN)
    shop.gateway.notices = (Notice(NoticeKind.DISPUTED, "", dispute=dispute),)
    assert shop.callback(shop.gateway.signed("anything", attempt_id)).status == 204
    assert list(shop.head(order_id).disputes) == ["dp_1"]


def test_a_dispute_about_a_payment_that_is_not_ours_is_acknowledged_and_left_alone(shop: Shop) -> None:
    order_id, attempt_id = shop.locked()
    shop.gateway.notices = (Notice(NoticeKind.DISPUTED, "", dispute=Dispute("dp_1", "pay_else", 2500, "EUR", OPEN)),)
    assert shop.callback(shop.gateway.signed("anything", attempt_id)).status == 204
    assert shop.head(order_id).disputes == {}


def test_a_gateway_that_does_not_say_whose_payment_it_is_tells_again(shop: Shop) -> None:
    order_id, attempt_id = shop.locked()
    shop.money(attempt_id)
    dispute = Dispute("dp_1", f"pay_{attempt_id}", 2500, "EUR", OPEN)
    shop.gateway.notices = (Notice(NoticeKind.DISPUTED, "", dispute=dispute),)
    shop.gateway.will("find_attempt", OutcomeUnknown("sandbox", "no answer"))
    assert shop.callback(shop.gateway.signed("anything", attempt_id)).status == 503
    assert shop.callback(shop.gateway.signed("anything", attempt_id)).status == 204
    assert list(shop.head(order_id).disputes) == ["dp_1"]


def test_what_a_lost_dispute_takes_is_seen_to_have_gone_back(shop: Shop) -> None:
    order_id, attempt_id = shop.locked()
    shop.money(attempt_id)
    paid = shop.gateway.money[attempt_id]
    dispute = Dispute("dp_1", paid.payment_id, 2500, "EUR", LOST)
    shop.gateway.money[attempt_id] = replace(paid, returned=2500)
    shop.gateway.notices = (Notice(NoticeKind.DISPUTED, attempt_id, dispute=dispute),)
    assert shop.callback(shop.gateway.signed("anything", attempt_id)).status == 204
    assert shop.head(order_id).payments[paid.payment_id].returned == 2500
    assert shop.watch.times(Metric.MONEY_RETURNED) == 1


def test_what_a_lost_dispute_takes_is_seen_though_the_gateway_was_silent_when_it_was_first_told(shop: Shop) -> None:
    order_id, attempt_id = shop.locked()
    shop.money(attempt_id)
    paid = shop.gateway.money[attempt_id]
    shop.gateway.money[attempt_id] = replace(paid, returned=2500)
    shop.gateway.notices = (
        Notice(NoticeKind.DISPUTED, attempt_id, dispute=Dispute("dp_1", paid.payment_id, 2500, "EUR", LOST)),
    )
    shop.gateway.will("query_payment", OutcomeUnknown("sandbox", "no answer"))
    assert shop.callback(shop.gateway.signed("anything", attempt_id)).status == 503
    assert shop.callback(shop.gateway.signed("anything", attempt_id)).status == 204
    assert shop.head(order_id).payments[paid.payment_id].returned == 2500
    assert shop.watch.times(Metric.DISPUTE_CLOSED) == 1
