"""From one view of the order desk to the next in a browser, in front of the real handlers: what a search finds, and
what is shown until an order has been read."""

import pytest
from playwright.sync_api import Page, Route, expect

from tests.lambda_events import SELLER
from tests.pages.handled_desk import HandledDesk
from tests.pages.signing_in import open_desk

# Both have the form of an order's number.
REFERENCE, NO_ORDER = "2026112700000042", "2026112700000043"

# Go to a path of the desk, as the browser's forward button does.
SHOW = "path => { history.pushState(null, '', path); dispatchEvent(new PopStateEvent('popstate')); }"


def search(page: Page, words: str) -> None:
    open_desk(page, "/desk")
    page.get_by_label("Reference or order number").fill(words)
    page.get_by_role("button", name="Find").click()


def test_a_reference_that_has_the_form_of_an_order_s_number_is_found(desk: HandledDesk, page: Page) -> None:
    desk.shop.create(seller_id=SELLER.subject, reference=REFERENCE)
    desk.shop.create(seller_id=SELLER.subject)
    search(page, REFERENCE)
    expect(page.locator("table.orders tbody tr")).to_have_count(1)
    expect(page.get_by_role("link", name=REFERENCE)).to_be_visible()


@pytest.mark.parametrize("lower", [False, True], ids=["as it is", "in lower case"])
def test_an_order_s_number_opens_the_order(desk: HandledDesk, page: Page, lower: bool) -> None:
    order_id = desk.shop.create(seller_id=SELLER.subject)
    search(page, order_id.lower() if lower else order_id)
    expect(page.locator("order-view h1")).to_contain_text("2026-1001")


def test_what_is_neither_is_not_found(desk: HandledDesk, page: Page) -> None:
    search(page, NO_ORDER)
    expect(page.get_by_text("No orders match")).to_be_visible()


def test_until_an_order_is_read_nothing_is_said_against_it(desk: HandledDesk, page: Page) -> None:
    order_id = desk.shop.create(seller_id=SELLER.subject)
    open_desk(page, f"/desk/orders/{order_id}")
    page.evaluate(SHOW, f"/desk/orders/{NO_ORDER}")
    expect(page.get_by_role("alert")).to_contain_text(NO_ORDER)
    held: list[Route] = []
    page.route(f"**/orders/{order_id}", lambda route: held.append(route))
    page.go_back()
    expect(page.locator("main h1")).to_contain_text(order_id)
    expect(page.get_by_role("alert")).to_have_count(0)
    held[0].continue_()
    expect(page.locator("main h1")).to_contain_text("2026-1001")
