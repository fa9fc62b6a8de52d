"""Money after an order is paid, on the deployed stack: a return, a lost dispute, a callback that never came.

At the end the sandbox gateway's ledger has what the orders' ledgers have.
"""

import time
from collections.abc import Callable, Mapping
from dataclasses import replace
from datetime import UTC, datetime, timedelta
from typing import Any

import boto3
import pytest
from sandbox.store import DynamoSessionStore

from local.sandbox_client import SandboxClient
from local.stack import Stack
from paylatch.store.connection import TableConnection
from tests.e2e.late_money_shop import TOTAL, LateMoneyShop, Link

HALF = TOTAL // 2
WITHIN_SECONDS = 30.0
# Longer ago than callbacks may be on their way.
EARLIER = timedelta(minutes=20)
Parts = tuple[int, int, int]


@pytest.fixture(scope="module")
def shop(stack: Stack) -> LateMoneyShop:
    return LateMoneyShop(stack)


def until(holds: Callable[[], bool]) -> None:
    deadline = time.monotonic() + WITHIN_SECONDS
    while not holds() and time.monotonic() < deadline:
        time.sleep(0.25)
    assert holds()


def ours(stack: Stack, order_id: str) -> Parts:
    """Captured, refunded by our refunds, and returned in other ways: as the order has it."""
    order = stack.client("seller").read_order(order_id).expect(200)
    ledger: Mapping[str, int] = order["ledger"]
    return ledger["captured"], ledger["refunded"], ledger["returned"]


def theirs(stack: Stack, link: Link) -> Parts:
    """The same, as the gateway has it; nothing was refunded by hand."""
    ledger = SandboxClient(stack.sandbox_url).read_ledger(link.attempt_id).expect(200)
    return ledger["captured"], ledger["refunded"], ledger["lost"]


def test_half_an_order_comes_back_and_the_rest_is_lost_in_a_dispute(stack: Stack, shop: LateMoneyShop) -> None:
    order_id = shop.create()
    link = shop.request_payment(order_id)
    shop.pay(link)
    shop.until_status(order_id, "paid")
    seller, gateway = stack.client("seller"), SandboxClient(stack.sandbox_url)

    assert seller.refund(order_id, "return-1", HALF).expect(201)["status"] == "due"
    refused = seller.refund(order_id, "return-2", HALF + 1)
    assert (refused.status, refused.code, refused.body["left"]) == (409, "refund-exceeds-payment", HALF)
    until(lambda: ours(stack, order_id) == (TOTAL, HALF, 0))

    gateway.dispute(link.attempt_id, "open").expect(200)
    until(lambda: bool(shop.order(order_id)["disputed"]))
    refused = seller.refund(order_id, "return-3", 1)
    assert (refused.status, refused.code) == (409, "refund-disputed")
    gateway.dispute(link.attempt_id, "lost").expect(200)
    until(lambda: ours(stack, order_id) == (TOTAL, HALF, HALF))
    assert theirs(stack, link) == (TOTAL, HALF, HALF)


def test_a_payment_whose_callback_never_came_is_found_by_an_operator_and_pays(
    stack: Stack, shop: LateMoneyShop, emulated_aws: boto3.Session, monkeypatch: pytest.MonkeyPatch
) -> None:
    order_id = shop.create()
    link = shop.request_payment(order_id, {"callbacks": {"lost": True}})
    shop.pay(link)
    assert shop.order(order_id)["payment_status"] == "in_payment"
    day = paid_earlier(stack, link, emulated_aws, monkeypatch)

    report = reconciled(stack, day)

    assert [each["discrepancy"] for each in report["findings"] if each["attempt_id"] == link.attempt_id] == [
        "missing_webhook"
    ]
    assert shop.order(order_id)["payment_status"] == "paid"
    assert ours(stack, order_id) == theirs(stack, link) == (TOTAL, 0, 0)


def paid_earlier(stack: Stack, link: Link, emulated_aws: boto3.Session, monkeypatch: pytest.MonkeyPatch) -> str:
    """The gateway's record says that the payment is old enough to be listed; the day that lists it."""
    credentials = emulated_aws.get_credentials()
    assert credentials is not None
    monkeypatch.setenv("AWS_ACCESS_KEY_ID", credentials.access_key)
    monkeypatch.setenv("AWS_SECRET_ACCESS_KEY", credentials.secret_key)
    client: Any = emulated_aws.client("dynamodb", endpoint_url=stack.aws_endpoint_url)
    (name,) = (each for each in client.list_tables()["TableNames"] if "SandboxTable" in each)
    table = TableConnection(name, emulated_aws.region_name, stack.aws_endpoint_url)
    sessions = DynamoSessionStore(table, lambda: datetime.now(UTC))
    shown = SandboxClient(stack.sandbox_url).read_ledger(link.attempt_id).expect(200)
    session = sessions.read(shown["session_id"])
    assert session is not None
    assert session.payment is not None
    at = datetime.now(UTC) - EARLIER
    assert sessions.write(replace(session, payment=replace(session.payment, at=at)))
    return at.date().isoformat()


def reconciled(stack: Stack, day: str) -> Mapping[str, Any]:
    """The day gone through from its beginning to its end, in as many calls as it takes."""
    operator = stack.client("operator")
    report = operator.reconcile(day, again=True).expect(200)
    deadline = time.monotonic() + WITHIN_SECONDS
    while not report["done"] and time.monotonic() < deadline:
        report = operator.reconcile(day).expect(200)
    assert (report["done"], report["failed"]) == (True, [])
    return report
