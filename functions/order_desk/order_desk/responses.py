"""HTTP answers of the order desk, with what a browser may do with them."""

import json
from base64 import b64encode
from collections.abc import Mapping, Sequence
from html import escape
from typing import Any

from order_desk.site import HASHED, SiteFile

Answer = dict[str, Any]

_EVERY = {
    "x-content-type-options": "nosniff",
    "referrer-policy": "no-referrer",
    "strict-transport-security": "max-age=63072000",
    "cross-origin-opener-policy": "same-origin",
    "cross-origin-resource-policy": "same-origin",
    "x-robots-tag": "noindex",
}
_NO_STORE = {"cache-control": "no-store"}
_NOTHING = {"content-security-policy": "default-src 'none'; frame-ancestors 'none'"}
_FOR_GOOD = {"cache-control": "public, max-age=31536000, immutable"}
# Of a file whose name stays where its content changes.
_FOR_AN_HOUR = {"cache-control": "public, max-age=3600"}
_HTML = {"content-type": "text/html; charset=utf-8"}


def application_page(html: str, called_origins: Sequence[str]) -> Answer:
    """The page that loads the application, which may call these origins."""
    return _text(200, {**_HTML, **_NO_STORE, "content-security-policy": _policy(called_origins)}, html)


def message_page(status: int, title: str, message: str, desk: str | None = None, **headers: str) -> Answer:
    """A page that says why there is no other; with a link to the desk where its address is given."""
    link = f'<p><a href="{escape(desk)}">Order desk</a></p>' if desk else ""
    page = (
        '<!doctype html><html lang="en"><head><meta charset="utf-8">'
        '<meta name="viewport" content="width=device-width, initial-scale=1">'
        f"<title>{escape(title)}</title></head>"
        f"<body><main><h1>{escape(title)}</h1><p>{escape(message)}</p>{link}</main></body></html>"
    )
    return _text(status, {**_HTML, **_NO_STORE, **_NOTHING, **headers}, page)


def config_answer(document: Mapping[str, Any]) -> Answer:
    """The application's configuration."""
    return _text(200, {"content-type": "application/json", **_NO_STORE, **_NOTHING}, json.dumps(document))


def file_answer(file: SiteFile, coding: str | None) -> Answer:
    """A file; in that coding, which it must have, or as it is."""
    caching = _FOR_GOOD if file.name.startswith(HASHED) else _FOR_AN_HOUR
    headers = {**_EVERY, **_NOTHING, **caching, "content-type": file.content_type, "vary": "accept-encoding"}
    if coding is not None:
        headers["content-encoding"] = coding
    body = file.body if coding is None else file.compressed[coding]
    return {
        "statusCode": 200,
        "headers": headers,
        "body": b64encode(body).decode("ascii"),
        "isBase64Encoded": True,
    }


def without_body(answer: Answer) -> Answer:
    """The answer to a HEAD request."""
    return {**answer, "body": "", "isBase64Encoded": False}


def _policy(called_origins: Sequence[str]) -> str:
    called = " ".join(("'self'", *called_origins))
    return (
        f"default-src 'none'; script-src 'self'; style-src 'self'; img-src 'self'; connect-src {called}; "
        "base-uri 'none'; form-action 'none'; frame-ancestors 'none'"
    )


def _text(status: int, headers: Mapping[str, str], body: str) -> Answer:
    return {"statusCode": status, "headers": {**_EVERY, **headers}, "body": body, "isBase64Encoded": False}
