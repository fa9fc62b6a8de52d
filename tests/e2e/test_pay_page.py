"""A payer's way through the deployed local stack in a browser: link, page, gateway, and back."""

import uuid

import pytest
from playwright.sync_api import Browser, Page, expect

from local.example_orders import tea_order
from local.stack import Stack

SHOP = "https://shop.example/thanks"


@pytest.fixture
def order_id(stack: Stack) -> str:
    order = tea_order(f"page-{uuid.uuid4().hex[:8]}", stack.buyer_id, stack.seller_id)
    return str(stack.client("service").create_order(order).expect(201)["order_id"])


@pytest.fixture
def link(stack: Stack, order_id: str) -> str:
    asked = stack.client("seller").call("POST", f"/orders/{order_id}/pay-link", {"return_url": SHOP})
    return str(asked.expect(200)["url"])


def test_a_payer_stops_a_payment_and_pays_by_the_same_link(
    browser: Browser, stack: Stack, order_id: str, link: str
) -> None:
    page, blocked = browser.new_page(locale="en-GB"), list[str]()
    page.on("console", lambda message: blocked.append(message.text) if "Content Security" in message.text else None)
    page.goto(link)
    go_to_the_gateway(page, stack)
    page.get_by_role("link", name="Leave without paying").click()
    expect(page.locator("h1")).to_have_text("Payment has begun")
    expect(page.locator(".countdown")).to_contain_text("left")

    page.get_by_role("button", name="Stop the payment").click()
    expect(page.get_by_text("The payment was stopped.")).to_be_visible()

    go_to_the_gateway(page, stack)
    page.get_by_role("button", name="Pay 25.00 EUR").click()
    page.get_by_role("link", name="Back to the shop").click()
    expect(page.locator("h1")).to_have_text("Thank you, your payment has arrived")
    assert page.get_by_role("link", name="Back to the shop").get_attribute("href", timeout=1000)
    assert stack.client("buyer").read_order(order_id).expect(200)["payment_status"] == "paid"
    assert blocked == []


def go_to_the_gateway(page: Page, stack: Stack) -> None:
    expect(page.locator("h1")).to_have_text("Payment due")
    page.get_by_role("button", name="Pay EUR").click()
    expect(page.get_by_text("Sandbox: no real money moves")).to_be_visible()
    assert page.url.startswith(stack.sandbox_url)
