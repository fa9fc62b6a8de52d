"""`make pictures`: the pictures of the payment page and the order desk that README shows."""

import sys

from playwright.sync_api import Browser

from tests.orders_table import ROOT
from tests.pages import desk_samples
from tests.pages.browsers import NoBrowser, running_browser
from tests.pages.desk_server import serving_desk
from tests.pages.page_server import serving
from tests.pages.sample_orders import ORDER_ID
from tests.pages.sample_pages import ADDRESSES, pages
from tests.pages.served_pages import serve
from tests.pages.signing_in import open_desk

PICTURES = ROOT / "docs" / "pictures"
# In pixels: wide enough for both columns of a page.
WIDTH = 1000
DESK_HEIGHT = 640


def main() -> int:
    """Take the pictures; return the exit code."""
    PICTURES.mkdir(exist_ok=True)
    try:
        with running_browser() as browser:
            _take_payment_page(browser)
            _take_desk(browser)
    except NoBrowser as reason:
        sys.stderr.write(f"{reason}\n")
        return 1
    return 0


def _take_payment_page(browser: Browser) -> None:
    page = browser.new_page(viewport={"width": WIDTH, "height": 300}, locale="en-GB", timezone_id="Europe/Berlin")
    with serving() as server:
        serve(server, pages()["owed"])
        page.goto(f"{server.origin}{ADDRESSES.page}")
        page.screenshot(path=PICTURES / "payment-page.png", full_page=True)


def _take_desk(browser: Browser) -> None:
    with serving_desk() as desk:
        desk.answers = desk_samples.order_answers(desk_samples.states()["locked"])
        page = browser.new_page(
            viewport={"width": WIDTH, "height": DESK_HEIGHT},
            locale="en-GB",
            timezone_id="Europe/Berlin",
            base_url=desk.url,
        )
        open_desk(page, f"/desk/orders/{ORDER_ID}")
        page.screenshot(path=PICTURES / "order-desk.png", animations="disabled")


if __name__ == "__main__":
    sys.exit(main())
