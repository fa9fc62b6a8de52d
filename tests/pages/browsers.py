"""The browser of this machine, which is not downloaded, and what it complains of."""

import os
import re
import shutil
from collections.abc import Iterator
from contextlib import contextmanager

import pytest
from playwright.sync_api import Browser, ConsoleMessage, Page, expect, sync_playwright

# In seconds: how long an expectation may take to come true.
LONGEST_WAIT = 20
_NAMES = ("chromium", "chromium-browser", "google-chrome", "google-chrome-stable")


class NoBrowser(Exception):
    """This machine has no Chromium."""

    def __init__(self) -> None:
        super().__init__(
            "no browser: install Chromium (on Debian: apt-get install chromium), or name one in PAYLATCH_CHROMIUM"
        )


@contextmanager
def running_browser() -> Iterator[Browser]:
    """A Chromium, until the context ends: that of PAYLATCH_CHROMIUM, or one on the PATH. Raises `NoBrowser`."""
    path = os.environ.get("PAYLATCH_CHROMIUM") or next(filter(None, map(shutil.which, _NAMES)), None)
    if path is None:
        raise NoBrowser
    # A busy machine is no fault of the page.
    expect.set_options(timeout=1000 * LONGEST_WAIT)
    with sync_playwright() as playwright:
        browser = playwright.chromium.launch(executable_path=path)
        try:
            yield browser
        finally:
            browser.close()


@contextmanager
def browser_or_skip() -> Iterator[Browser]:
    """A Chromium, until the context ends; without one the test is skipped."""
    try:
        with running_browser() as browser:
            yield browser
    except NoBrowser as reason:
        pytest.skip(str(reason))


@contextmanager
def complaints_of(page: Page, expected: re.Pattern[str] | None = None) -> Iterator[list[str]]:
    """What the browser reports of this page until the context ends: a style, script or request that it refused, and a
    script that failed; but for messages that begin as `expected` says.
    """
    found: list[str] = []

    def note(message: ConsoleMessage) -> None:
        if message.type in ("error", "warning") and not (expected and expected.match(message.text)):
            found.append(message.text)

    def fail(error: Exception) -> None:
        found.append(str(error))

    page.on("console", note)
    page.on("pageerror", fail)
    yield found
    page.remove_listener("console", note)
    page.remove_listener("pageerror", fail)
