"""E-mail addresses in texts of others, such as a gateway's words."""

import re

_LEFT_OUT = "…"
# It starts where a word starts: a long word without an @ is read once.
_ADDRESS = re.compile(r"(?<![^\s@:<>\"'=(])[^\s@:<>\"'=(]+@[^\s@<>\"',;)]+\.[^\W\d_]{2,}")


def without_email_addresses(text: str) -> str:
    """The text with an ellipsis for each e-mail address."""
    return _ADDRESS.sub(_LEFT_OUT, text)
