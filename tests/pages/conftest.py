"""A browser of this machine, and a server of pages for it."""

from collections.abc import Callable, Iterator
from pathlib import Path

import pytest
from order_desk.site import SITE
from playwright.sync_api import Browser, Page

from tests.lambda_events import SELLER
from tests.orders_table import ROOT
from tests.pages.browsers import browser_or_skip
from tests.pages.handled_desk import HandledDesk, handling_desk
from tests.pages.page_server import PageServer, serving

PICTURES = ROOT / ".local" / "pages"
PHONE, DESKTOP = 360, 1280
# Opens a new page in a context with the given options of Playwright's.
Opener = Callable[..., Page]


@pytest.fixture(scope="session")
def browser() -> Iterator[Browser]:
    with browser_or_skip() as browser:
        yield browser


@pytest.fixture
def open_page(browser: Browser) -> Iterator[Opener]:
    """Readers are in Tokyo and read English unless the test says otherwise."""
    opened: list[Page] = []

    def opener(**options: object) -> Page:
        usual = {"viewport": {"width": PHONE, "height": 800}, "locale": "en-GB", "timezone_id": "Asia/Tokyo"}
        opened.append(browser.new_page(**{**usual, **options}))  # type: ignore[arg-type]
        return opened[-1]

    yield opener
    for page in opened:
        page.close()


@pytest.fixture(scope="session")
def server() -> Iterator[PageServer]:
    with serving() as pages:
        yield pages


@pytest.fixture(scope="session")
def pictures() -> Path:
    PICTURES.mkdir(parents=True, exist_ok=True)
    return PICTURES


@pytest.fixture
def desk() -> Iterator[HandledDesk]:
    """The desk in front of a new shop's handlers; a seller is signed in."""
    if not (SITE / "index.html").is_file():
        pytest.skip("the order desk is not built; `make desk` builds it")
    with handling_desk() as desk:
        desk.sign_in_as(SELLER)
        yield desk


@pytest.fixture
def page(browser: Browser, desk: HandledDesk) -> Iterator[Page]:
    with browser.new_context(locale="en-GB", base_url=desk.server.url) as context:
        yield context.new_page()
