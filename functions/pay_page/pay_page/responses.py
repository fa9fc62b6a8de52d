"""HTTP answers of the pages, with what a browser may do with them."""

import json
from collections.abc import Mapping
from typing import Any

from pay_page.assets import CACHE_CONTROL, Asset
from pay_page.page_view import PolledState
from paylatch.domain.timestamps import as_text

Answer = dict[str, Any]

# The page's address is a secret: nobody is sent it, nothing keeps it, and no page of others shows it.
_EVERY = {
    "x-content-type-options": "nosniff",
    "referrer-policy": "no-referrer",
    "strict-transport-security": "max-age=63072000",
    "x-robots-tag": "noindex",
}
_NOT_STORED = {**_EVERY, "cache-control": "no-store"}
_NOTHING = "default-src 'none'; frame-ancestors 'none'"


def page_answer(status: int, page: str, gateways: tuple[str, ...], **headers: str) -> Answer:
    """A page whose forms may lead to these origins."""
    named = {
        **_NOT_STORED,
        "content-type": "text/html; charset=utf-8",
        "content-security-policy": _policy(gateways),
        **headers,
    }
    return _answer(status, named, page)


def redirect(location: str, gateways: tuple[str, ...]) -> Answer:
    """An answer to a form; a reload then does not send it again."""
    return page_answer(303, "", gateways, location=location)


def state_answer(state: PolledState) -> Answer:
    """What the page's script asked."""
    until = as_text(state.until) if state.until else None
    return json_answer(200, {"state": state.state.value, "version": state.version, "until": until})


def json_answer(status: int, document: Mapping[str, Any], **headers: str) -> Answer:
    """A document for the page's script."""
    named = {**_NOT_STORED, "content-type": "application/json", "content-security-policy": _NOTHING, **headers}
    return _answer(status, named, json.dumps(document))


def asset_answer(asset: Asset) -> Answer:
    """A file, which browsers may keep."""
    named = {
        **_EVERY,
        "content-type": asset.content_type,
        "cache-control": CACHE_CONTROL,
        "content-security-policy": _NOTHING,
    }
    return _answer(200, named, asset.body)


def without_body(answer: Answer) -> Answer:
    """The answer to a HEAD request."""
    return {**answer, "body": ""}


def _policy(gateways: tuple[str, ...]) -> str:
    forms = " ".join(("'self'", *dict.fromkeys(gateways)))
    return (
        "default-src 'none'; script-src 'self'; style-src 'self'; img-src 'self'; connect-src 'self'; "
        f"base-uri 'none'; form-action {forms}; frame-ancestors 'none'"
    )


def _answer(status: int, headers: Mapping[str, str], body: str) -> Answer:
    return {"statusCode": status, "headers": dict(headers), "body": body, "isBase64Encoded": False}
