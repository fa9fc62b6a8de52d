"""What `emulate` lacks and the adapter needs: prices given within a session's request.

Stands between the adapter and the peer. A `price_data` becomes a product and a price, made through the peer's own API;
everything else passes as it is.
"""

import json
from dataclasses import replace
from urllib.parse import parse_qsl, urlencode, urlsplit

from paylatch.gateways.gateway_http import HttpSender, Request, Response

PREFIX = "line_items[0][price_data]"


class PriceCreatingSender:
    """Sends requests to the peer."""

    def __init__(self) -> None:
        self._send = HttpSender()

    def __call__(self, request: Request) -> Response:
        if request.method != "POST" or not request.url.endswith("/v1/checkout/sessions"):
            return self._send(request)
        form = dict(parse_qsl((request.body or b"").decode()))
        product = self._make(request, "products", {"name": form[f"{PREFIX}[product_data][name]"]})
        wanted = {name: form[f"{PREFIX}[{name}]"] for name in ("currency", "unit_amount")}
        price = self._make(request, "prices", {"product": product, **wanted})
        kept = {name: value for name, value in form.items() if not name.startswith(PREFIX)}
        return self._send(replace(request, body=urlencode({**kept, "line_items[0][price]": price}).encode()))

    def _make(self, request: Request, kind: str, form: dict[str, str]) -> str:
        url = urlsplit(request.url)._replace(path=f"/v1/{kind}").geturl()
        made = self._send(replace(request, url=url, body=urlencode(form).encode()))
        name: str = json.loads(made.body)["id"]
        return name
