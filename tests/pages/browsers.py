"""The browser of this machine; none is downloaded."""

import os
import shutil

_NAMES = ("chromium", "chromium-browser", "google-chrome", "google-chrome-stable")
NO_BROWSER = "no browser: install Chromium (on Debian: apt-get install chromium), or name one in PAYLATCH_CHROMIUM"


def installed_browser() -> str | None:
    """The path of a Chromium: that of PAYLATCH_CHROMIUM, or one that is on the PATH."""
    return os.environ.get("PAYLATCH_CHROMIUM") or next(filter(None, map(shutil.which, _NAMES)), None)
