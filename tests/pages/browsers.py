"""The browser of this machine; none is downloaded."""

import os
import shutil
from collections.abc import Iterator
from contextlib import contextmanager

from playwright.sync_api import Browser, expect, sync_playwright

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
