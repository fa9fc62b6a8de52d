"""`make pictures`: the picture of the payment page that README shows."""

import sys

from playwright.sync_api import sync_playwright

from tests.orders_table import ROOT
from tests.pages.browsers import NO_BROWSER, installed_browser
from tests.pages.page_server import serving
from tests.pages.sample_pages import ADDRESSES, pages
from tests.pages.served_pages import serve

PICTURE = ROOT / "docs" / "pictures" / "payment-page.png"


def main() -> int:
    """Take the picture; return the exit code."""
    path = installed_browser()
    if path is None:
        sys.stderr.write(f"{NO_BROWSER}\n")
        return 1
    PICTURE.parent.mkdir(exist_ok=True)
    with serving() as server, sync_playwright() as playwright:
        serve(server, pages()["owed"])
        browser = playwright.chromium.launch(executable_path=path)
        # Wide enough for both columns.
        page = browser.new_page(viewport={"width": 1000, "height": 300}, locale="en-GB", timezone_id="Europe/Berlin")
        page.goto(f"{server.origin}{ADDRESSES.page}")
        page.screenshot(path=PICTURE, full_page=True)
        browser.close()
    return 0


if __name__ == "__main__":
    sys.exit(main())
