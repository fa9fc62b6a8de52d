"""E-mail addresses in texts of others, such as a gateway's words."""

import re

_LEFT_OUT = "…"
# Any word with an @ inside, whatever its form: no rule of ours says what another one quotes as an address. It starts
# where a word starts, so that a long word without an @ is read once.
_ADDRESS = r"(?<!\S)\S+@\S+"


def without_email_addresses(text: str) -> str:
    """The text with an ellipsis for each e-mail address."""
    return re.sub(_ADDRESS, _LEFT_OUT, text)
