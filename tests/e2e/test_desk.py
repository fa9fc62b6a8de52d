"""A seller's and an operator's way through the order desk of the deployed local stack, in a browser."""

import uuid
from collections.abc import Callable, Iterator

import pytest
from playwright.sync_api import Browser, Page, expect

from local.example_orders import PAYMENT, tea_order
from local.sandbox_client import SandboxClient, pay_on_hosted_page
from local.stack import Stack

# Opens the desk in a browser of its own, signed in as that role.
SignIn = Callable[[str], Page]


@pytest.fixture
def sign_in(browser: Browser, stack: Stack) -> Iterator[SignIn]:
    blocked: list[str] = []

    def signed_in(role: str) -> Page:
        page = browser.new_context(locale="en-GB").new_page()
        page.on("console", lambda message: blocked.append(message.text) if "Content Security" in message.text else None)
        page.goto(stack.desk_url)
        page.get_by_role("button", name="Sign in").click()
        page.fill("#username", stack.users[role]["email"])
        page.fill("#password", stack.users[role]["password"])
        page.get_by_role("button", name="Sign in").click()
        expect(page.get_by_role("button", name="Sign out")).to_be_visible()
        expect(page.get_by_text(stack.users[role]["email"])).to_be_visible()
        return page

    yield signed_in
    assert blocked == []


@pytest.fixture
def reference() -> str:
    return f"desk-{uuid.uuid4().hex[:8]}"


@pytest.fixture
def order_id(stack: Stack, reference: str) -> str:
    order = tea_order(reference, stack.buyer_id, stack.seller_id)
    return str(stack.client("service").create_order(order).expect(201)["order_id"])


def pay_url_of(stack: Stack, order_id: str) -> str:
    asked = stack.client("buyer").request_payment(order_id, PAYMENT, uuid.uuid4().hex)
    return str(asked.expect(201)["pay_url"])


def test_a_seller_sees_why_an_order_is_locked_stops_and_changes_it_and_refunds_it(
    stack: Stack, order_id: str, reference: str, sign_in: SignIn
) -> None:
    pay_url_of(stack, order_id)
    page = sign_in("seller")
    page.get_by_role("link", name=reference).click()
    expect(page.get_by_role("heading", name=f"Order {reference}")).to_be_visible()
    expect(page.get_by_text("Locked: it is being paid").first).to_be_visible()
    expect(page.get_by_text("Begun by the buyer").first).to_be_visible()
    expect(page.locator("main .countdown").first).to_contain_text("left")

    page.get_by_role("button", name="Stop the payment and change").click()
    page.get_by_label("Quantity").first.fill("3")
    page.locator("form.edit").get_by_role("button", name="Stop the payment and change").click()
    dialog = page.get_by_role("dialog")
    expect(dialog).to_contain_text("New total: €37.50")
    dialog.get_by_role("button", name="Stop the payment and change").click()
    expect(page.get_by_text("Awaiting payment")).to_be_visible()
    assert stack.client("seller").read_order(order_id).expect(200)["total"] == 3750

    pay_on_hosted_page(pay_url_of(stack, order_id)).expect(303)
    page.get_by_role("button", name="Refund").click()
    dialog.get_by_label("Amount in EUR").fill("12.50")
    dialog.get_by_label("Reason").fill("one packet came back")
    dialog.get_by_role("button", name="Refund").click()
    expect(page.get_by_text("The refund of €12.50 is recorded.").first).to_be_visible()
    (refund,) = stack.client("seller").read_order(order_id).expect(200)["refunds"]
    assert (refund["amount"], refund["reason"]) == (1250, "one packet came back")


def test_an_operator_gets_from_attention_to_the_remedy_in_two_clicks(
    stack: Stack, order_id: str, reference: str, sign_in: SignIn
) -> None:
    pay_url = pay_url_of(stack, order_id)
    attempt_id = stack.client("buyer").read_order(order_id).expect(200)["payment"]["attempt_id"]
    SandboxClient(stack.sandbox_url).set_faults(attempt_id, {"payment": {"amount": 100}}).expect(200)
    pay_on_hosted_page(pay_url).expect(303)

    page = sign_in("operator")
    page.get_by_role("link", name="Attention").click()
    entry = (
        page.locator("main article, main li, main section").filter(has=page.get_by_role("link", name=reference)).last
    )
    expect(entry).to_contain_text("Money does not match")
    entry.get_by_role("link", name="Decide the review").click()

    dialog = page.get_by_role("dialog")
    dialog.get_by_label("It goes back").check()
    dialog.get_by_label("Reason").fill("too little")
    dialog.get_by_role("button", name="Decide the review").click()
    expect(page.get_by_text("Awaiting payment")).to_be_visible()
    assert stack.client("operator").read_order(order_id).expect(200)["payment_status"] == "pending_payment"
