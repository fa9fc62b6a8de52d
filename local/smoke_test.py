"""The smoke test over plain HTTP: lock during payment, unlock on cancellation, edit, pay again."""

import http.client
import json
import time
import urllib.parse
import uuid
from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any

from local.stack import Stack

_TIMEOUT = 35.0
_PAID_WITHIN = 30.0
_SHOWN = (
    "code",
    "detail",
    "payment_status",
    "status",
    "revision",
    "total",
    "amount",
    "currency",
    "pay_url",
    "locked_until",
)


class SmokeTestFailed(Exception):
    """A response was not the expected one."""


@dataclass(frozen=True, slots=True)
class ApiResponse:
    """An HTTP response."""

    status: int
    body: Mapping[str, Any]


def run_smoke_test(stack: Stack) -> None:
    """Run the smoke test and print each response. Raises `SmokeTestFailed` at the first unexpected one."""
    teller = ApiClient(stack)
    order_id = teller.create()
    first = teller.request_payment(order_id)
    teller.edit(order_id, revision=1, quantity=1, expected=409)
    teller.cancel_payment(order_id, first["attempt_id"])
    teller.edit(order_id, revision=1, quantity=1, expected=200)
    second = teller.request_payment(order_id)
    teller.pay_on_the_hosted_page(second["pay_url"])
    teller.wait_until(order_id, "paid", _PAID_WITHIN)
    teller.read_history(order_id)


@dataclass(frozen=True, slots=True)
class ApiClient:
    """Sends the calls of shop and buyer, prints each, and checks its response."""

    stack: Stack

    def create(self) -> str:
        order = {
            "reference": f"demo-{uuid.uuid4().hex[:8]}",
            "buyer_id": self.stack.buyer_id,
            "seller_id": self.stack.seller_id,
            "currency": "EUR",
            "lines": _lines(quantity=2),
        }
        return str(self._call("The shop creates an order", "service", "POST", "/orders", 201, order)["order_id"])

    def request_payment(self, order_id: str, **more: int) -> Mapping[str, Any]:
        return self._call(
            "The buyer goes to pay: the order is locked",
            "buyer",
            "POST",
            f"/orders/{order_id}/payments",
            201,
            {"return_url": "https://shop.example/thanks", **more},
            {"Idempotency-Key": uuid.uuid4().hex},
        )

    def edit(self, order_id: str, revision: int, quantity: int, expected: int) -> None:
        what = "An edit of the locked order is refused" if expected == 409 else "The same edit now succeeds"
        change = {"lines": _lines(quantity)}
        self._call(what, "buyer", "PATCH", f"/orders/{order_id}", expected, change, {"If-Match": f'"{revision}"'})

    def cancel_payment(self, order_id: str, attempt_id: str) -> None:
        path = f"/orders/{order_id}/payments/{attempt_id}/cancellation"
        self._call("The buyer turns back: the order is unlocked", "buyer", "POST", path, 200)

    def pay_on_the_hosted_page(self, pay_url: str) -> None:
        answer = _send("POST", pay_url, b"action=pay", {"Content-Type": "application/x-www-form-urlencoded"})
        print(f"\nThe buyer pays on the hosted page\n  POST {pay_url} action=pay\n  {answer.status}")
        if answer.status >= 400:
            raise SmokeTestFailed(f"the hosted page answered {answer.status}")

    def wait_until(self, order_id: str, status: str, within: float) -> None:
        deadline = time.monotonic() + within
        while (found := self._status(order_id)) != status:
            if time.monotonic() > deadline:
                raise SmokeTestFailed(f"after {within:.0f} s the order is still {found}, not {status}")
            time.sleep(0.3)
        self._call(f"The order is now {status}", "buyer", "GET", f"/orders/{order_id}", 200)

    def read_history(self, order_id: str) -> list[Mapping[str, Any]]:
        """Every event of a paid order; the history follows the order after a moment."""
        deadline = time.monotonic() + _PAID_WITHIN
        events = self._events(order_id)
        while not events or events[-1]["type"] != "OrderPaid":
            if time.monotonic() > deadline:
                raise SmokeTestFailed(f"the history is only {events}")
            time.sleep(0.3)
            events = self._events(order_id)
        print(f"\nOne order throughout; its history\n  {' → '.join(event['type'] for event in events)}")
        return events

    def _status(self, order_id: str) -> str:
        answer = self._send("buyer", "GET", f"/orders/{order_id}")
        return str(answer.body.get("payment_status"))

    def _events(self, order_id: str) -> list[Mapping[str, Any]]:
        events: list[Mapping[str, Any]] = []
        after: int | None = 0
        while after is not None:
            page = self._send("buyer", "GET", f"/orders/{order_id}/history?after={after}").body
            events += page.get("events", [])
            after = page.get("next_after")
        return events

    def _call(
        self,
        what: str,
        who: str,
        method: str,
        path: str,
        expected: int,
        body: Mapping[str, Any] | None = None,
        headers: Mapping[str, str] | None = None,
    ) -> Mapping[str, Any]:
        answer = self._send(who, method, path, body, headers)
        shown = {name: answer.body[name] for name in _SHOWN if name in answer.body}
        print(f"\n{what}\n  {method} {path}\n  {answer.status} {json.dumps(shown)}")
        if answer.status != expected:
            raise SmokeTestFailed(f"expected {expected}, got {answer.status}: {json.dumps(answer.body)[:1000]}")
        return answer.body

    def _send(
        self,
        who: str,
        method: str,
        path: str,
        body: Mapping[str, Any] | None = None,
        headers: Mapping[str, str] | None = None,
    ) -> ApiResponse:
        content = None if body is None else json.dumps(body).encode()
        sent = {
            "Authorization": f"Bearer {self.stack.tokens[who]}",
            "Content-Type": "application/json",
            **(headers or {}),
        }
        return _send(method, self.stack.api_url + path, content, sent)


def _lines(quantity: int) -> list[dict[str, Any]]:
    return [{"sku": "tea-01", "name": "Green tea", "quantity": quantity, "unit_price": 1250}]


def _send(method: str, url: str, body: bytes | None, headers: Mapping[str, str]) -> ApiResponse:
    """One call, without following a redirect: the shop that the hosted page returns to does not exist."""
    address = urllib.parse.urlsplit(url)
    connection = http.client.HTTPConnection(address.netloc, timeout=_TIMEOUT)
    try:
        connection.request(method, address._replace(scheme="", netloc="").geturl(), body, dict(headers))
        response = connection.getresponse()
        return ApiResponse(response.status, _parsed(response.read()))
    except (OSError, http.client.HTTPException) as error:
        raise SmokeTestFailed(f"{method} {url}: {error}") from error
    finally:
        connection.close()


def _parsed(content: bytes) -> Mapping[str, Any]:
    try:
        body = json.loads(content)
    except ValueError:
        return {}
    return body if isinstance(body, dict) else {}
