"""The order desk's *Stop the payment and change* in a browser, where the order changes while its dialog is open."""

from playwright.sync_api import Page, expect

from tests.lambda_events import SELLER
from tests.pages.handled_desk import HandledDesk
from tests.pages.signing_in import open_desk


def test_a_change_is_made_too_where_the_payment_ended_while_the_user_was_asked(desk: HandledDesk, page: Page) -> None:
    order_id = desk.shop.create(seller_id=SELLER.subject)
    attempt_id = desk.shop.pay(order_id).body["attempt_id"]
    open_desk(page, f"/desk/orders/{order_id}")
    page.get_by_role("button", name="Stop the payment and change").click()
    form = page.locator("form.edit")
    form.get_by_label("Quantity").fill("1")
    form.get_by_role("button", name="Stop the payment and change").click()
    desk.shop.cancel_payment(order_id, attempt_id)
    expect(form.get_by_text("Save", exact=True)).to_have_count(1)
    page.locator("dialog[open] .actions button").first.click()
    expect(form).to_have_count(0)
    assert desk.shop.head(order_id).total == 1250
