"""The sample pages as the stack serves them: with their headers and assets."""

from pay_page.assets import assets
from pay_page.locales import Locale, locales
from pay_page.page_view import OrderPage, PageView
from pay_page.rendering import rendered
from pay_page.responses import Answer, asset_answer, json_answer, page_answer

from tests.pages.page_server import Document, PageServer
from tests.pages.sample_pages import ADDRESSES

ENGLISH = locales()["en"]
GATEWAY = "https://gateway.example"


def serve(server: PageServer, view: PageView, locale: Locale = ENGLISH) -> None:
    """Serve the view at the address of the page, its assets, and what the script is answered while nothing changes."""
    for asset in assets().values():
        server.documents[f"{ADDRESSES.assets}/{asset.name}"] = _document(asset_answer(asset))
    server.documents[ADDRESSES.page] = _document(page_answer(200, rendered(view, locale), (GATEWAY,)))
    if isinstance(view, OrderPage):
        answer(server, view.state, view.version)


def answer(server: PageServer, state: str, version: int, status: int = 200) -> None:
    """Answer the script from now on."""
    document = {"state": state, "version": version, "until": None}
    server.documents[ADDRESSES.state] = _document(json_answer(status, document))


def _document(made: Answer) -> Document:
    return Document(made["body"], made["headers"], made["statusCode"])
