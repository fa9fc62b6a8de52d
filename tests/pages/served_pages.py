"""The sample pages as the stack serves them: with their headers and assets."""

from pay_page.assets import assets
from pay_page.locales import locales
from pay_page.page_view import PageView
from pay_page.rendering import rendered

from tests.pages.page_server import Document, PageServer
from tests.pages.sample_pages import ADDRESSES, pages

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


def serve_samples(server: PageServer) -> None:
    """Serve every sample in every language at `/<language>/<name>`, and the assets."""
    for language, locale in locales().items():
        for name, view in pages().items():
            server.documents[f"/{language}/{name}"] = Document(rendered(view, locale), HEADERS)
    serve_assets(server)


def serve_assets(server: PageServer) -> None:
    for asset in assets().values():
        path = f"{ADDRESSES.assets}/{asset.name}"
        server.documents[path] = Document(asset.body, {"content-type": asset.content_type})


def document_of(view: PageView, language: str = "en") -> Document:
    return Document(rendered(view, locales()[language]), HEADERS)
