"""What keeps somebody from using a page: what axe-core finds, what a screen has no room for, what is hard to hit."""

from axe_playwright_python.sync_playwright import Axe
from playwright.sync_api import Page

# The smallest target for a finger, in pixels.
LEAST_TARGET = 44
ALL_RULES = {"resultTypes": ["violations"]}
CONTRAST = {**ALL_RULES, "runOnly": ["color-contrast"]}


def barriers(page: Page, rules: dict[str, list[str]]) -> list[str]:
    """What axe-core finds, best practices included."""
    found = Axe().run(page, options=rules).response["violations"]
    return [f"{one['id']}: {node['html']}" for one in found for node in one["nodes"]]


def overflow(page: Page) -> int:
    """By how many pixels the page is wider than its screen."""
    width: int = page.evaluate("document.documentElement.scrollWidth - document.documentElement.clientWidth")
    return width


def small_targets(page: Page) -> list[str]:
    boxes: list[tuple[str, float, float]] = page.evaluate(
        "[...document.querySelectorAll('a, button')].filter((one) => one.offsetParent !== null)"
        ".map((one) => [one.textContent, one.offsetWidth, one.offsetHeight])"
    )
    return [text for text, width, height in boxes if min(width, height) < LEAST_TARGET]
