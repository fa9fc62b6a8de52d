"""Each state of the payment page in a browser: no barrier, no violation of its policy, and room on its screen."""

from collections.abc import Iterator
from dataclasses import replace
from pathlib import Path

import pytest
from pay_page.locales import locales
from playwright.sync_api import Browser, Page

from tests.pages.barriers import ALL_RULES, CONTRAST, barriers, overflow, small_targets
from tests.pages.browsers import complaints_of
from tests.pages.conftest import DESKTOP, PHONE
from tests.pages.page_server import PageServer
from tests.pages.sample_pages import ADDRESSES, pages
from tests.pages.served_pages import serve

# The narrowest screen, to which a page of 1280 pixels that is enlarged fourfold is equal.
NARROWEST = 320
ELSEWHERE = [(language, name) for language in ("de", "zh") for name in ("changed", "being-paid", "owed-large")]


@pytest.fixture(scope="module")
def page(browser: Browser, server: PageServer) -> Iterator[Page]:
    """One page for all samples: a new one for each takes longer than the sample."""
    with browser.new_context(locale="en-GB", timezone_id="Asia/Tokyo", base_url=server.origin) as context:
        yield context.new_page()


@pytest.fixture
def errors(page: Page) -> Iterator[list[str]]:
    """What the browser reports: a refused style, script or request, and a script that failed."""
    with complaints_of(page) as found:
        yield found


@pytest.mark.parametrize("name", pages())
def test_a_page_has_no_barrier_and_fits_every_screen(
    name: str, page: Page, server: PageServer, errors: list[str], pictures: Path
) -> None:
    serve(server, pages()[name])
    show_on_a_phone(page)
    page.screenshot(path=pictures / f"{name}-phone.png", full_page=True, animations="disabled")
    assert barriers(page, ALL_RULES) == []
    assert small_targets(page) == []
    page.emulate_media(color_scheme="dark")
    page.screenshot(path=pictures / f"{name}-phone-dark.png", full_page=True, animations="disabled")
    assert barriers(page, CONTRAST) == []
    for width in (NARROWEST, PHONE, DESKTOP):
        page.set_viewport_size({"width": width, "height": 800})
        assert overflow(page) <= 0, width
    page.screenshot(path=pictures / f"{name}-desktop-dark.png", full_page=True, animations="disabled")
    assert errors == []


@pytest.mark.parametrize(("language", "name"), ELSEWHERE)
def test_a_page_in_another_language_has_no_barrier_and_fits_a_phone(
    language: str, name: str, page: Page, server: PageServer, pictures: Path
) -> None:
    serve(server, pages()[name], locales()[language])
    show_on_a_phone(page)
    page.screenshot(path=pictures / f"{name}-{language}.png", full_page=True, animations="disabled")
    assert barriers(page, ALL_RULES) == []
    assert overflow(page) <= 0


@pytest.mark.parametrize("name", ["changed", "being-paid"])
def test_a_right_to_left_page_has_no_barrier_and_fits_a_phone(
    name: str, page: Page, server: PageServer, pictures: Path
) -> None:
    serve(server, pages()[name], replace(locales()["en"], tag="ar", direction="rtl"))
    show_on_a_phone(page)
    page.screenshot(path=pictures / f"{name}-rtl.png", full_page=True, animations="disabled")
    assert barriers(page, ALL_RULES) == []
    assert overflow(page) <= 0


def show_on_a_phone(page: Page) -> None:
    page.emulate_media(color_scheme="light")
    page.set_viewport_size({"width": PHONE, "height": 800})
    page.goto(ADDRESSES.page)
