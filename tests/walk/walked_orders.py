"""The orders of a walk, as the API shows them, and what is known about them besides."""

import time
import uuid
from dataclasses import dataclass, field
from typing import Any

from local.api_client import ApiClient
from local.example_orders import tea_order
from local.sandbox_client import SandboxClient
from local.stack import Stack
from tests.walk.devices import SHOP
from tests.walk.oracle import OrderReading

# A busy machine's function may take so long; none of these answers says that something was done.
_AGAIN = (429, 500, 503, 504)
TRIES = 6


@dataclass(slots=True)
class WalkedOrder:
    """One order. `attempts` are the payments seen so far, by id, with the gateway's page of each.

    `renewed`: an earlier link of the order is no longer valid. `faults` names the plan of its next payments.
    `out_of_attempts`: it has had as many payments as an order may have, which the API does not show.
    """

    order_id: str
    link: str
    faults: str = "none"
    steps: int = 0
    renewed: bool = False
    out_of_attempts: bool = False
    attempts: dict[str, str] = field(default_factory=dict)


@dataclass(frozen=True, slots=True)
class Shop:
    """The seller's side of the stack, and the gateway's testers'."""

    stack: Stack

    @property
    def sandbox(self) -> SandboxClient:
        """The gateway's controls."""
        return SandboxClient(self.stack.sandbox_url)

    def client(self, who: str) -> ApiClient:
        """A client of the API: buyer, seller, service or operator."""
        return self.stack.client(who)

    def new_order(self) -> WalkedOrder:
        """An order with a payment link. Raises `UnexpectedResponse`."""
        order = tea_order(f"walk-{uuid.uuid4().hex[:8]}", self.stack.buyer_id, self.stack.seller_id)
        order_id = str(self.client("service").create_order(order).expect(201)["order_id"])
        return WalkedOrder(order_id, self.link_of(order_id))

    def link_of(self, order_id: str, **options: Any) -> str:
        """The order's payment link. Raises `UnexpectedResponse`."""
        return str(self.client("seller").pay_link(order_id, return_url=SHOP, **options).expect(200)["url"])

    def read(self, walked: WalkedOrder) -> OrderReading:
        """The order now. Raises `UnexpectedResponse`."""
        response = self.client("operator").read_order(walked.order_id)
        for tries in range(1, TRIES):
            if response.status not in _AGAIN:
                break
            time.sleep(0.5 * tries)
            response = self.client("operator").read_order(walked.order_id)
        order = response.expect(200)
        _, _, version = response.headers["etag"].strip('"').partition(".")
        reading = OrderReading(order, int(version), time.time(), walked.out_of_attempts)
        _note_attempt(walked, reading)
        return reading


def _note_attempt(walked: WalkedOrder, reading: OrderReading) -> None:
    attempt = reading.attempt
    if attempt.get("gateway") == "sandbox":
        walked.attempts[attempt["attempt_id"]] = attempt["pay_url"] or walked.attempts.get(attempt["attempt_id"], "")
