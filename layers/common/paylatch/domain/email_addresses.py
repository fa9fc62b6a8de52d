"""E-mail addresses in texts of others, such as a gateway's error text."""

import re

_LEFT_OUT = "…"
# Any word with an @ inside, whatever its form: the texts follow no rule of ours. The pattern starts where a word
# starts, so that a long word without an @ is read once.
_ADDRESS = r"(?<!\S)\S+@\S+"


def without_email_addresses(text: str) -> str:
    """The text with an ellipsis for each e-mail address."""
    return re.sub(_ADDRESS, _LEFT_OUT, text)
