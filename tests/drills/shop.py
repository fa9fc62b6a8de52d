"""What a shop, its buyers and their payers do in a drill. Every response is checked."""

import time
import uuid
from collections.abc import Callable, Mapping
from dataclasses import dataclass
from typing import Any

from local.api_client import ApiRequest, ApiResponse, HttpTransport, NoResponse
from local.example_orders import PAYMENT, tea_order
from local.sandbox_client import SandboxClient, pay_on_hosted_page
from local.stack import Stack

ANSWERED_WITHIN = 30.0


@dataclass(frozen=True, slots=True)
class Attempt:
    """A payment attempt, and the page where it can be paid."""

    order_id: str
    attempt_id: str
    pay_url: str


@dataclass(frozen=True, slots=True)
class Shop:
    """Uses one stack over HTTP. Each call raises `UnexpectedResponse` or `NoResponse`."""

    stack: Stack

    def place(self, key: str = "", fields: Mapping[str, Any] | None = None) -> str:
        """Place an order with these fields besides; the same key again gives the same order."""
        named = key or uuid.uuid4().hex
        order = tea_order(f"drill-{named[:12]}", self.stack.buyer_id, self.stack.seller_id) | dict(fields or {})
        return str(self.stack.client("service").create_order(order, named).expect(201)["order_id"])

    def lock(self, order_id: str, expires_in: int = 900, key: str = "") -> Attempt:
        """Lock the order for a payment of that many seconds; the same key again gives the same attempt."""
        payment = {**PAYMENT, "expires_in": expires_in}
        opened = self.stack.client("buyer").request_payment(order_id, payment, key or uuid.uuid4().hex).expect(201)
        return Attempt(order_id, str(opened["attempt_id"]), str(opened["pay_url"]))

    def pay(self, attempt: Attempt) -> None:
        """Pay at the gateway, which calls the stack back before its page answers."""
        pay_on_hosted_page(attempt.pay_url).expect(303)

    def stop_and_edit(self, attempt: Attempt, note: str) -> None:
        """Cancel the payment, and edit the order that is unlocked by it."""
        buyer = self.stack.client("buyer")
        buyer.cancel_payment(attempt.order_id, attempt.attempt_id).expect(200)
        buyer.edit_order(attempt.order_id, {"note": note}, revision=1).expect(200)

    def repeat_callbacks(self, attempt: Attempt) -> None:
        """Have the gateway send all callbacks of the attempt once more."""
        path = f"/sessions/{attempt.attempt_id}/callbacks"
        HttpTransport(self.stack.sandbox_url)(ApiRequest("POST", path, {}, b'{"again": true}')).expect(200)

    def order(self, order_id: str) -> Mapping[str, Any]:
        """The order as an operator sees it."""
        return answered(lambda: self.stack.client("operator").read_order(order_id)).expect(200)

    def status(self, order_id: str) -> str:
        """The order's payment status, or the code of the problem."""
        response = self.stack.client("operator").read_order(order_id)
        return str(response.document["payment_status"] if response.status == 200 else response.code)

    def has_status(self, order_id: str, status: str, within: float) -> bool:
        """Whether the order has that status within so many seconds."""
        return until(lambda: self.status(order_id) == status, within)

    def ledger(self, attempt: Attempt) -> tuple[int, int]:
        """What the gateway captured and refunded, in minor units."""
        ledger = answered(lambda: SandboxClient(self.stack.sandbox_url).read_ledger(attempt.attempt_id)).expect(200)
        return ledger["captured"], ledger["refunded"]


def answered(call: Callable[[], ApiResponse]) -> ApiResponse:
    """The response to a call that may be repeated, as it is for a while after a 503 or none on a slow machine."""
    deadline = time.monotonic() + ANSWERED_WITHIN
    while True:
        try:
            response = call()
        except NoResponse:
            if time.monotonic() > deadline:
                raise
        else:
            if response.status != 503 or time.monotonic() > deadline:
                return response
        time.sleep(0.5)


def until(holds: Callable[[], bool], within: float) -> bool:
    """Whether it holds within so many seconds; asked four times a second."""
    deadline = time.monotonic() + within
    while not holds():
        if time.monotonic() > deadline:
            return False
        time.sleep(0.25)
    return True
