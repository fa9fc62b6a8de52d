"""What a browser shows at one moment, read in one step, so that no part of it is older than another."""

import re
import time
from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import Any

from playwright.sync_api import Error, Page

_READ = """
() => {
  const main = document.querySelector("main"), data = main ? main.dataset : {};
  const seen = (one) => one.checkVisibility({ visibilityProperty: true });
  const text = (selector) => (document.querySelector(selector) || { textContent: "" }).textContent.trim();
  const value = (name) => (document.querySelector(`input[name=${name}]`) || { value: "" }).value;
  const countdown = document.querySelector(".countdown");
  const root = document.documentElement;
  return {
    address: location.href, state: data.state || "", version: Number(data.version || 0), title: text("h1"),
    notice: text(".notice"), total: text("tfoot .sum"), amount: text("dl.facts .amount .sum") || text("p.amount"),
    revision: Number(value("revision") || 0), attempt_id: value("attempt_id"),
    until: countdown ? countdown.dataset.until : "", left: countdown && !countdown.hidden ? countdown.textContent : "",
    skipped: Number(root.dataset.walkSkipped || 0), polls: "poll" in data,
    actions: [...document.querySelectorAll("button[name=action]")].filter(seen).map((one) => one.value),
    links: [...document.querySelectorAll("main a[href], .card a[href]")].filter(seen).map((one) => one.href),
    overflow: root.scrollWidth - root.clientWidth,
  };
}
"""
_LEFT = re.compile(r"(\d+):(\d\d) left")
TRIES = 20


@dataclass(frozen=True, slots=True)
class ShownPage:
    """One page. `state` and `version` are those of a payment page, "" and 0 on any other.

    `read_at` is this machine's time of the reading, in seconds, and `skipped` by how many seconds the document's clock
    was moved on. `total` and `amount` are in minor units, None where the page has none. `left` is the countdown in
    seconds, None where there is none or it is over.
    """

    address: str
    state: str = ""
    version: int = 0
    title: str = ""
    notice: str = ""
    total: int | None = None
    amount: int | None = None
    revision: int = 0
    attempt_id: str = ""
    until: str = ""
    left: int | None = None
    skipped: int = 0
    polls: bool = False
    actions: tuple[str, ...] = ()
    links: tuple[str, ...] = ()
    overflow: int = 0
    read_at: float = field(default=0.0, compare=False)


def read_page(page: Page) -> ShownPage:
    """The page as it is now. Raises Playwright's `Error` where the document keeps being replaced."""
    for _ in range(TRIES - 1):
        try:
            return shown_page(page.evaluate(_READ), time.time())
        except Error:
            # The script loaded the page anew meanwhile.
            page.wait_for_timeout(100)
    return shown_page(page.evaluate(_READ), time.time())


def shown_page(found: Mapping[str, Any], read_at: float) -> ShownPage:
    """The reading of a page as a value."""
    return ShownPage(
        **{
            **found,
            "total": _minor_units(found["total"]),
            "amount": _minor_units(found["amount"]),
            "left": _seconds(found["left"]),
            "actions": tuple(found["actions"]),
            "links": tuple(found["links"]),
            "read_at": read_at,
        }
    )


def _minor_units(text: str) -> int | None:
    """A sum in a currency of two decimals."""
    digits = re.sub(r"\D", "", text)
    return int(digits) if digits else None


def _seconds(text: str) -> int | None:
    found = _LEFT.search(text)
    return 60 * int(found[1]) + int(found[2]) if found else None
