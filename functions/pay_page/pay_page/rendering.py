"""The HTML of a page."""

from collections.abc import Callable
from datetime import datetime
from functools import cache
from pathlib import Path

from jinja2 import Environment, FileSystemLoader, StrictUndefined
from markupsafe import Markup, escape

from pay_page.assets import asset_name
from pay_page.line_rows import LineRow, Mark, line_rows
from pay_page.locales import Locale
from pay_page.page_view import WAITING, ErrorPage, OrderPage, PageState, PageView

_FREE = frozenset({PageState.OWED, PageState.JUST_PAID, PageState.PAID})
# In characters.
_LONGEST_UNBROKEN = 16
_TEMPLATES = Path(__file__).parent / "templates"
Text = Callable[..., Markup]


def rendered(view: PageView, locale: Locale) -> str:
    """The page as an HTML document in this language."""
    template = "error.html" if isinstance(view, ErrorPage) else "order.html"
    return _environment().get_template(template).render(view=view, locale=locale, **_tools(view, locale))


@cache
def _environment() -> Environment:
    return Environment(
        loader=FileSystemLoader(_TEMPLATES),
        autoescape=True,
        undefined=StrictUndefined,
        trim_blocks=True,
        lstrip_blocks=True,
        auto_reload=False,
    )


def _tools(view: PageView, locale: Locale) -> dict[str, object]:
    """What the templates call: `t` a text, `money` a sum, `at` an instant, `asset` the URL of a file."""
    tools: dict[str, object] = {
        "t": _texts(locale),
        "at": lambda instant: _instant(instant, locale),
        "asset": lambda file: f"{_assets_of(view)}/{asset_name(file)}",
    }
    if isinstance(view, OrderPage):
        currency = view.summary.currency
        tools["money"] = lambda amount: _sum(locale.sum_text(amount, currency), locale.group)
        tools["rows"] = rows = line_rows(view)
        tools["texts"] = _texts_named(view, rows)
        # What changed stays until its reader has read it: the page loaded anew would not show it.
        claimed = view.money.claimed > 0 and view.state is not PageState.CHANGED
        tools["waiting"] = view.state in WAITING or claimed
    return tools


def _texts_named(view: OrderPage, rows: list[LineRow]) -> str:
    """The name of the page's title and lead: its state's, or what they are where the order costs nothing, and so on."""
    if view.summary.total == 0 and view.state in _FREE:
        return f"{view.state}_free"
    seen = view.changed_from
    # Lines and total are what a payer agrees to; the rest of an order is not on the page.
    as_seen = seen is not None and seen.lines is not None and all(row.mark is Mark.SAME for row in rows)
    return f"{view.state}_details" if as_seen else view.state


def _assets_of(view: PageView) -> str:
    """The folder of the assets, as it stands in the page."""
    return view.assets if isinstance(view, ErrorPage) else view.addresses.assets


def _texts(locale: Locale) -> Text:
    def text(key: str, **values: object) -> Markup:
        return escape(locale.texts[key]).format(**values)

    return text


def _sum(text: str, group: str) -> Markup:
    # A sum is written from left to right in every language. A long one may break between its groups of digits.
    if len(text) <= _LONGEST_UNBROKEN:
        return Markup('<span class="sum" dir="ltr">{}</span>').format(text)
    parts = (escape(group) + Markup("<wbr>")).join(text.split(group))
    return Markup('<span class="sum long" dir="ltr">{}</span>').format(parts)


def _instant(instant: datetime, locale: Locale) -> Markup:
    shown = Markup('<time datetime="{}">{}</time>')
    return shown.format(f"{instant:%Y-%m-%dT%H:%M:%SZ}", locale.instant_text(instant))
