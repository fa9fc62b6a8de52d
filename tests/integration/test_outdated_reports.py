"""A report of returned money may be outdated: the gateway's answer to a query counts."""

from dataclasses import replace
from datetime import timedelta

from local.api_client import ApiResponse
from tests.integration.shop import Shop

A_DAY = timedelta(days=1)


def report_return_that_failed_since(shop: Shop, attempt_id: str, returned: int = 2500) -> ApiResponse:
    """After a manual refund the payer's bank returned the money to the shop, and only now the first report arrives."""
    capture = replace(shop.gateway.money[attempt_id], returned=returned)
    then = shop.clock.now() - A_DAY
    return shop.callback(shop.gateway.signed("payment.refunded", attempt_id, capture, stated_at=then))


def test_an_order_stays_locked_whose_money_is_all_there(shop: Shop) -> None:
    order_id, attempt_id = shop.locked()
    shop.gateway.capture_payment(attempt_id)
    assert report_return_that_failed_since(shop, attempt_id).status == 204
    assert shop.status(order_id) == "in_payment"
    assert shop.head(order_id).payments == {}


def test_nothing_is_shown_as_returned_that_the_gateway_holds(shop: Shop) -> None:
    order_id, attempt_id = shop.locked()
    shop.money(attempt_id)
    assert report_return_that_failed_since(shop, attempt_id).status == 204
    assert shop.read(order_id).body["payment"]["captured"]["returned"] == 0


def test_where_a_gateway_shows_no_partial_refund_its_report_of_one_counts(shop: Shop) -> None:
    shop.gateway.capabilities = replace(shop.gateway.capabilities, shows_partial_refunds=False)
    order_id, attempt_id = shop.locked()
    shop.money(attempt_id)
    assert report_return_that_failed_since(shop, attempt_id, 1000).status == 204
    assert shop.read(order_id).body["payment"]["captured"]["returned"] == 1000
