"""The order desk's edit and actions in a browser, in front of the real handlers: nothing typed is lost, nothing is done
twice, and the API's refusals lead on."""

import re

import pytest
from playwright.sync_api import Dialog, Page, Route, expect

from paylatch.domain.errors import OutcomeUnknown
from tests.api.handler_transport import client_of
from tests.lambda_events import OPERATOR, SELLER, SERVICE
from tests.pages.handled_desk import HandledDesk
from tests.pages.signing_in import open_desk

BUYER_FIELD = "Buyer\N{RIGHT SINGLE QUOTATION MARK}s id"
# The fields of a new order, by label.
NEW_ORDER = (
    ("Reference", "2026-9"),
    (BUYER_FIELD, "buyer-9"),
    ("Name", "Cup"),
    ("Article number", "c"),
    ("Price of one in EUR", "12.50"),
)
MOST_LOOKS = 50
# The characters of an element, of one line, in the sequence in which they are seen.
FROM_LEFT = """
element => {
  const text = element.ownerDocument.createTreeWalker(element, NodeFilter.SHOW_TEXT);
  const seen = [];
  while (text.nextNode()) {
    for (let place = 0; place < text.currentNode.length; place += 1) {
      const range = document.createRange();
      range.setStart(text.currentNode, place);
      range.setEnd(text.currentNode, place + 1);
      seen.push([range.getBoundingClientRect().left, range.toString()]);
    }
  }
  return seen.sort((one, other) => one[0] - other[0]).map(([, character]) => character);
}
"""
# A clock that is two hours ahead.
WRONG_CLOCK = "const now = Date.now.bind(Date); Date.now = () => now() + 7200e3;"


def open_order(page: Page, order_id: str, fragment: str = "") -> None:
    open_desk(page, f"/desk/orders/{order_id}{fragment}")
    expect(page.locator("order-actions")).to_be_visible()


def begin_edit(page: Page, order_id: str, button: str = "Edit") -> None:
    open_order(page, order_id)
    page.get_by_role("button", name=button, exact=True).click()


def note(page: Page) -> str:
    return page.get_by_label("Note", exact=True).input_value()


def press(page: Page, name: str) -> None:
    page.locator("form.edit").get_by_role("button", name=name, exact=True).click()


def confirm(page: Page, times: int = 1) -> None:
    """Press what the dialog asks about."""
    page.locator("dialog[open] .actions button").first.click(click_count=times)


def end_session(desk: HandledDesk, page: Page) -> None:
    """The API and the issuer know the user no more; the page finds out with the next edit that is sent."""
    desk.is_session_over = True
    press(page, "Save")
    expect(page.get_by_role("button", name="Sign in again").first).to_be_visible()


def sign_in_again(desk: HandledDesk, page: Page, place: str = "body") -> None:
    """Leave for the sign-in page, which signs in at once, and come back."""
    way = page.locator(place).get_by_role("button", name="Sign in again").first
    way.wait_for()
    desk.is_session_over = False
    way.click()
    expect(page.get_by_role("button", name="Sign in again")).to_have_count(0)


def kept_input(page: Page) -> str | None:
    kept: str | None = page.evaluate("sessionStorage.getItem('paylatch.unsaved')")
    return kept


def wait_for_problem(page: Page, place: str) -> None:
    """Let the pauses before the repetitions pass, until the place says that the outcome is not known."""
    unknown = page.locator(place).get_by_text("does not do it twice")
    for _ in range(MOST_LOOKS):
        if unknown.count():
            break
        page.clock.run_for(5_000)
    expect(unknown).to_be_visible()


def test_an_edit_shows_what_changes_and_the_new_total_before_it_is_saved(desk: HandledDesk, page: Page) -> None:
    order_id = desk.shop.create()
    begin_edit(page, order_id)
    page.get_by_label("Quantity").fill("3")
    preview = page.locator(".preview")
    expect(preview).to_contain_text("before: 2")
    expect(preview).to_contain_text("€37.50")
    assert desk.shop.head(order_id).revision == 1
    press(page, "Save")
    expect(page.locator("edit-order")).to_have_count(0)
    assert desk.shop.head(order_id).total == 3750


def test_a_text_of_several_lines_keeps_them_where_it_is_edited(desk: HandledDesk, page: Page) -> None:
    order_id = desk.shop.create(seller_id=SELLER.subject, metadata={"card": "Dear Ada,\nwell done"})
    begin_edit(page, order_id)
    text = page.get_by_label("Text 1", exact=True)
    text.press("Control+End")
    text.press_sequentially("!")
    press(page, "Save")
    expect(page.locator("form.edit")).to_have_count(0)
    assert client_of(SELLER).read_order(order_id).body["metadata"] == {"card": "Dear Ada,\nwell done!"}


def test_an_edit_of_somebody_else_is_shown_and_what_was_typed_stays(desk: HandledDesk, page: Page) -> None:
    order_id = desk.shop.create()
    begin_edit(page, order_id)
    page.get_by_label("Note", exact=True).fill("Ring three times.")
    client_of(SERVICE).edit_order(order_id, {"email": "ada@shop.example"}, 1)
    press(page, "Save")
    expect(page.locator("edit-order .notice")).to_contain_text("edited meanwhile")
    expect(page.locator("edit-order .notice")).to_contain_text("e-mail")
    assert (note(page), desk.shop.head(order_id).revision) == ("Ring three times.", 2)
    press(page, "Save")
    expect(page.locator("edit-order")).to_have_count(0)
    order = desk.shop.read(order_id).body
    assert (order["note"], order["email"]) == ("Ring three times.", "ada@shop.example")


def test_an_edit_that_a_payment_locks_out_stops_it_first(desk: HandledDesk, page: Page) -> None:
    order_id = desk.shop.create()
    begin_edit(page, order_id)
    page.get_by_label("Quantity").fill("1")
    desk.shop.pay(order_id)
    press(page, "Save")
    press(page, "Stop the payment and change")
    assert desk.shop.status(order_id) == "in_payment", "nothing is stopped before the user agrees"
    confirm(page)
    expect(page.locator("edit-order")).to_have_count(0)
    assert (desk.shop.status(order_id), desk.shop.head(order_id).total) == ("pending_payment", 1250)


def test_an_edit_whose_answer_was_lost_is_found_made(desk: HandledDesk, page: Page) -> None:
    order_id = desk.shop.create()
    begin_edit(page, order_id)
    page.clock.install()
    page.get_by_label("Note", exact=True).fill("Ring three times.")
    desk.silent = True
    press(page, "Save")
    wait_for_problem(page, "edit-order")
    desk.silent = False
    page.clock.run_for(70_000)
    expect(page.locator("edit-order")).to_have_count(0)
    assert (desk.shop.head(order_id).revision, desk.shop.read(order_id).body["note"]) == (2, "Ring three times.")


def test_an_edit_that_waits_for_the_gateway_is_kept_and_sent_again(desk: HandledDesk, page: Page) -> None:
    order_id, _ = desk.shop.locked()
    begin_edit(page, order_id, "Stop the payment and change")
    page.get_by_label("Quantity").fill("1")
    desk.shop.gateway.answer_with("void", OutcomeUnknown("sandbox", "no answer"))
    press(page, "Stop the payment and change")
    confirm(page)
    expect(page.locator("edit-order")).to_contain_text("not made yet")
    assert (desk.shop.status(order_id), desk.shop.head(order_id).revision) == ("releasing", 1)
    press(page, "Stop the payment and change")
    confirm(page)
    expect(page.locator("edit-order")).to_have_count(0)
    assert desk.shop.head(order_id).total == 1250


def test_a_payer_who_is_faster_is_said_and_nothing_is_changed(desk: HandledDesk, page: Page) -> None:
    order_id, attempt_id = desk.shop.locked()
    begin_edit(page, order_id, "Stop the payment and change")
    page.get_by_label("Quantity").fill("1")
    desk.shop.gateway.capture_payment(attempt_id)
    press(page, "Stop the payment and change")
    confirm(page)
    expect(page.locator("edit-order .problem")).to_contain_text("The payment had already succeeded")
    assert (desk.shop.status(order_id), desk.shop.head(order_id).revision) == ("paid", 1)


def test_a_refund_whose_answer_was_lost_is_sent_again_and_made_once(desk: HandledDesk, page: Page) -> None:
    order_id, attempt_id = desk.shop.locked()
    desk.shop.money(attempt_id)
    open_order(page, order_id)
    page.clock.install()
    page.get_by_role("button", name="Refund", exact=True).click()
    page.get_by_label("Amount in EUR").fill("10.00")
    page.get_by_label("Reason", exact=True).fill("One packet came back.")
    desk.silent = True
    confirm(page)
    wait_for_problem(page, "dialog[open]")
    desk.silent = False
    confirm(page, times=2)
    expect(page.locator("dialog[open]")).to_have_count(0)
    assert [refund["amount"] for refund in desk.shop.read(order_id).body["refunds"]] == [1000]


def test_an_address_leads_to_its_action_and_says_where_it_is_not_possible(desk: HandledDesk, page: Page) -> None:
    desk.sign_in_as(OPERATOR)
    order_id, _ = desk.shop.locked()
    open_order(page, order_id, "#release")
    page.locator("dialog[open]").get_by_label("Reason", exact=True).fill("The gateway is dead.")
    confirm(page)
    expect(page.get_by_text("Awaiting payment")).to_be_visible()
    expect(page.locator("h1")).to_be_focused()
    assert desk.shop.status(order_id) == "pending_payment"
    open_order(page, order_id, "#release")
    expect(page.locator(".notice")).to_contain_text("not possible now")


def test_a_wrong_clock_of_the_reader_does_not_matter_to_the_countdown(desk: HandledDesk, page: Page) -> None:
    order_id, _ = desk.shop.locked()
    page.add_init_script(WRONG_CLOCK)
    open_order(page, order_id)
    expect(page.locator(".countdown")).to_have_text(re.compile(r"^14:\d\d left$"))


def test_a_new_order_names_its_faults_and_is_placed_once(desk: HandledDesk, page: Page) -> None:
    open_desk(page, "/desk/create")
    page.get_by_label("Price of one in EUR").fill("12.50")
    place = page.get_by_role("button", name="Place the order")
    place.click()
    expect(page.get_by_label("Reference", exact=True)).to_have_attribute("aria-invalid", "true")
    expect(page.get_by_label("Reference", exact=True)).to_be_focused()
    for label, text in NEW_ORDER:
        page.get_by_label(label, exact=True).fill(text)
    place.dblclick()
    expect(page.locator("order-view h1")).to_contain_text("2026-9")
    assert len(client_of(SELLER).list_orders().body["orders"]) == 1


@pytest.mark.parametrize("edited_meanwhile", [False, True], ids=["unchanged", "edited meanwhile"])
def test_what_was_typed_is_kept_across_a_new_sign_in(desk: HandledDesk, page: Page, edited_meanwhile: bool) -> None:
    order_id = desk.shop.create()
    begin_edit(page, order_id)
    page.get_by_label("Note", exact=True).fill("Ring three times.")
    end_session(desk, page)
    if edited_meanwhile:
        client_of(SERVICE).edit_order(order_id, {"email": "ada@shop.example"}, 1)
    sign_in_again(desk, page)
    expect(page.locator("edit-order")).to_be_visible()
    assert note(page) == "Ring three times."
    assert kept_input(page) is None, "nothing stays in the storage"
    expect(page.locator("edit-order").get_by_text("edited meanwhile")).to_have_count(int(edited_meanwhile))
    press(page, "Save")
    expect(page.locator("edit-order")).to_have_count(0)
    order = desk.shop.read(order_id).body
    assert (order["note"], order["revision"]) == ("Ring three times.", 2 + edited_meanwhile)
    assert (order["email"] == "ada@shop.example") == edited_meanwhile
    page.get_by_role("button", name="Edit", exact=True).click()
    expect(page.locator("edit-order .notice")).to_have_count(0)


def test_what_one_user_typed_is_not_shown_to_another(desk: HandledDesk, page: Page) -> None:
    order_id = desk.shop.create()
    begin_edit(page, order_id)
    page.get_by_label("Note", exact=True).fill("Ring three times.")
    end_session(desk, page)
    desk.sign_in_as(OPERATOR)
    sign_in_again(desk, page)
    expect(page.locator("order-actions")).to_be_visible()
    expect(page.locator("edit-order")).to_have_count(0)
    assert kept_input(page) is None


def test_a_new_order_is_kept_across_a_new_sign_in_and_placed_once(desk: HandledDesk, page: Page) -> None:
    open_desk(page, "/desk/create")
    page.clock.install()
    for label, text in NEW_ORDER:
        page.get_by_label(label, exact=True).fill(text)
    desk.silent = True
    press(page, "Place the order")
    wait_for_problem(page, "create-order")
    desk.silent, desk.is_session_over = False, True
    press(page, "Place the order")
    sign_in_again(desk, page)
    expect(page.get_by_label("Reference", exact=True)).to_have_value("2026-9")
    expect(page.get_by_label("Price of one in EUR")).to_have_value("12.50")
    press(page, "Place the order")
    expect(page.locator("order-view h1")).to_contain_text("2026-9")
    assert len(client_of(SELLER).list_orders().body["orders"]) == 1, "the first request was carried out"


def test_a_dialog_s_fields_are_kept_across_a_new_sign_in_and_one_refund_is_made(desk: HandledDesk, page: Page) -> None:
    order_id, attempt_id = desk.shop.locked()
    desk.shop.money(attempt_id)
    open_order(page, order_id, "#refund")
    page.clock.install()
    dialog = page.locator("dialog[open]")
    dialog.locator("input[name=amount]").fill("5.00")
    dialog.locator("input[name=reason]").fill("one packet came back")
    desk.silent = True
    confirm(page)
    wait_for_problem(page, "dialog[open]")
    desk.silent, desk.is_session_over = False, True
    confirm(page)
    sign_in_again(desk, page, "dialog")
    expect(dialog.locator("input[name=amount]")).to_have_value("5.00")
    expect(dialog.locator("input[name=reason]")).to_have_value("one packet came back")
    assert kept_input(page) is None, "nothing stays in the storage"
    confirm(page)
    expect(dialog).to_have_count(0)
    assert [refund["amount"] for refund in desk.shop.read(order_id).body["refunds"]] == [500]


def test_an_edit_is_kept_rather_than_a_dialog_above_it(desk: HandledDesk, page: Page) -> None:
    begin_edit(page, desk.shop.create())
    page.get_by_label("Note", exact=True).fill("Ring three times.")
    page.get_by_role("button", name="Payment link").click()
    page.locator("dialog[open] input[name=return_url]").fill("https://shop.example/thanks")
    desk.is_session_over = True
    confirm(page)
    sign_in_again(desk, page, "dialog")
    assert note(page) == "Ring three times."
    expect(page.locator("dialog[open]")).to_have_count(0)


def test_no_token_is_kept_with_what_was_typed(desk: HandledDesk, page: Page) -> None:
    begin_edit(page, desk.shop.create())
    page.get_by_label("Note", exact=True).fill("Ring three times.")
    end_session(desk, page)
    page.route("**/authorize?*", lambda route: route.fulfill(body="the sign-in page"))
    page.get_by_role("button", name="Sign in again").first.click()
    page.wait_for_url("**/authorize?*")
    kept = kept_input(page)
    assert kept is not None
    assert "Ring three times." in kept
    assert "eyJ" not in kept
    assert "refresh-1" not in kept


def test_typed_input_is_not_left_without_a_question(desk: HandledDesk, page: Page) -> None:
    begin_edit(page, desk.shop.create())
    page.get_by_label("Note", exact=True).fill("Ring three times.")
    asked: list[str] = []

    def refuse(question: Dialog) -> None:
        asked.append(question.message)
        question.dismiss()

    page.on("dialog", refuse)
    page.get_by_role("link", name="Orders").click()
    assert (len(asked), note(page)) == (1, "Ring three times.")


def test_a_new_order_whose_answer_comes_late_leads_nobody_away_from_what_they_type_since(
    desk: HandledDesk, page: Page
) -> None:
    order_id = desk.shop.create(seller_id=SELLER.subject)
    open_order(page, order_id)
    page.get_by_role("link", name="New order").click()
    for label, value in NEW_ORDER:
        page.get_by_label(label, exact=True).fill(value)
    held: list[Route] = []
    page.route("**/api/orders", lambda route: held.append(route))
    press(page, "Place the order")
    page.on("dialog", lambda dialog: dialog.accept())
    page.go_back()
    page.get_by_role("button", name="Edit", exact=True).click()
    page.get_by_label("Note", exact=True).fill("not saved yet")
    with page.expect_response("**/api/orders") as answered:
        held[0].continue_()
    assert answered.value.status == 201
    expect(page.locator("#announcements")).to_have_text("The order is placed.")
    assert note(page) == "not saved yet"


def test_a_name_from_right_to_left_turns_no_quantity_and_price_around(desk: HandledDesk, page: Page) -> None:
    line = {"sku": "\u05ea\u05d4", "name": "\u05ea\u05d4 \u05d9\u05e8\u05d5\u05e7", "quantity": 7, "unit_price": 1250}
    open_order(page, desk.shop.create(seller_id=SELLER.subject, lines=[line]))
    assert "".join(page.locator(".lines .each").evaluate(FROM_LEFT)).endswith("7 \N{MULTIPLICATION SIGN} €12.50")
