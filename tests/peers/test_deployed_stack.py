"""The deployed local stack with peers for gateways: order lifecycles over HTTP, compared with the peers' ledgers at the
end.
"""

import time
from collections.abc import Iterator

import pytest

from paylatch.domain.ids import derived_refund_id
from tests.peers.deployed_shop import DeployedShop, deployed
from tests.peers.emulated_stripe import pay
from tests.peers.simulated_payu import act

TOTAL = 2 * 617
PART = 500
CURRENCIES = {"stripe": "EUR", "payu": "PLN", "alipay": "CNY"}


@pytest.fixture(scope="module")
def shop(tmp_path_factory: pytest.TempPathFactory) -> Iterator[DeployedShop]:
    with deployed(tmp_path_factory.mktemp("deployed")) as shop:
        yield shop


@pytest.mark.parametrize("gateway", CURRENCIES)
def test_a_buyer_who_cancels_can_edit_at_once_and_pay_again(shop: DeployedShop, gateway: str) -> None:
    order_id = shop.create_order(CURRENCIES[gateway])
    attempt = shop.request_payment(order_id, gateway)
    shop.edit(order_id, revision=1, expected=409)
    shop.release(order_id, attempt["attempt_id"])
    shop.edit(order_id, revision=1)
    assert shop.request_payment(order_id, gateway)["amount"] == TOTAL


def test_payu_pays_an_order(shop: DeployedShop) -> None:
    order_id = shop.create_order("PLN")
    attempt = shop.request_payment(order_id, "payu")
    act(attempt["pay_url"], "approve")
    paid = shop.until_status(order_id, "paid")
    assert (paid["payment"]["amount"], paid["payment"]["currency"]) == (TOTAL, "PLN")
    shop.cancel_payment(order_id, attempt["attempt_id"], 409)


def test_payu_refunds_a_part_and_then_the_rest_and_never_more(shop: DeployedShop) -> None:
    order_id = shop.create_order("PLN")
    act(shop.request_payment(order_id, "payu")["pay_url"], "approve")
    shop.until_status(order_id, "paid")
    before = {name: list(refunds) for name, refunds in shop.payu.refunds.items()}
    returned_in_two_parts(shop, order_id)
    (made,) = [refunds for name, refunds in shop.payu.refunds.items() if refunds != before.get(name)]
    assert sorted(int(refund["amount"]) for refund in made) == [PART, TOTAL - PART]


def test_payu_declines_and_the_order_is_editable_again(shop: DeployedShop) -> None:
    order_id = shop.create_order("PLN")
    act(shop.request_payment(order_id, "payu")["pay_url"], "reject")
    shop.until_status(order_id, "pending_payment")
    shop.edit(order_id, revision=1)


def test_a_link_voided_at_payu_takes_no_money(shop: DeployedShop) -> None:
    order_id = shop.create_order("PLN")
    attempt = shop.request_payment(order_id, "payu")
    shop.release(order_id, attempt["attempt_id"])
    assert act(attempt["pay_url"], "approve").status == 400


def test_stripe_payments_that_show_no_amount_go_to_a_person(shop: DeployedShop) -> None:
    order_id = shop.create_order("EUR")
    pay(shop.request_payment(order_id, "stripe")["pay_url"])
    shop.until_status(order_id, "review")
    shop.edit(order_id, revision=1, expected=409)


def test_alipay_pays_an_order(shop: DeployedShop) -> None:
    order_id = shop.create_order("CNY")
    attempt = shop.request_payment(order_id, "alipay")
    trade = shop.alipay.scan(attempt["pay_url"])
    trade["trade_status"] = "TRADE_SUCCESS"
    assert shop.deliver("alipay", shop.alipay.notification(trade)).body == "success"
    assert shop.order(order_id)["payment_status"] == "paid"


def test_alipay_refunds_a_part_and_then_the_rest_and_never_more(shop: DeployedShop) -> None:
    order_id = shop.create_order("CNY")
    trade = shop.alipay.scan(shop.request_payment(order_id, "alipay")["pay_url"])
    trade["trade_status"] = "TRADE_SUCCESS"
    shop.deliver("alipay", shop.alipay.notification(trade))
    refund_ids = returned_in_two_parts(shop, order_id)
    assert [shop.alipay.refunds[refund_id] for refund_id in refund_ids] == ["5.00", "7.34"]


def returned_in_two_parts(shop: DeployedShop, order_id: str) -> list[str]:
    """Refund a part, refuse more than the rest, and refund the rest; the ids of both refunds."""
    first = shop.refund(order_id, "return-1", PART)
    shop.refund(order_id, "return-2", TOTAL - PART + 1, expected=409)
    assert shop.refund(order_id, "return-1", PART) == first
    rest = shop.refund(order_id, "return-3", None)
    shop.until_refunded(order_id, TOTAL)
    shop.refund(order_id, "return-4", None, expected=409)
    return [first, rest]


def test_alipay_money_that_comes_after_an_edit_goes_back(shop: DeployedShop) -> None:
    order_id = shop.create_order("CNY")
    attempt = shop.request_payment(order_id, "alipay")
    # Not scanned yet, so Alipay cannot close it: the order is unlocked, the link stays live.
    shop.release(order_id, attempt["attempt_id"])
    shop.edit(order_id, revision=1)
    trade = shop.alipay.scan(attempt["pay_url"])
    trade["trade_status"] = "TRADE_SUCCESS"
    assert shop.deliver("alipay", shop.alipay.notification(trade)).body == "success"
    assert shop.order(order_id)["payment_status"] == "pending_payment"
    deadline = time.monotonic() + 240
    while trade["trade_status"] != "TRADE_CLOSED":
        assert time.monotonic() < deadline, "the sweep gave nothing back"
        time.sleep(1)
    given_back = {name: amount for name, amount in shop.alipay.refunds.items() if name.startswith(f"{order_id}_")}
    assert given_back == {derived_refund_id(attempt["attempt_id"], trade["trade_no"]): trade["total_amount"]}


def test_alipay_money_that_comes_late_for_the_same_revision_pays(shop: DeployedShop) -> None:
    order_id = shop.create_order("CNY")
    attempt = shop.request_payment(order_id, "alipay")
    shop.release(order_id, attempt["attempt_id"])
    trade = shop.alipay.scan(attempt["pay_url"])
    trade["trade_status"] = "TRADE_SUCCESS"
    shop.deliver("alipay", shop.alipay.notification(trade))
    assert shop.order(order_id)["payment_status"] == "paid"


def test_forged_callbacks_are_refused(shop: DeployedShop) -> None:
    order_id = shop.create_order("CNY")
    trade = {**shop.alipay.scan(shop.request_payment(order_id, "alipay")["pay_url"]), "trade_status": "TRADE_SUCCESS"}
    assert shop.deliver("alipay", shop.alipay.notification(trade, "somebody-else")).status == 401
    assert shop.order(order_id)["payment_status"] == "in_payment"


def test_deadlines_end_every_lock(shop: DeployedShop) -> None:
    orders = {gateway: shop.create_order(currency) for gateway, currency in CURRENCIES.items()}
    for gateway, order_id in orders.items():
        shop.request_payment(order_id, gateway, expires_in=60)
    for order_id in orders.values():
        shop.until_status(order_id, "pending_payment", seconds=300)
