"""A shop that uses the deployed stack over plain HTTP, its payer, and the sandbox's ledger."""

import json
import time
import uuid
from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any

from local.stack import Stack
from paylatch.gateways.gateway_http import HttpSender, Request

STAYS_LIVE: Mapping[str, Any] = {"void": {"fault": "not_voidable"}}
TOO_LITTLE: Mapping[str, Any] = {"payment": {"amount": 1}}
TOTAL = 2500
JSON = {"content-type": "application/json"}
FORM = {"content-type": "application/x-www-form-urlencoded"}


@dataclass(frozen=True, slots=True)
class Link:
    """A payment attempt, and the page where it can be paid."""

    attempt_id: str
    pay_url: str


@dataclass(frozen=True, slots=True)
class LateMoneyShop:
    """What buyers, sellers, operators and payers do. Every answer is checked."""

    stack: Stack

    def create(self) -> str:
        order = {
            "reference": f"late-{uuid.uuid4().hex[:8]}",
            "buyer_id": self.stack.buyer_id,
            "seller_id": self.stack.seller_id,
            "currency": "EUR",
            "lines": [{"sku": "tea-01", "name": "Green tea", "quantity": 2, "unit_price": TOTAL // 2}],
        }
        return str(self._call("service", "POST", "/orders", order)["order_id"])

    def request_payment(self, order_id: str, fault_plan: Mapping[str, Any] | None = None) -> Link:
        """Lock the order; its session has the given faults."""
        wanted, key = {"return_url": "https://shop.example/thanks"}, {"Idempotency-Key": uuid.uuid4().hex}
        body = self._call("buyer", "POST", f"/orders/{order_id}/payments", wanted, key)
        self._set_faults(f"/sessions/{body['attempt_id']}/faults", fault_plan or {})
        return Link(str(body["attempt_id"]), str(body["pay_url"]))

    def live_link(self, order_id: str, fault_plan: Mapping[str, Any] | None = None) -> Link:
        """Cancel the payment: the order is unlocked, but the link can still be paid."""
        link = self.request_payment(order_id, {**STAYS_LIVE, **(fault_plan or {})})
        path = f"/orders/{order_id}/payments/{link.attempt_id}/cancellation"
        assert self._call("buyer", "POST", path)["payment_status"] == "pending_payment"
        return link

    def edit(self, order_id: str) -> None:
        self._call("buyer", "PATCH", f"/orders/{order_id}", {"note": "Ring twice"}, {"If-Match": '"1"'})

    def cancel(self, order_id: str) -> None:
        self._call("buyer", "POST", f"/orders/{order_id}/cancellation")

    def pay(self, link: Link) -> None:
        """Pay on the gateway's page; the gateway calls the shop back before the page answers."""
        answer = HttpSender(read=35)(Request("POST", link.pay_url, FORM, b"action=pay"))
        assert answer.status == 303, answer.body

    def resolve(self, order_id: str, link: Link, action: str) -> None:
        """An operator decides about money that does not match."""
        decision = {"action": action, "reason": "The buyer agrees by phone."}
        self._call("operator", "POST", f"/orders/{order_id}/payments/{link.attempt_id}/resolution", decision)

    def order(self, order_id: str) -> Mapping[str, Any]:
        return self._call("buyer", "GET", f"/orders/{order_id}")

    def history(self, order_id: str) -> list[Mapping[str, Any]]:
        page = self._call("buyer", "GET", f"/orders/{order_id}/history")
        assert page["next_after"] is None
        events: list[Mapping[str, Any]] = page["events"]
        return events

    def until_status(self, order_id: str, status: str) -> None:
        """As soon as the callback was dealt with."""
        deadline = time.monotonic() + 15
        while (found := self.order(order_id)["payment_status"]) != status:
            assert time.monotonic() < deadline, f"{order_id} is {found}, not {status}"
            time.sleep(0.25)

    def ledger(self, link: Link) -> tuple[int, int]:
        """What the gateway itself says: captured, refunded."""
        answer = HttpSender()(Request("GET", f"{self.stack.sandbox_url}/ledger/{link.attempt_id}", {}))
        assert answer.status == 200, answer.body
        ledger = json.loads(answer.body)
        return ledger["captured"], ledger["refunded"]

    def _set_faults(self, path: str, fault_plan: Mapping[str, Any]) -> None:
        body = json.dumps(fault_plan).encode()
        answer = HttpSender()(Request("POST", self.stack.sandbox_url + path, JSON, body))
        assert answer.status == 200, answer.body

    def _call(
        self,
        who: str,
        method: str,
        path: str,
        body: Mapping[str, Any] | None = None,
        headers: Mapping[str, str] | None = None,
    ) -> Mapping[str, Any]:
        sent = {"authorization": f"Bearer {self.stack.tokens[who]}", **JSON, **(headers or {})}
        content = None if body is None else json.dumps(body).encode()
        answer = HttpSender(read=35)(Request(method, self.stack.api_url + path, sent, content))
        assert answer.status in (200, 201), (method, path, answer.status, answer.body)
        found: Mapping[str, Any] = json.loads(answer.body)
        return found
