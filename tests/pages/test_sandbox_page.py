"""The sandbox gateway's hosted page in a browser."""

from datetime import timedelta
from pathlib import Path

import pytest
from sandbox.pages import missing_page, payment_page
from sandbox.paying import advanced, declined, paid, submitted
from sandbox.style import PAGE_HEADERS
from sandbox.voids import voided

from tests.fakes.sandbox_samples import NOON, open_session
from tests.pages.barriers import ALL_RULES, CONTRAST, barriers, overflow, small_targets
from tests.pages.conftest import Opener
from tests.pages.page_server import Document, PageServer

SESSIONS = {
    "open": open_session(),
    "declined": declined(open_session(), NOON),
    "in-progress": submitted(open_session(), NOON),
    "paid": paid(open_session(), NOON),
    "closed": voided(open_session(), None, NOON)[0],
    "expired": advanced(open_session(), NOON + timedelta(hours=1)),
}
PAGES = {**{name: payment_page(session, NOON) for name, session in SESSIONS.items()}, "missing": missing_page()}


@pytest.mark.parametrize("name", PAGES)
def test_the_hosted_page_has_no_barrier_and_fits_a_phone(
    name: str, server: PageServer, open_page: Opener, pictures: Path
) -> None:
    server.documents["/sandbox"] = Document(PAGES[name], PAGE_HEADERS)
    page = open_page()
    page.goto(f"{server.origin}/sandbox")
    page.screenshot(path=pictures / f"sandbox-{name}.png", full_page=True, animations="disabled")
    assert barriers(page, ALL_RULES) == []
    assert (overflow(page), small_targets(page)) == (0, [])
    page.emulate_media(color_scheme="dark")
    assert barriers(page, CONTRAST) == []
