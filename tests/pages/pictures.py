"""`make pictures`: the picture of the payment page that README shows."""

import sys

from playwright.sync_api import Browser

from tests.orders_table import ROOT
from tests.pages.browsers import NoBrowser, running_browser
from tests.pages.page_server import serving
from tests.pages.sample_pages import ADDRESSES, pages
from tests.pages.served_pages import serve

PICTURE = ROOT / "docs" / "pictures" / "payment-page.png"


def main() -> int:
    """Take the picture; return the exit code."""
    PICTURE.parent.mkdir(exist_ok=True)
    try:
        with serving() as server, running_browser() as browser:
            serve(server, pages()["owed"])
            _take(browser, f"{server.origin}{ADDRESSES.page}")
    except NoBrowser as reason:
        sys.stderr.write(f"{reason}\n")
        return 1
    return 0


def _take(browser: Browser, address: str) -> None:
    # Wide enough for both columns.
    page = browser.new_page(viewport={"width": 1000, "height": 300}, locale="en-GB", timezone_id="Europe/Berlin")
    page.goto(address)
    page.screenshot(path=PICTURE, full_page=True, animations="disabled")


if __name__ == "__main__":
    sys.exit(main())
