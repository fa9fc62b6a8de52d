"""A shop that uses the deployed stack over plain HTTP, its payer, and the sandbox's ledger."""

import time
import uuid
from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any

from local.example_orders import PAYMENT, UNIT_PRICE, tea_order
from local.sandbox_client import SandboxClient, pay_on_hosted_page
from local.stack import Stack

STAYS_LIVE: Mapping[str, Any] = {"void": {"fault": "not_voidable"}}
TOO_LITTLE: Mapping[str, Any] = {"payment": {"amount": 1}}
TOTAL = 2 * UNIT_PRICE


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
        order = tea_order(f"late-{uuid.uuid4().hex[:8]}", self.stack.buyer_id, self.stack.seller_id)
        return str(self.stack.client("service").create_order(order).expect(201)["order_id"])

    def request_payment(self, order_id: str, fault_plan: Mapping[str, Any] | None = None) -> Link:
        """Lock the order; its session has the given faults."""
        body = self.stack.client("buyer").request_payment(order_id, PAYMENT, uuid.uuid4().hex).expect(200, 201)
        self._sandbox.set_faults(body["attempt_id"], fault_plan or {}).expect(200)
        return Link(str(body["attempt_id"]), str(body["pay_url"]))

    def live_link(self, order_id: str, fault_plan: Mapping[str, Any] | None = None) -> Link:
        """Cancel the payment: the order is unlocked, but the link can still be paid."""
        link = self.request_payment(order_id, {**STAYS_LIVE, **(fault_plan or {})})
        order = self.stack.client("buyer").cancel_payment(order_id, link.attempt_id).expect(200)
        assert order["payment_status"] == "pending_payment"
        return link

    def edit(self, order_id: str) -> None:
        self.stack.client("buyer").edit_order(order_id, {"note": "Ring twice"}, 1).expect(200)

    def cancel(self, order_id: str) -> None:
        self.stack.client("buyer").cancel_order(order_id).expect(200)

    def pay(self, link: Link) -> None:
        """Pay on the gateway's page; the gateway calls the shop back before the page answers."""
        pay_on_hosted_page(link.pay_url).expect(303)

    def resolve(self, order_id: str, link: Link, action: str) -> None:
        """An operator decides about money that does not match."""
        operator = self.stack.client("operator")
        operator.resolve(order_id, link.attempt_id, action, "The buyer agrees by phone.").expect(200)

    def order(self, order_id: str) -> Mapping[str, Any]:
        return self.stack.client("buyer").read_order(order_id).expect(200)

    def history(self, order_id: str) -> list[Mapping[str, Any]]:
        page = self.stack.client("buyer").read_history(order_id).expect(200)
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
        ledger = self._sandbox.read_ledger(link.attempt_id).expect(200)
        return ledger["captured"], ledger["refunded"]

    @property
    def _sandbox(self) -> SandboxClient:
        return SandboxClient(self.stack.sandbox_url)
