"""What the order desk shows of one order at one moment, read in one step."""

import re
import time
from dataclasses import dataclass, field

from playwright.sync_api import Page

_READ = """
() => {
  const text = (one) => one ? one.textContent.replace(/\\s+/g, " ").trim() : "";
  const seen = (one) => one.checkVisibility({ visibilityProperty: true });
  const dialog = document.querySelector("dialog[open]");
  const countdown = document.querySelector("main .card .countdown");
  return {
    title: text(document.querySelector("main h1")),
    badges: [...document.querySelectorAll(".order-head .badge")].map(text),
    actions: [...document.querySelectorAll("order-actions [data-action]")].filter(seen)
      .map((one) => one.dataset.action),
    left: text(countdown), problem: text(document.querySelector("main .problem, dialog[open] .problem")),
    asking: dialog !== null, total: text(document.querySelector("main tfoot .sum")),
    links: [...document.querySelectorAll("a[href]")].filter(seen).length,
    overflow: document.documentElement.scrollWidth - document.documentElement.clientWidth,
  };
}
"""
_LEFT = re.compile(r"(\d+):(\d\d) left")


@dataclass(frozen=True, slots=True)
class ShownDesk:
    """One order at the desk.

    `actions` are the kinds of what can be done, `badges` the words for its status. `left` is the countdown in seconds,
    None where there is none. `problem` is what stands against the last request, `asking` that a dialog is open.
    """

    title: str
    badges: tuple[str, ...]
    actions: tuple[str, ...]
    left: int | None
    problem: str
    asking: bool
    total: int
    links: int
    overflow: int
    read_at: float = field(default=0.0, compare=False)


def read_desk(page: Page) -> ShownDesk:
    """The desk as it is now."""
    found = page.evaluate(_READ)
    left = _LEFT.search(found["left"])
    digits = re.sub(r"\D", "", found["total"])
    return ShownDesk(
        **{
            **found,
            "badges": tuple(found["badges"]),
            "actions": tuple(found["actions"]),
            "left": 60 * int(left[1]) + int(left[2]) if left else None,
            "total": int(digits) if digits else 0,
            "read_at": time.time(),
        }
    )
