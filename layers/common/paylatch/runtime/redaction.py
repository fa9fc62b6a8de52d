"""Redaction: text of others for the log, without secrets and personal data."""

import re

from paylatch.domain.email_addresses import without_email_addresses

LONGEST = 300
LEFT_OUT = "…"
# A URL keeps its scheme and host: the rest may name a payer or contain a key.
_ADDRESS = r"\b(https?)://(?:[^\s/?#@'\"]*@)?([^\s/?#@'\"]+)[^\s'\"]*"
_QUERY = r"(/[^\s?'\"]*)\?[^\s'\"]+"
_CREDENTIALS = r"(?i)\b(bearer|basic)\s+[^\s,;'\"]+"
_NAMED_VALUE = (
    r"""(?i)(["']?\b\w*(?:password|secret|token|api_?key|private_?key|second_?key|signature|authorization)["']?\s*[=:]\s*)"""
    r"""["']?[^\s,;'"&}]+["']?"""
)
_KEY = (
    r"-----BEGIN.*"
    r"|\b(?:sk|rk|pk|whsec)_\w+"
    r"|\beyJ[\w.-]+"
    r"|\b[0-9a-fA-F]{32,}\b"
    # The secret of a payment link, also in a URL within a URL. No id of ours has its length.
    r"|(?:\b|(?<=%2[Ff]))[0-9A-HJKMNP-TV-Z]{26}\b"
    # Base64, but neither a secret's name nor a request id of AWS, which is in capitals.
    r"|(?<![A-Za-z0-9+/=])(?!paylatch/)(?=[A-Z0-9+/=]*[a-z])[A-Za-z0-9+/=]{40,}"
)
_CARD = r"\b\d(?:[ -]?\d){12,18}\b"


def redacted(text: str) -> str:
    """The text on one line of at most 300 characters, without secrets, card numbers, e-mail addresses and URL paths."""
    text = " ".join(text[: 10 * LONGEST].split())
    text = re.sub(_ADDRESS, rf"\1://\2/{LEFT_OUT}", text)
    text = re.sub(_QUERY, rf"\1?{LEFT_OUT}", text)
    text = re.sub(_CREDENTIALS, rf"\1-{LEFT_OUT}", text)
    text = re.sub(_NAMED_VALUE, rf"\1{LEFT_OUT}", text)
    text = without_email_addresses(re.sub(_KEY, LEFT_OUT, text))
    text = re.sub(_CARD, LEFT_OUT, text)
    return text if len(text) <= LONGEST else text[: LONGEST - 1] + LEFT_OUT
