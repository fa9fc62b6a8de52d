"""Where less is left of a payment than a refund asks for, the ledger counts what the gateway gave back, and no more.

2,500 are paid and a refund of 2,000 is requested. Before it is made 1,000 go back in another way, so that the gateway
makes it of the 1,500 that are left.
"""

from dataclasses import replace
from datetime import timedelta

import pytest

from paylatch.domain.payment import Capture, Dispute, DisputeStatus
from paylatch.ports import GatewayEvent, GatewayEventKind, RefundState
from tests.api.handler_transport import client_of
from tests.integration.shop import Shop
from tests.lambda_events import OPERATOR, SELLER


@pytest.fixture(params=[GatewayEventKind.MONEY_RETURNED, GatewayEventKind.DISPUTED])
def order(shop: Shop, request: pytest.FixtureRequest) -> tuple[str, str, str]:
    """The ids of the order, of its attempt and of the refund that was made."""
    order_id, attempt_id = shop.locked()
    shop.money(attempt_id)
    refund_id = client_of(SELLER).refund(order_id, "refund-1", 2000, "broken").body["refund_id"]
    capture = returned(shop, attempt_id, 1000)
    lost = Dispute("dispute-1", capture.payment_id, 1000, "EUR", DisputeStatus.LOST)
    report(shop, GatewayEvent(request.param, attempt_id, capture=capture, dispute=lost))
    returned(shop, attempt_id, 2500)
    shop.clock.advance(timedelta(minutes=2))
    shop.sweep()
    return order_id, attempt_id, refund_id


def test_what_went_back_in_another_way_is_not_counted_as_refunded(shop: Shop, order: tuple[str, str, str]) -> None:
    assert parts(shop, order[0]) == (1500, 1000, 0, 0)


def test_a_refund_that_failed_gives_back_no_more_than_it_took(shop: Shop, order: tuple[str, str, str]) -> None:
    fail(shop, *order)
    assert parts(shop, order[0]) == (0, 1000, 1500, 0)


def test_what_is_written_off_is_no_more_than_the_gateway_holds(shop: Shop, order: tuple[str, str, str]) -> None:
    fail(shop, *order)
    shop.gateway.answer_with("query_refund", RefundState.FAILED)
    client_of(OPERATOR).write_off(order[0], order[2], "the account is closed").expect(200)
    assert parts(shop, order[0]) == (0, 1000, 0, 1500)


def test_a_refund_that_failed_and_is_made_again_counts_as_before(shop: Shop, order: tuple[str, str, str]) -> None:
    fail(shop, *order)
    returned(shop, order[1], 2500)
    shop.gateway.answer_with("query_refund", RefundState.DONE)
    shop.clock.advance(timedelta(minutes=2))
    shop.sweep()
    assert parts(shop, order[0]) == (1500, 1000, 0, 0)


def parts(shop: Shop, order_id: str) -> tuple[int, int, int, int]:
    """Refunded, returned, owed, written off."""
    ledger = shop.read(order_id).body["ledger"]
    return ledger["refunded"], ledger["returned"], ledger["owed"], ledger["written_off"]


def fail(shop: Shop, order_id: str, attempt_id: str, refund_id: str) -> None:
    capture = returned(shop, attempt_id, 1000)
    shop.gateway.answer_with("query_refund", RefundState.FAILED)
    failed = Capture(capture.payment_id, 1500, "EUR")
    report(shop, GatewayEvent(GatewayEventKind.REFUND_FAILED, attempt_id, capture=failed, refund_id=refund_id))
    assert shop.head(order_id).refunds[refund_id].made is None


def returned(shop: Shop, attempt_id: str, amount: int) -> Capture:
    """So much of the payment went back in all, as the gateway says from now on."""
    shop.gateway.money[attempt_id] = replace(shop.gateway.money[attempt_id], returned=amount)
    return shop.gateway.money[attempt_id]


def report(shop: Shop, event: GatewayEvent) -> None:
    shop.gateway.gateway_events = (event,)
    assert shop.callback(shop.gateway.signed("x", event.attempt_id)).status == 204
    shop.gateway.gateway_events = ()
