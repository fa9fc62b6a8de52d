"""The payment page's HTML: what a reader can do in each state, and what a shop cannot put into it."""

import json
import re
from dataclasses import replace
from datetime import UTC, datetime

import pytest
from pay_page.assets import assets
from pay_page.locales import Locale, locale_for, locales
from pay_page.page_view import ErrorKind, Notice, OrderPage, PageState, PageView
from pay_page.rendering import rendered

from paylatch.domain.order import Content, Line
from tests.orders_table import ROOT
from tests.pages import sample_orders as samples
from tests.pages.sample_pages import ADDRESSES, page, pages, without_shop

ENGLISH = locales()["en"]
PAGES = pages()
SHOWN = {name: view for name, view in PAGES.items() if isinstance(view, OrderPage)}
HOSTILE = "</title><script>alert('1')</script><img src=x onerror=\"y\">&"
# By state: the actions of its forms, and whether it links to the gateway.
ACTIONS = {
    PageState.OWED: (["pay"], False),
    PageState.CHANGED: (["agree"], False),
    PageState.OPENING: (["stop"], False),
    PageState.BEING_PAID: (["stop"], True),
}
# What a page says in its own words of an order that costs nothing, and of a change that it does not show.
OWN = ("owed_free", "just_paid_free", "paid_free", "changed_details")


def html_of(view: PageView, locale: Locale = ENGLISH) -> str:
    return rendered(view, locale)


def test_each_state_notice_and_error_has_its_texts() -> None:
    kinds = [*PageState, *ErrorKind]
    needed = {f"{kind}_{part}" for kind in (*kinds, *OWN) for part in ("title", "lead")} | {
        f"notice_{one}" for one in Notice
    }
    assert needed <= ENGLISH.texts.keys()


@pytest.mark.parametrize("language", locales())
def test_each_language_has_the_same_texts_with_the_same_values(language: str) -> None:
    def values(text: str) -> list[str]:
        return sorted(re.findall(r"{\w+}", text))

    texts = locales()[language].texts
    assert texts.keys() == ENGLISH.texts.keys()
    assert [key for key in texts if values(texts[key]) != values(ENGLISH.texts[key])] == []
    assert [key for key, text in texts.items() if not text.strip()] == []


def test_each_text_is_used() -> None:
    templates = (ROOT / "functions" / "pay_page" / "pay_page" / "templates").glob("*.html")
    source = " ".join(path.read_text() for path in templates)
    named = {f"{kind}_{part}" for kind in (*PageState, *ErrorKind) for part in ("title", "lead")}
    named |= {f"notice_{one}" for one in Notice} | {"added", "changed", "removed"}
    named |= {f"{one}_{part}" for one in OWN for part in ("title", "lead")}
    assert [key for key in ENGLISH.texts if key not in named and f'"{key}"' not in source] == []


@pytest.mark.parametrize("language", locales())
@pytest.mark.parametrize("name", PAGES)
def test_a_page_is_one_document_in_its_language(name: str, language: str) -> None:
    html = html_of(PAGES[name], locales()[language])
    assert html.startswith(f'<!doctype html>\n<html lang="{locales()[language].tag}" dir="ltr">')
    assert len(re.findall(r"<h1\b", html)) == len(re.findall(r"<main\b", html)) == 1


@pytest.mark.parametrize("name", SHOWN)
def test_a_page_offers_the_actions_of_its_state_and_no_others(name: str) -> None:
    html, (actions, continues) = html_of(SHOWN[name]), ACTIONS.get(SHOWN[name].state, ([], False))
    assert re.findall(r'name="action" value="(\w+)"', html) == actions
    assert (samples.PAY_URL in html) == continues


@pytest.mark.parametrize("name", SHOWN)
def test_each_state_leads_to_the_shop_and_without_one_says_what_comes_next(name: str) -> None:
    assert 'href="https://shop.example/orders/2026-1001?from=payment&amp;lang=en"' in html_of(SHOWN[name])
    html = html_of(without_shop(SHOWN[name]))
    assert "shop.example" not in html
    own = {f"{SHOWN[name].state}_{kind}_lead" for kind in ("free", "details")} & ENGLISH.texts.keys()
    assert any(ENGLISH.texts[lead] in html for lead in {f"{SHOWN[name].state}_lead", *own})


def test_the_form_sends_revision_and_payment_key_and_the_stop_names_its_attempt() -> None:
    fields = re.findall(r'type="hidden" name="(\w+)" value="([^"]*)"', html_of(PAGES["changed"]))
    assert fields == [("revision", "2"), ("payment_key", "link:2:0")]
    fields = re.findall(r'type="hidden" name="(\w+)" value="([^"]*)"', html_of(PAGES["being-paid"]))
    assert fields == [("attempt_id", samples.ATTEMPT_ID)]


@pytest.mark.parametrize("name", SHOWN)
def test_success_is_claimed_only_where_the_order_is_paid(name: str) -> None:
    claims = re.findall(r"(?i)thank you|order is paid|payment has arrived", html_of(SHOWN[name]))
    # One that cost nothing is confirmed.
    paid = SHOWN[name].state in (PageState.JUST_PAID, PageState.PAID) and name != "paid-free"
    assert bool(claims) == paid


def test_an_order_that_costs_nothing_is_confirmed_and_no_payment_claimed() -> None:
    html = html_of(PAGES["just-paid-free"])
    assert "<h1>Thank you, your order is confirmed</h1>" in html
    assert "payment has arrived" not in html
    assert "is paid" not in html
    assert (re.findall(r"Paid on|Amount paid|0\.00</span></dd>", html), "Confirmed on" in html) == ([], True)


def test_an_order_that_cost_nothing_is_called_confirmed_also_later() -> None:
    html = html_of(PAGES["paid-free"])
    assert "<h1>Confirmed</h1>" in html
    assert re.findall(r"Paid on|Amount paid|is paid", html) == []


def test_a_change_that_the_page_does_not_show_is_called_one_and_must_be_agreed_to() -> None:
    html = html_of(PAGES["changed-details"])
    assert ENGLISH.texts["changed_details_lead"] in html
    assert ENGLISH.texts["changed_lead"] not in html
    assert re.findall(r'name="action" value="(\w+)"', html) == ["agree"]


def test_after_the_most_attempts_the_page_says_so_and_does_not_blame_the_shop() -> None:
    html = html_of(PAGES["too-many-attempts"])
    assert "<h1>Too many attempts to pay</h1>" in html
    assert "does not take payments" not in html


@pytest.mark.parametrize("name", SHOWN)
def test_a_page_polls_only_while_a_payment_goes_on(name: str) -> None:
    going_on = SHOWN[name].state in ("opening", "being_paid", "stopping", "processing") or name == "owed-claimed"
    assert (f'data-poll="{ADDRESSES.state}"' in html_of(SHOWN[name])) == going_on
    assert ("data-look>Look again</a>" in html_of(SHOWN[name])) == going_on


@pytest.mark.parametrize("name", PAGES)
def test_nothing_is_inline_and_everything_is_loaded_from_the_pages_own_origin(name: str) -> None:
    html = html_of(PAGES[name])
    assert re.findall(r"<style|style=|\bon\w+=|javascript:|<script>", html) == []
    loaded = re.findall(r'<(?:script|link)[^>]*(?:src|href)="([^"]*)"', html)
    assert loaded
    assert {address.removeprefix(f"{ADDRESSES.assets}/") for address in loaded} <= assets().keys()


def test_nothing_a_shop_sends_becomes_markup() -> None:
    content = Content((Line(HOSTILE, HOSTILE, 1, 100),))
    view = page(samples.order(reference=HOSTILE, currency="EUR"), content)
    hostile = replace(view, addresses=replace(view.addresses, shop=f"https://shop.example/?q={HOSTILE}"))
    html = html_of(hostile)
    assert re.findall(r"<script(?! src)|<img|onerror=\"", html) == []
    assert html.count("</title>") == 1


def test_a_changed_order_shows_what_each_line_was_before() -> None:
    html = html_of(PAGES["changed"])
    rows = re.findall(r'<tr class="(\w+)">.*?dir="auto">(?:<del>)?([^<]*)', html, re.DOTALL)
    assert rows == [
        ("changed", "Green tea, loose leaves"),
        ("same", "Cup with a lid"),
        ("same", "Shipping"),
        ("added", "Regular customer"),
        ("removed", "Measuring spoon"),
    ]
    assert "before: 1 \u00d7 " in html
    assert "EUR\u00a066.40" in html


def test_a_changed_order_whose_earlier_lines_are_gone_shows_the_present_ones() -> None:
    html = html_of(PAGES["changed-unknown"])
    assert set(re.findall(r'<tr class="(\w+)">', html)) == {"same"}
    assert "Total before" not in html


def test_a_right_to_left_language_turns_the_page_and_not_the_sums() -> None:
    html = html_of(PAGES["owed"], replace(ENGLISH, tag="ar", direction="rtl"))
    assert '<html lang="ar" dir="rtl">' in html
    assert '<span class="sum" dir="ltr">EUR\u00a068.90</span>' in html


def test_the_style_sheet_names_no_left_and_no_right() -> None:
    css = next(asset.body for asset in assets().values() if asset.name.endswith(".css"))
    assert re.findall(r"\b(?:left|right)\b", css) == []


@pytest.mark.parametrize(
    ("language", "amount", "currency", "text"),
    [
        ("en", 123456789, "EUR", "EUR 1,234,567.89"),
        ("de", 123456789, "EUR", "1.234.567,89 EUR"),
        ("zh", 123456789, "CNY", "CNY 1,234,567.89"),
        ("en", 5, "EUR", "EUR 0.05"),
        ("en", -500, "EUR", "EUR \u22125.00"),
        ("de", 4990, "JPY", "4.990 JPY"),
        ("en", 4990, "KWD", "KWD 4.990"),
    ],
)
def test_a_sum_has_the_decimals_of_its_currency_and_the_groups_of_its_language(
    language: str, amount: int, currency: str, text: str
) -> None:
    assert locales()[language].sum_text(amount, currency).replace("\u00a0", " ") == text


def test_a_quantity_has_the_groups_of_its_language() -> None:
    assert "1,000,000 \u00d7 " in html_of(PAGES["owed-large"])
    assert "1.000.000 \u00d7 " in html_of(PAGES["owed-large"], locales()["de"])


@pytest.mark.parametrize(
    ("language", "text"),
    [
        ("en", "4 March 2026, 05:06 UTC"),
        ("de", "4. März 2026, 05:06 UTC"),
        ("zh", "2026年3月4日 05:06\uff08UTC\uff09"),
    ],
)
def test_an_instant_is_written_in_utc(language: str, text: str) -> None:
    assert locales()[language].instant_text(datetime(2026, 3, 4, 5, 6, 7, tzinfo=UTC)) == text


@pytest.mark.parametrize(
    ("order", "browser", "language"),
    [
        ("de-AT", "en", "de"),
        ("zh-Hant-HK", None, "zh"),
        ("sv", "de-CH,de;q=0.9,en;q=0.8", "de"),
        (None, "en;q=0.5, zh;q=0.7", "zh"),
        (None, "de;q=0", "en"),
        (None, "*", "en"),
        (None, "de;q=x,;;,=,zh", "zh"),
        (None, "de;q=0.1, sv;q=nan, zh;q=0.9", "zh"),
        (None, "de;q=inf, zh;q=0.9", "zh"),
        (None, "a," * 10_000 + "de", "en"),
        (None, None, "en"),
        ("../en", "", "en"),
    ],
)
def test_the_language_is_the_orders_then_the_readers_then_english(
    order: str | None, browser: str | None, language: str
) -> None:
    assert locale_for(order, browser) is locales()[language]


def test_an_asset_is_named_for_its_content() -> None:
    kinds = {asset.name.rpartition(".")[2]: asset for asset in assets().values()}
    assert kinds.keys() == {"css", "js", "svg"}
    assert all(re.fullmatch(r"\w+-[0-9a-f]{16}\.\w+", name) for name in assets())
    assert kinds["js"].content_type == "text/javascript; charset=utf-8"


@pytest.mark.parametrize("path", sorted((ROOT / "functions/pay_page/pay_page/locales").iterdir()), ids=lambda p: p.stem)
def test_a_language_file_names_each_text_once(path: object) -> None:
    def once(pairs: list[tuple[str, object]]) -> dict[str, object]:
        names = [name for name, _ in pairs]
        assert sorted(names) == sorted(set(names))
        return dict(pairs)

    json.loads((ROOT / str(path)).read_text("utf-8"), object_pairs_hook=once)
