"""What `python-getpaid-simulator` lacks and the adapter needs: looking things up.

Stands between the adapter and the peer. The peer has no list of refunds and no search by `extOrderId`; both are
answered here, from what the peer itself answered before. It keeps `extOrderId` unique, as PayU does.
"""

import json
from typing import Any
from urllib.parse import parse_qs, urlsplit

from paylatch.gateways.gateway_http import HttpSender, Request, Response

ORDERS = "/api/v2_1/orders"


class PayuLookupSender:
    """Sends requests to the peer."""

    def __init__(self) -> None:
        self._send = HttpSender()
        self.refunds: dict[str, list[dict[str, Any]]] = {}
        self.names: dict[str, str] = {}

    def __call__(self, request: Request) -> Response:
        url = urlsplit(request.url)
        path = url.path.partition(ORDERS)[2]
        if request.method == "GET" and path.endswith("/refunds"):
            return Response(200, {}, json.dumps(self.refunds.get(path.split("/")[1], [])).encode())
        if request.method == "GET" and url.query:
            order_id = self.names.get(parse_qs(url.query)["extOrderId"][0])
            if order_id is None:
                return _answer(404, {}, "DATA_NOT_FOUND")
            plain = url._replace(path=f"{url.path}/{order_id}", query="").geturl()
            return self._send(Request("GET", plain, request.headers))
        if request.method == "POST" and ORDERS in url.path:
            return self._posted(request, path)
        return self._send(request)

    def _posted(self, request: Request, path: str) -> Response:
        asked = json.loads(request.body or b"{}")
        if not path and asked["extOrderId"] in self.names:
            return _answer(400, {}, "ERROR_ORDER_NOT_UNIQUE")
        response = self._send(request)
        answered = json.loads(response.body)
        if not path and "orderId" in answered:
            self.names[asked["extOrderId"]] = answered["orderId"]
        elif "refund" in answered:
            self.refunds.setdefault(answered["orderId"], []).append(answered["refund"])
        return response


def _answer(status: int, document: dict[str, Any], code: str) -> Response:
    return Response(status, {}, json.dumps({**document, "status": {"statusCode": code}}).encode())
