"""Load clients: buyers who order, pay, cancel, edit, and repeat calls whose outcome is unknown."""

import http.client
import json
import threading
import time
import urllib.parse
from collections import Counter
from collections.abc import Mapping
from dataclasses import dataclass, field
from functools import partial
from random import Random
from typing import Any

from local.stack import Stack

TIMEOUT_SECONDS = 20.0
TRIES = 6
TEA = {"sku": "tea-01", "name": "Green tea", "unit_price": 1250}
# Statuses on which a repeatable call is repeated: no answer, and an unknown outcome.
UNKNOWN = (0, 429, 500, 502, 503, 504)


@dataclass(frozen=True, slots=True)
class ApiResponse:
    """The answer; status 0 where there was none."""

    status: int
    body: Any = None


@dataclass(slots=True)
class ClientLog:
    """The clients' records, shared by all of them."""

    orders: set[str] = field(default_factory=set)
    answers: Counter[int] = field(default_factory=Counter)
    contradictions: list[str] = field(default_factory=list)
    lock: threading.Lock = field(default_factory=threading.Lock)


@dataclass(slots=True)
class LoadClient:
    """One client of many, each with its own orders and keys."""

    number: int
    stack: Stack
    client_log: ClientLog
    random: Random

    def run_until(self, end: float) -> None:
        """One order after the other."""
        visit = 0
        while time.monotonic() < end:
            visit += 1
            self._run_order(f"{self.number}-{visit}")

    def _run_order(self, name: str) -> None:
        order_id = self._order(name)
        if order_id is None:
            return
        link_outlives_void = self.random.random() < 0.3
        if link_outlives_void:
            self._set_faults(order_id)
        for tab in range(self.random.randint(1, 3)):
            attempt = self._pay(order_id, f"{name}-{tab}")
            if attempt is None:
                return
            what = self.random.choice(("pays", "pays", "leaves", "cancels", "cancels late"))
            if what in ("pays", "cancels late"):
                self._pay_at_page(attempt["pay_url"])
            if not what.startswith("cancels"):
                return
            self._send_with_retries(
                "buyer", "POST", f"/orders/{order_id}/payments/{attempt['attempt_id']}/cancellation"
            )
            self._edit(order_id)
            if link_outlives_void:
                self._pay_at_page(attempt["pay_url"])

    def _set_faults(self, order_id: str) -> None:
        """Inject ineffective voids into this order's sessions, so that money comes late."""
        plan = json.dumps({"sessions": 3, "faults": {"void": {"fault": "pretend"}}}).encode()
        headers = {"Content-Type": "application/json"}
        self._send("PUT", f"{self.stack.sandbox_url}/orders/{order_id}/faults", plan, headers)

    def _order(self, name: str) -> str | None:
        body: dict[str, Any] = {"reference": name, "buyer_id": self.stack.buyer_id, "seller_id": self.stack.seller_id}
        body |= {"currency": "EUR", "lines": [{**TEA, "quantity": 2}]}
        answer = self._send_with_retries("service", "POST", "/orders", body, {"Idempotency-Key": f"order-{name}"})
        if answer.status != 201:
            return None
        with self.client_log.lock:
            self.client_log.orders.add(answer.body["order_id"])
        order_id: str = answer.body["order_id"]
        return order_id

    def _pay(self, order_id: str, key: str) -> Mapping[str, Any] | None:
        body = {"return_url": "https://shop.example/thanks", "expires_in": 60}
        answer = self._send_with_retries(
            "buyer", "POST", f"/orders/{order_id}/payments", body, {"Idempotency-Key": key}
        )
        # The order is this client's alone, with one payment key at a time.
        if answer.status == 409 and answer.body["code"] == "order-locked" and self._is_mine(answer, order_id, key):
            self._record_contradiction(f"{order_id}: its own payment {key} is refused because the order is locked")
        return answer.body if answer.status == 201 and answer.body.get("pay_url") else None

    def _is_mine(self, answer: ApiResponse, order_id: str, key: str) -> bool:
        """Whether the attempt that holds the order has this key: repeated once more, the request would succeed."""
        body = {"return_url": "https://shop.example/thanks", "expires_in": 60}
        again = self._send_with_retries("buyer", "POST", f"/orders/{order_id}/payments", body, {"Idempotency-Key": key})
        return again.status == 201 and bool(again.body["attempt_id"] == answer.body["attempt_id"])

    def _edit(self, order_id: str) -> None:
        order = self._send_with_retries("buyer", "GET", f"/orders/{order_id}")
        if order.status != 200 or order.body["payment_status"] != "pending_payment":
            return
        change = {"lines": [{**TEA, "quantity": self.random.randint(1, 9)}]}
        headers = {"If-Match": f'"{order.body["revision"]}"'}
        answer = self._send_with_retries("buyer", "PATCH", f"/orders/{order_id}", change, headers)
        if answer.status == 412:
            self._record_contradiction(
                f"{order_id}: its own edit of revision {order.body['revision']} is refused as another's"
            )

    def _pay_at_page(self, pay_url: str) -> None:
        for _ in range(TRIES):
            form = {"Content-Type": "application/x-www-form-urlencoded"}
            if self._send("POST", pay_url, b"action=pay", form).status not in UNKNOWN:
                return
            time.sleep(0.5)

    def _send_with_retries(
        self, who: str, method: str, path: str, body: Any = None, headers: Mapping[str, str] | None = None
    ) -> ApiResponse:
        """Repeat the same call until the answer says what happened."""
        content = None if body is None else json.dumps(body).encode()
        sent = {"Authorization": f"Bearer {self.stack.tokens[who]}", "Content-Type": "application/json"}
        send = partial(self._send, method, self.stack.api_url + path, content, {**sent, **(headers or {})})
        answer = send()
        for _ in range(TRIES - 1):
            if answer.status not in UNKNOWN:
                break
            time.sleep(self.random.uniform(0.2, 1.0))
            answer = send()
        return answer

    def _send(self, method: str, url: str, body: bytes | None, headers: Mapping[str, str]) -> ApiResponse:
        address = urllib.parse.urlsplit(url)
        connection = http.client.HTTPConnection(address.netloc, timeout=TIMEOUT_SECONDS)
        try:
            connection.request(method, address.path, body, dict(headers))
            response = connection.getresponse()
            answer = ApiResponse(response.status, _parsed(response.read()))
        except (OSError, http.client.HTTPException):
            answer = ApiResponse(0)
        finally:
            connection.close()
        with self.client_log.lock:
            self.client_log.answers[answer.status] += 1
        return answer

    def _record_contradiction(self, what: str) -> None:
        with self.client_log.lock:
            self.client_log.contradictions.append(what)


def _parsed(content: bytes) -> Any:
    try:
        return json.loads(content)
    except ValueError:
        return {}
