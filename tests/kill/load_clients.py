"""Load clients: buyers who order, pay, cancel, edit, and repeat calls whose outcome is unknown."""

import threading
import time
from collections import Counter
from collections.abc import Callable, Mapping
from dataclasses import dataclass, field
from functools import partial
from random import Random
from typing import Any

from local.api_client import ApiClient, ApiRequest, ApiResponse, HttpTransport, NoResponse
from local.example_orders import PAYMENT, tea, tea_order
from local.sandbox_client import SandboxClient, pay_on_hosted_page
from local.stack import Stack

TIMEOUT_SECONDS = 20.0
TRIES = 6
NO_RESPONSE = ApiResponse(0, {}, "")
# Statuses on which a repeatable call is repeated: no answer, and an unknown outcome.
UNKNOWN = (0, 429, 500, 502, 503, 504)


@dataclass(slots=True)
class ClientLog:
    """The clients' records, shared by all of them. In `answers`, a status of 0 stands for no response."""

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
            self._client("buyer").cancel_payment(order_id, attempt["attempt_id"])
            self._edit(order_id)
            if link_outlives_void:
                self._pay_at_page(attempt["pay_url"])

    def _set_faults(self, order_id: str) -> None:
        """Inject ineffective voids into this order's sessions, so that money comes late."""
        sandbox = SandboxClient(self.stack.sandbox_url)
        self._counted(partial(sandbox.plan_faults, order_id, 3, {"void": {"fault": "pretend"}}))

    def _order(self, name: str) -> str | None:
        order = tea_order(name, self.stack.buyer_id, self.stack.seller_id)
        answer = self._client("service").create_order(order, f"order-{name}")
        if answer.status != 201:
            return None
        order_id: str = answer.document["order_id"]
        with self.client_log.lock:
            self.client_log.orders.add(order_id)
        return order_id

    def _pay(self, order_id: str, key: str) -> Mapping[str, Any] | None:
        answer = self._request_payment(order_id, key)
        # The order is this client's alone, with one payment key at a time.
        if answer.status == 409 and answer.code == "order-locked" and self._is_mine(answer, order_id, key):
            self._record_contradiction(f"{order_id}: its own payment {key} is refused because the order is locked")
        return answer.document if answer.status == 201 and answer.document.get("pay_url") else None

    def _is_mine(self, answer: ApiResponse, order_id: str, key: str) -> bool:
        """Whether the attempt that holds the order has this key: repeated once more, the request would succeed."""
        again = self._request_payment(order_id, key)
        return again.status == 201 and bool(again.document["attempt_id"] == answer.document["attempt_id"])

    def _request_payment(self, order_id: str, key: str) -> ApiResponse:
        return self._client("buyer").request_payment(order_id, {**PAYMENT, "expires_in": 60}, key)

    def _edit(self, order_id: str) -> None:
        buyer = self._client("buyer")
        order = buyer.read_order(order_id)
        if order.status != 200 or order.document["payment_status"] != "pending_payment":
            return
        revision = order.document["revision"]
        if buyer.edit_order(order_id, {"lines": tea(self.random.randint(1, 9))}, revision).status == 412:
            self._record_contradiction(f"{order_id}: its own edit of revision {revision} is refused as another's")

    def _pay_at_page(self, pay_url: str) -> None:
        for _ in range(TRIES):
            if self._counted(partial(pay_on_hosted_page, pay_url)).status not in UNKNOWN:
                return
            time.sleep(0.5)

    def _client(self, who: str) -> ApiClient:
        return ApiClient(self._send_with_retries, self.stack.tokens[who])

    def _send_with_retries(self, request: ApiRequest) -> ApiResponse:
        """Repeat the same call until the answer says what happened."""
        send = partial(HttpTransport(self.stack.api_url, TIMEOUT_SECONDS), request)
        answer = self._counted(send)
        for _ in range(TRIES - 1):
            if answer.status not in UNKNOWN:
                break
            time.sleep(self.random.uniform(0.2, 1.0))
            answer = self._counted(send)
        return answer

    def _counted(self, send: Callable[[], ApiResponse]) -> ApiResponse:
        try:
            answer = send()
        except NoResponse:
            answer = NO_RESPONSE
        with self.client_log.lock:
            self.client_log.answers[answer.status] += 1
        return answer

    def _record_contradiction(self, what: str) -> None:
        with self.client_log.lock:
            self.client_log.contradictions.append(what)
