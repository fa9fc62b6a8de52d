"""The sample pages as the stack serves them: with their headers and assets."""

import json

from pay_page.assets import assets
from pay_page.locales import Locale, locales
from pay_page.page_view import OrderPage, PageView
from pay_page.rendering import rendered

from tests.pages.page_server import Document, PageServer
from tests.pages.sample_pages import ADDRESSES

ENGLISH = locales()["en"]
HEADERS = {
    "content-type": "text/html; charset=utf-8",
    "cache-control": "no-store",
    "content-security-policy": (
        "default-src 'none'; style-src 'self'; script-src 'self'; connect-src 'self'; img-src 'self'; "
        "form-action 'self'; base-uri 'none'; frame-ancestors 'none'"
    ),
    "referrer-policy": "no-referrer",
    "x-content-type-options": "nosniff",
}


def serve_assets(server: PageServer) -> None:
    for asset in assets().values():
        path = f"{ADDRESSES.assets}/{asset.name}"
        server.documents[path] = Document(asset.body, {"content-type": asset.content_type})


def serve(server: PageServer, view: PageView, locale: Locale = ENGLISH) -> None:
    """Serve the view at the address of the page, and the answer that the script gets while nothing changes."""
    serve_assets(server)
    server.documents[ADDRESSES.page] = Document(rendered(view, locale), HEADERS)
    if isinstance(view, OrderPage):
        answer(server, view.state, view.version)


def answer(server: PageServer, state: str, version: int, status: int = 200) -> None:
    """Answer the script from now on."""
    body = json.dumps({"state": state, "version": version, "until": None})
    server.documents[ADDRESSES.state] = Document(body, {"content-type": "application/json"}, status)
