"""The order desk in a browser: each state and role, its lists and refusals, without barriers and without errors."""

from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path

import pytest
from order_desk.site import SITE
from playwright.sync_api import Browser, Dialog, Page, expect

from paylatch.domain.refund_errors import RefundExceedsPayment
from paylatch.runtime.problems import problem_document
from tests.pages import desk_samples as samples
from tests.pages.barriers import ALL_RULES, CONTRAST, barriers, overflow, small_targets
from tests.pages.browsers import complaints_of
from tests.pages.conftest import DESKTOP, PHONE
from tests.pages.desk_server import DeskServer, serving_desk
from tests.pages.sample_orders import ORDER_ID
from tests.pages.signing_in import open_desk

NARROWEST = 320
ROLES = {"seller": samples.SELLER, "operator": samples.OPERATOR}
ORDER = f"/desk/orders/{ORDER_ID}"


@dataclass(frozen=True)
class View:
    """A page of the desk, and what the API answers it."""

    path: str
    answers: samples.Answers
    roles: tuple[str, ...] = tuple(ROLES)


VIEWS = {
    **{name: View(ORDER, samples.order_answers(order)) for name, order in samples.states().items()},
    "list-empty": View("/desk?seller=seller-1", samples.list_answers()),
    "list-of-whom": View("/desk", {}, ("operator",)),
    "list-full": View("/desk?seller=seller-1", samples.full_list()),
    "attention-empty": View("/desk/attention", samples.attention_answers(), ("operator",)),
    "attention-full": View(
        "/desk/attention", samples.attention_answers("releasing", "review", "disputed"), ("operator",)
    ),
    "create": View("/desk/create", {}, ("seller",)),
    "not-found": View("/desk/orders/0000000000000000", {}),
}
CASES = [(name, role) for name, view in VIEWS.items() for role in view.roles]


@pytest.fixture(scope="module")
def desk() -> Iterator[DeskServer]:
    if not (SITE / "index.html").is_file():
        pytest.skip("the order desk is not built; `make desk` builds it")
    with serving_desk() as server:
        yield server


@pytest.fixture(scope="module")
def page(browser: Browser, desk: DeskServer) -> Iterator[Page]:
    """One page for all views: a new one for each takes longer than the view."""
    with browser.new_context(locale="en-GB", timezone_id="Europe/Berlin", base_url=desk.url) as context:
        yield context.new_page()


@pytest.fixture
def reported(page: Page) -> Iterator[list[str]]:
    """What the browser reports: a refused style, script or request, and a script that failed."""
    with complaints_of(page) as found:
        yield found


def open_view(page: Page, desk: DeskServer, path: str, role: str) -> None:
    """Sign in as that role, and show the path."""
    desk.role, desk.subject = role, ROLES[role]
    page.emulate_media(color_scheme="light")
    page.set_viewport_size({"width": PHONE, "height": 800})
    open_desk(page, path)


def hold_to_the_rules(page: Page, pictures: Path, name: str) -> None:
    """No barrier in either scheme, and room on every screen."""
    page.screenshot(path=pictures / f"desk-{name}-phone.png", full_page=True, animations="disabled")
    assert barriers(page, ALL_RULES) == []
    assert small_targets(page) == []
    page.emulate_media(color_scheme="dark")
    page.screenshot(path=pictures / f"desk-{name}-phone-dark.png", full_page=True, animations="disabled")
    assert barriers(page, CONTRAST) == []
    for width in (NARROWEST, PHONE, DESKTOP):
        page.set_viewport_size({"width": width, "height": 800})
        assert overflow(page) <= 0, width
    page.emulate_media(color_scheme="light")
    page.screenshot(path=pictures / f"desk-{name}-desktop.png", full_page=True, animations="disabled")


@pytest.mark.parametrize(("name", "role"), CASES)
def test_a_view_has_no_barrier_and_fits_every_screen(
    name: str, role: str, page: Page, desk: DeskServer, reported: list[str], pictures: Path
) -> None:
    desk.answers = VIEWS[name].answers
    open_view(page, desk, VIEWS[name].path, role)
    hold_to_the_rules(page, pictures, f"{name}-{role}")
    # The browser itself notes the API's answer about an order that there is not.
    assert [text for text in reported if name != "not-found" or "404" not in text] == []


def test_a_refused_action_is_shown_in_the_apis_own_words(
    page: Page, desk: DeskServer, reported: list[str], pictures: Path
) -> None:
    refusal = problem_document(RefundExceedsPayment(0, "EUR"))
    desk.answers = samples.order_answers(samples.states()["paid"])
    desk.refusals = {("POST", f"/orders/{ORDER_ID}/refunds"): refusal}
    open_view(page, desk, ORDER, "seller")
    page.get_by_role("button", name="Refund").click()
    dialog = page.get_by_role("dialog")
    dialog.get_by_label("Reason").fill("one packet came back")
    dialog.get_by_role("button", name="Refund").click()
    expect(dialog.get_by_role("alert")).to_contain_text(refusal["detail"])
    hold_to_the_rules(page, pictures, "refused-seller")
    assert dialog.get_by_label("Reason").input_value() == "one packet came back"
    # The browser itself notes each answer that is an error.
    assert [text for text in reported if "409" not in text] == []


def test_a_dialog_whose_session_has_ended_leads_to_the_sign_in_page(page: Page, desk: DeskServer) -> None:
    desk.answers = samples.order_answers(samples.states()["pending"])
    desk.refusals = {("POST", f"/orders/{ORDER_ID}/pay-link"): {"message": "Unauthorized", "status": 401}}
    open_view(page, desk, ORDER, "seller")
    page.get_by_role("button", name="Payment link").click()
    dialog = page.get_by_role("dialog")
    dialog.get_by_role("button", name="Get the link").click()
    dialog.get_by_role("button", name="Sign in again").click()
    expect(page.get_by_role("heading", level=1)).to_be_visible()
    expect(dialog).to_have_count(0)


def test_signing_out_asks_before_it_leaves_what_is_not_saved(page: Page, desk: DeskServer) -> None:
    desk.answers = samples.order_answers(samples.states()["pending"])
    open_view(page, desk, ORDER, "seller")
    page.get_by_role("button", name="Edit").click()
    page.get_by_role("textbox", name="Note").fill("Ring twice.")
    asked: list[str] = []

    def stay(dialog: Dialog) -> None:
        asked.append(dialog.message)
        dialog.dismiss()

    page.once("dialog", stay)
    page.get_by_role("button", name="Sign out").click()
    assert asked == ["What you have typed is not saved. Leave it?"]
    expect(page.get_by_role("textbox", name="Note")).to_have_value("Ring twice.")
    page.once("dialog", lambda dialog: dialog.accept())
    page.get_by_role("button", name="Sign out").click()
    page.wait_for_url("**/logout?*")


def test_what_failed_for_a_group_is_tried_again_and_not_what_was_asked_about_since(
    page: Page, desk: DeskServer
) -> None:
    desk.answers = samples.attention_answers("releasing")
    (group, *_) = desk.answers["/operations/attention/groups"]["groups"]
    group["count"] = 2
    at = f"/operations/attention/groups/{group['gateway']}/{group['cause']}"
    throttled = {"status": 429, "title": "Too many requests"}
    desk.refusals = {("POST", f"{at}/{action}"): throttled for action in ("recheck", "release")}
    open_view(page, desk, "/desk/attention", "operator")
    sent: list[str] = []
    page.on("request", lambda asked: sent.append(asked.url.rpartition("/")[2]) if asked.method == "POST" else None)
    ask, release = (page.get_by_role("button", name=name).first for name in ("Ask about all", "Release all"))
    dialog = page.get_by_role("dialog")
    release.click()
    dialog.get_by_label("Reason").fill("the gateway is gone for good")
    dialog.get_by_role("button", name="Begin").click()
    page.get_by_role("button", name="Try again").wait_for()
    ask.click()
    dialog.get_by_role("button", name="Begin").click()
    page.get_by_role("button", name="Try again").wait_for()
    release.click()
    dialog.get_by_role("button", name="Cancel").click()
    page.get_by_role("button", name="Try again").click()
    page.get_by_role("button", name="Try again").wait_for()
    assert sent == ["release", "recheck", "recheck"]
