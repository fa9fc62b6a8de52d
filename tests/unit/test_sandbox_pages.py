"""The payment page: its texts, and what a shop cannot put into it."""

import base64
import hashlib
import re
from datetime import timedelta
from urllib.parse import parse_qs, urlsplit

import pytest
from sandbox.pages import amount_text, missing_page, payment_page, return_address
from sandbox.paying import advanced, declined, paid, submitted
from sandbox.sessions import Session, never_opened
from sandbox.style import PAGE_HEADERS
from sandbox.voids import voided

from paylatch.domain.currencies import NO_CURRENCY
from tests.fakes.sandbox_samples import ATTEMPT_ID, NOON, open_session

HOSTILE = "</style></title><script>alert('1')</script><img src=x onerror=\"y\">&"


def page(session: Session) -> str:
    return payment_page(session, NOON)


@pytest.mark.parametrize(
    ("amount", "currency", "text"),
    [
        (4990, "EUR", "49.90"),
        (5, "EUR", "0.05"),
        (123456789, "USD", "1,234,567.89"),
        (4990, "JPY", "4,990"),
        (4990, "KWD", "4.990"),
        (100, NO_CURRENCY, "1.00"),
    ],
)
def test_amounts_have_the_decimals_of_their_currency(amount: int, currency: str, text: str) -> None:
    assert amount_text(amount, currency) == text


def test_an_open_session_shows_shop_order_and_amount_and_can_be_paid_declined_or_left() -> None:
    html = page(open_session())
    for text in ("Corner Shop", "Order R-1001", "49.90", "EUR", "12:15 UTC", "15 min left"):
        assert text in html
    assert re.findall(r'name="action" value="(\w+)"', html) == ["pay", "submit", "decline"]
    assert 'method="post"' in html
    assert "Leave without paying" in html


def test_a_declined_try_is_shown_and_can_be_repeated() -> None:
    html = page(declined(open_session(), NOON))
    assert "declined" in html
    assert 'value="pay"' in html


@pytest.mark.parametrize(
    ("session", "text"),
    [
        (paid(open_session(), NOON), "Paid"),
        (voided(open_session(), None, NOON)[0], "This payment is closed"),
        (advanced(open_session(), NOON + timedelta(hours=1)), "This payment has expired"),
    ],
)
def test_a_session_that_is_not_open_shows_its_status_and_only_the_link_back(session: Session, text: str) -> None:
    html = page(session)
    assert text in html
    assert "<button" not in html
    assert f'href="{return_address(session).replace("&", "&amp;")}"' in html


def test_a_payment_in_progress_can_be_confirmed_or_refused_as_its_bank_would() -> None:
    html = page(submitted(open_session(), NOON))
    assert "in progress" in html
    assert re.findall(r'name="action" value="(\w+)"', html) == ["confirm", "refuse"]


def test_the_way_back_is_the_address_that_the_shop_gave_and_no_more() -> None:
    session = paid(open_session(return_url="https://shop.example/a b?basket=17&x=#part"), NOON)
    address = urlsplit(return_address(session))
    assert (address.scheme, address.netloc, address.path, address.fragment) == (
        "https",
        "shop.example",
        "/a%20b",
        "part",
    )
    query = parse_qs(address.query, keep_blank_values=True)
    assert query == {"basket": ["17"], "x": [""]}


def test_nothing_a_shop_sends_becomes_markup() -> None:
    session = open_session(shop=HOSTILE, description=HOSTILE, return_url="https://shop.example/?q='\"><script>")
    for html in (page(session), page(paid(session, NOON))):
        assert "<script" not in html
        assert "<img" not in html
        assert html.count("</style>") == 1


@pytest.mark.parametrize("address", ["javascript:alert(1)", "data:text/html,x", "//evil.example", ""])
def test_only_web_addresses_are_linked(address: str) -> None:
    html = page(paid(open_session(return_url=address), NOON))
    assert "href=" not in html


@pytest.mark.parametrize(
    "session", [open_session(), submitted(open_session(), NOON), paid(open_session(), NOON)], ids=lambda one: one.status
)
def test_no_page_leaves_or_loads_anew_by_itself(session: Session) -> None:
    """WCAG 2.2.1: a reader has the time that they need."""
    assert "http-equiv" not in page(session)


def test_a_payment_in_progress_can_be_looked_at_again() -> None:
    session = submitted(open_session(), NOON)
    assert f'<a href="{session.session_id}">Look again</a>' in page(session)


def test_a_session_that_was_never_opened_has_a_page_too() -> None:
    assert "This payment is closed" in page(never_opened(ATTEMPT_ID, NOON))
    assert "There is no such payment" in missing_page()


def test_the_policy_allows_this_style_sheet_and_nothing_else() -> None:
    html = page(open_session())
    style = html.split("<style>")[1].split("</style>")[0]
    digest = base64.b64encode(hashlib.sha256(style.encode()).digest()).decode()
    policy = PAGE_HEADERS["content-security-policy"]
    assert f"style-src 'sha256-{digest}'" in policy
    assert policy.startswith("default-src 'none'")
    assert "unsafe" not in policy
    assert not re.search(r"src=|@import|url\(|style=", html)
