"""A payer's device: a browser context with a clock of its own, and what its browser complained of."""

import re
import time
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field
from http import HTTPStatus

from playwright.sync_api import Browser, Page, Request, Response

from tests.pages.browsers import complaints_of
from tests.walk.shown_page import ShownPage, read_page

SHOP = "https://shop.example/thanks"
# In seconds.
LONGEST_LOAD = 40.0
_STEP = 3
_COUNT_SKIPPED = """(seconds) => {
  const data = document.documentElement.dataset;
  data.walkSkipped = Number(data.walkSkipped || 0) + seconds;
}"""
_SIZES = {"phone": (360, 740), "laptop": (1280, 800)}
# Their clocks are wrong, each in another way: a page keeps the server's time.
_CLOCKS = {"phone": "2031-05-05T05:05:05Z", "laptop": "2019-01-01T00:00:00Z"}
# Chromium reports each answer that is an error; those of pages are judged by their status.
_ANSWERED = re.compile(r"Failed to load resource: the server responded with a status of (404|409|503)")


@dataclass(frozen=True, slots=True)
class Visited:
    """One document that a server answered with."""

    method: str
    address: str
    status: int


@dataclass(slots=True)
class Device:
    """The tab that a payer looks at. The rest is since the last `begin`: what the browser complained of, the
    documents, and how many questions of the page's script had no good answer.
    """

    name: str
    page: Page
    complaints: list[str]
    visited: list[Visited] = field(default_factory=list)
    unanswered: int = 0
    _loading: set[Request] = field(default_factory=set)

    def begin(self) -> None:
        """A new step begins."""
        self.complaints.clear()
        self.visited.clear()
        self.unanswered = 0

    def watch(self, page: Page) -> None:
        """Note what this tab asks for, and the answers."""
        page.on("request", lambda request: self._loading.add(request) if request.is_navigation_request() else None)
        page.on("requestfinished", lambda request: self._loading.discard(request))
        page.on("requestfailed", lambda request: self._loading.discard(request))
        page.on("response", lambda response: self._answered(response))

    def settle(self) -> None:
        """Wait until no document is being loaded. Raises Playwright's `Error` where that takes too long."""
        end = time.monotonic() + LONGEST_LOAD
        self.page.wait_for_timeout(80)
        while self._loading and time.monotonic() < end:
            self.page.wait_for_timeout(40)
        self._loading.clear()
        self.page.wait_for_load_state("load", timeout=1000 * LONGEST_LOAD)

    def shown(self) -> ShownPage:
        """The page as it is now."""
        return read_page(self.page)

    def pass_time(self, seconds: int) -> None:
        """Move the tab's clock on; a document counts the seconds, as far as it stays."""
        for passed in range(0, seconds, _STEP):
            step = min(_STEP, seconds - passed)
            self.page.evaluate(_COUNT_SKIPPED, step)
            self.page.clock.run_for(1000 * step)

    def _answered(self, response: Response) -> None:
        if not response.request.is_navigation_request():
            self.unanswered += response.status >= HTTPStatus.BAD_REQUEST
        else:
            self.visited.append(Visited(response.request.method, response.url, response.status))


@contextmanager
def device(browser: Browser, name: str) -> Iterator[Device]:
    """A phone or a laptop, until the context ends. The shop's own page needs no network."""
    width, height = _SIZES[name]
    context = browser.new_context(viewport={"width": width, "height": height}, locale="en-GB")
    context.route(f"{SHOP}**", lambda route: route.fulfill(body="<title>Shop</title>", content_type="text/html"))
    context.clock.install(time=_CLOCKS[name])
    context.set_default_timeout(1000 * LONGEST_LOAD)
    page = context.new_page()
    try:
        with complaints_of(page, _ANSWERED) as complaints:
            made = Device(name, page, complaints)
            made.watch(page)
            yield made
    finally:
        context.close()
