"""A seller's tab with the order desk, and what they do there."""

import re
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from random import Random

from playwright.sync_api import Browser, Error, Page

from local.stack import Stack
from tests.pages.browsers import complaints_of
from tests.walk.devices import LONGEST_LOAD
from tests.walk.shown_desk import ShownDesk, read_desk

# Chromium reports each answer that is an error; the desk shows those, and they are judged there.
_ANSWERED = re.compile(r"Failed to load resource: the server responded with a status of (404|409|412|429|50[0234])")
_VISIT = """(path) => {
  history.pushState(null, "", path);
  dispatchEvent(new PopStateEvent("popstate"));
}"""
_FIELDS = {"reason": "the walk", "note": "the walk"}


@dataclass(slots=True)
class DeskTab:
    """The desk of a seller who is signed in. `complaints` are the browser's since the last step."""

    stack: Stack
    page: Page
    complaints: list[str]

    def sign_in(self) -> None:
        """Through the hosted page, as people do. Raises Playwright's `Error`."""
        user = self.stack.users["seller"]
        self.page.goto(self.stack.desk_url)
        self.page.get_by_role("button", name="Sign in").click()
        self.page.fill("#username", user["email"])
        self.page.fill("#password", user["password"])
        self.page.get_by_role("button", name="Sign in").click()
        self.page.get_by_role("button", name="Sign out").wait_for()
        self.complaints.clear()

    def show(self, order_id: str, reference: str) -> ShownDesk:
        """The order, read after this call began. Raises Playwright's `Error` where it does not appear."""
        if self.page.get_by_role("button", name="Sign in again").count():
            self.sign_in()
        # Another view in between, so that the order is read anew.
        self.page.evaluate(_VISIT, "/desk/create")
        self.page.get_by_role("heading", level=1, name="New order").wait_for()
        self.page.evaluate(_VISIT, f"/desk/orders/{order_id}")
        self.page.get_by_role("heading", level=1, name=reference).wait_for()
        return read_desk(self.page)

    def act(self, action: str, random: Random) -> ShownDesk:
        """Do that, with one click or two, and give what the desk shows then. Raises Playwright's `Error`."""
        self.page.locator(f"order-actions [data-action={action}]").first.click()
        if action in ("edit", "stop_and_change"):
            self._edit()
        dialog = self.page.locator("dialog[open]")
        if action != "edit" and dialog.count():
            self._confirm(random)
        self._wait_for_the_answer()
        return read_desk(self.page)

    def leave(self) -> None:
        """Close what is open."""
        for name in ("Cancel", "Discard"):
            button = self.page.get_by_role("button", name=name, exact=True)
            if button.count():
                button.first.click()

    def _edit(self) -> None:
        quantity = self.page.get_by_label("Quantity").first
        quantity.fill(str(int(quantity.input_value()) % 9 + 1))
        self.page.locator("form.edit button:not([type=button])").last.click()
        self.page.wait_for_timeout(100)

    def _confirm(self, random: Random) -> None:
        dialog = self.page.locator("dialog[open]")
        for name, value in _FIELDS.items():
            if dialog.locator(f"input[name={name}]").count():
                dialog.locator(f"input[name={name}]").fill(value)
        if dialog.locator("input[name=amount]").count() and random.random() < 0.5:
            dialog.locator("input[name=amount]").fill("1.00")
        dialog.locator("form button:not([type=button])").click(click_count=random.choice((1, 2)))

    def _wait_for_the_answer(self) -> None:
        """Until nothing is being sent: the button of what works on something says so."""
        self.page.wait_for_timeout(100)
        self.page.get_by_text("Working …").first.wait_for(state="hidden")
        self.page.wait_for_timeout(100)


@contextmanager
def desk_tab(browser: Browser, stack: Stack) -> Iterator[DeskTab]:
    """A signed-in tab, until the context ends."""
    context = browser.new_context(viewport={"width": 1280, "height": 800}, locale="en-GB")
    context.set_default_timeout(1000 * LONGEST_LOAD)
    page = context.new_page()
    page.on("dialog", lambda asked: asked.accept())
    try:
        with complaints_of(page, _ANSWERED) as complaints:
            tab = DeskTab(stack, page, complaints)
            tab.sign_in()
            yield tab
    finally:
        context.close()


def why_not(error: Error) -> str:
    """The first line of what Playwright says."""
    return str(error).partition("\n")[0]
