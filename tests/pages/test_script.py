"""What the page's script adds: times in the reader's zone, a countdown, and news; and the page without it."""

from itertools import pairwise
from typing import Any

import pytest
from pay_page.page_view import PageView
from playwright.sync_api import Page, expect

from paylatch.domain.payment import AttemptStatus
from tests.pages import sample_orders as samples
from tests.pages.conftest import Opener
from tests.pages.page_server import PageServer
from tests.pages.sample_pages import ADDRESSES, page, pages
from tests.pages.served_pages import answer, serve

BEING_PAID = pages()["being-paid"]
OFFLINE = "No connection at the moment. This page keeps trying."
BY_ITSELF = "This page updates by itself."
# Instead of the network, which does not keep the time of the test: every question is noted and answered at once.
NOTED_QUESTIONS = """
window.asked = [];
window.fetch = async (address) => {
  window.asked.push([address, performance.now() / 1000]);
  return { ok: true, status: 200, json: async () => ({ state: "being_paid", version: 3, until: null }) };
};
"""
# As Chromium names the language where the system's is `en_US@posix`.
NO_TAG = "Object.defineProperty(navigator, 'languages', { value: ['en-US@posix'] });"
# In seconds.
STEP = 3
WRONG_CLOCK = "2031-05-05T05:05:05Z"


@pytest.fixture
def show(server: PageServer, open_page: Opener) -> Any:
    def shown(view: PageView = BEING_PAID, script: str = "", **options: Any) -> Page:
        serve(server, view)
        tab = open_page(base_url=server.origin, **options)
        tab.clock.install(time=WRONG_CLOCK)
        tab.add_init_script(script)
        tab.goto(ADDRESSES.page)
        return tab

    return shown


def pass_seconds(tab: Page, seconds: int) -> None:
    """In steps shorter than any pause, so that what a question causes is done before the next is due."""
    for passed in range(0, seconds, STEP):
        tab.clock.run_for(1000 * min(STEP, seconds - passed))


def test_times_are_in_the_readers_zone_and_manner(show: Any) -> None:
    tab = show(pages()["owed"])
    expect(tab.locator("time")).to_have_text("26 November 2026 at 21:00")


def test_a_browser_that_names_its_language_by_no_tag_counts_down_and_asks_too(show: Any) -> None:
    tab = show(script=NO_TAG + NOTED_QUESTIONS)
    expect(tab.locator(".countdown")).to_have_text("12:30 left")
    pass_seconds(tab, 7)
    assert len(tab.evaluate("window.asked")) == 1


def test_the_countdown_starts_from_the_servers_time_whatever_the_readers_clock_says(show: Any) -> None:
    countdown = show(script=NOTED_QUESTIONS).locator(".countdown")
    expect(countdown).to_have_text("12:30 left")


def test_at_the_deadline_the_page_asks_at_once_and_claims_nothing(show: Any) -> None:
    order = samples.in_payment(AttemptStatus.OPEN, attempt=samples.attempt_until(seconds=10))
    tab = show(page(order), NOTED_QUESTIONS)
    pass_seconds(tab, 9)
    expect(tab.locator(".countdown")).to_have_text("0:01 left")
    # Not sooner than five seconds after the last question.
    pass_seconds(tab, 2)
    expect(tab.locator(".countdown")).to_have_text("Time is up.")
    expect(tab.locator("h1")).to_have_text("Payment has begun")


def test_the_page_asks_five_times_in_30_seconds_then_every_15_seconds_for_5_minutes_then_offers_a_button(
    show: Any,
) -> None:
    tab = show(script=NOTED_QUESTIONS)
    button = tab.get_by_role("link", name="Look again")
    expect(button).to_be_hidden()
    expect(tab.get_by_text(BY_ITSELF)).to_be_visible()
    pass_seconds(tab, 400)
    asked = tab.evaluate("window.asked")
    assert [address for address, _ in asked] == [ADDRESSES.state] * 25
    times = [second for _, second in asked]
    assert times[0] >= 6
    assert [round(later - earlier) for earlier, later in pairwise(times)] == [6] * 4 + [15] * 20
    expect(tab.get_by_text(BY_ITSELF)).to_be_hidden()
    expect(button).to_be_visible()
    assert button.get_attribute("href") == ADDRESSES.page


@pytest.mark.parametrize("name", ["owed", "paid", "under-review", "cancelled"])
def test_a_page_on_which_no_payment_goes_on_asks_nothing(name: str, show: Any) -> None:
    tab = show(pages()[name], NOTED_QUESTIONS)
    pass_seconds(tab, 40)
    assert tab.evaluate("window.asked") == []


@pytest.mark.parametrize(("state", "version"), [("just_paid", 3), ("being_paid", 4)])
def test_news_are_shown_by_the_page_itself(state: str, version: int, server: PageServer, show: Any) -> None:
    tab = show()
    serve(server, pages()["just-paid"])
    answer(server, state, version)
    tab.clock.run_for(6000)
    expect(tab.locator("h1")).to_have_text("Thank you, your payment has arrived")


def test_a_link_that_is_no_longer_valid_is_shown_as_that(server: PageServer, show: Any) -> None:
    tab = show()
    serve(server, pages()["not-found"])
    answer(server, "", 0, status=404)
    tab.clock.run_for(6000)
    expect(tab.locator("h1")).to_have_text("There is no such page")


def test_a_page_that_gets_no_answer_says_so_and_keeps_asking(server: PageServer, show: Any) -> None:
    tab = show()
    answer(server, "", 0, status=503)
    tab.clock.run_for(6000)
    expect(tab.get_by_text(OFFLINE)).to_be_visible()
    expect(tab.get_by_role("link", name="Look again")).to_be_visible()
    answer(server, "being_paid", 3)
    tab.clock.run_for(6000)
    expect(tab.get_by_text(BY_ITSELF)).to_be_visible()
    expect(tab.get_by_text(OFFLINE)).to_be_hidden()


def test_a_page_that_the_browser_kept_is_loaded_anew(server: PageServer, show: Any) -> None:
    tab = show(pages()["owed"])
    serve(server, pages()["just-paid"])
    tab.evaluate("dispatchEvent(new PageTransitionEvent('pageshow', { persisted: true }))")
    expect(tab.locator("h1")).to_have_text("Thank you, your payment has arrived")


def test_without_a_script_the_page_is_whole_and_leads_on(show: Any) -> None:
    tab = show(java_script_enabled=False)
    expect(tab.locator("time")).to_have_text("24 November 2026, 12:12 UTC")
    expect(tab.get_by_role("link", name="Continue to payment")).to_be_visible()
    expect(tab.get_by_role("button", name="Stop the payment")).to_be_visible()
    expect(tab.get_by_role("link", name="Look again")).to_be_visible()
    for text in (BY_ITSELF, OFFLINE):
        expect(tab.get_by_text(text)).to_be_hidden()


def test_the_keyboard_reaches_every_action_in_order_and_shows_where_it_is(show: Any) -> None:
    tab, reached = show(pages()["owed"]), []
    for _ in range(2):
        tab.keyboard.press("Tab")
        text, outline = tab.evaluate(
            "[document.activeElement.textContent.trim(), getComputedStyle(document.activeElement).outlineWidth]"
        )
        reached.append((text.replace("\u00a0", " "), outline))
    assert reached == [("Pay EUR 68.90", "3px"), ("Back to the shop", "3px")]


def test_nothing_moves_for_a_reader_who_wants_that(show: Any) -> None:
    tab = show(pages()["owed"], reduced_motion="reduce")
    assert tab.locator("button").evaluate("(one) => getComputedStyle(one).transitionDuration") == "0s"


def test_a_printed_page_has_the_order_and_no_buttons(show: Any) -> None:
    tab = show(pages()["just-paid"])
    tab.emulate_media(media="print")
    expect(tab.get_by_role("table")).to_be_visible()
    expect(tab.get_by_text("Back to the shop")).to_be_hidden()
