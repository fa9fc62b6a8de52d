"""A deployed local stack whose gateways are peers, and a shop that uses it over HTTP."""

import time
import uuid
from collections.abc import Iterator, Mapping
from contextlib import ExitStack, contextmanager
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from local import ports
from local.api_client import ApiResponse, HttpTransport, deliver_callback
from local.example_orders import PAYMENT
from local.stack import Stack, StackPlan, running
from paylatch.ports import Callback
from tests.fakes.fake_alipay import APP_ID, SELLER_ID, FakeAlipay, key_pair
from tests.fakes.loopback_server import LoopbackServer
from tests.peers import emulated_stripe, simulated_payu
from tests.peers.forwarding_server import forwarding_server
from tests.peers.payu_lookup_sender import PayuLookupSender
from tests.peers.price_creating_sender import PriceCreatingSender
from tests.peers.real_clock import RealClock

TIMEOUT_SECONDS = 30.0


@dataclass(frozen=True)
class DeployedShop:
    """The stack, and the peers behind it."""

    stack: Stack
    payu: PayuLookupSender
    alipay: FakeAlipay

    def create_order(self, currency: str) -> str:
        order = {
            "reference": f"R-{uuid.uuid4().hex[:8]}",
            "buyer_id": self.stack.buyer_id,
            "seller_id": self.stack.seller_id,
            "currency": currency,
            "lines": [{"sku": "TEA", "name": "Tea", "quantity": 2, "unit_price": 617}],
        }
        return str(self.stack.client("service").create_order(order).expect(201)["order_id"])

    def request_payment(self, order_id: str, gateway: str, **more: Any) -> Mapping[str, Any]:
        payment = {**PAYMENT, "gateway": gateway, **more}
        return self.stack.client("buyer").request_payment(order_id, payment, uuid.uuid4().hex).expect(201)

    def cancel_payment(self, order_id: str, attempt_id: str, *expected: int) -> None:
        """Accepts that the release is still pending: some peers wait for our callback function before they answer."""
        self.stack.client("buyer").cancel_payment(order_id, attempt_id).expect(*(expected or (200, 202)))

    def release(self, order_id: str, attempt_id: str) -> None:
        """Cancel the payment, and wait until the order is unlocked."""
        self.cancel_payment(order_id, attempt_id)
        self.until_status(order_id, "pending_payment", seconds=240)

    def edit(self, order_id: str, revision: int, expected: int = 200) -> None:
        self.stack.client("buyer").edit_order(order_id, {"note": "Ring twice"}, revision).expect(expected)

    def order(self, order_id: str) -> Mapping[str, Any]:
        return self.stack.client("buyer").read_order(order_id).expect(200)

    def until_status(self, order_id: str, status: str, seconds: float = TIMEOUT_SECONDS) -> Mapping[str, Any]:
        deadline = time.monotonic() + seconds
        while (order := self.order(order_id))["payment_status"] != status:
            assert time.monotonic() < deadline, order
            time.sleep(0.25)
        return order

    def refund(self, order_id: str, key: str, amount: int | None, expected: int = 201) -> str:
        """The id of the refund that the seller requests, of so much or of all that is left."""
        answer = self.stack.client("seller").refund(order_id, key, amount).expect(expected)
        return str(answer.get("refund_id", ""))

    def until_refunded(self, order_id: str, amount: int, seconds: float = 150) -> None:
        """Wait until gateways have made refunds of that much."""
        deadline = time.monotonic() + seconds
        while (order := self.order(order_id))["refunded"] != amount or any(
            refund["status"] != "refunded" for refund in order["refunds"]
        ):
            assert time.monotonic() < deadline, order
            time.sleep(0.25)

    def deliver(self, gateway: str, callback: Callback) -> ApiResponse:
        return deliver_callback(HttpTransport(self.stack.api_url), gateway, callback.headers, callback.body)


@contextmanager
def deployed(folder: Path) -> Iterator[DeployedShop]:
    """A shop with three gateways, each a peer behind its forwarding server."""
    claimed = ports.claim(0, 0, 0)
    payu, alipay = PayuLookupSender(), FakeAlipay(RealClock())
    callbacks = f"http://127.0.0.1:{claimed.api}/gateways/stripe/callbacks"
    with ExitStack() as started:
        stripe_peer = started.enter_context(emulated_stripe.running_peer(folder, callbacks))
        payu_peer = started.enter_context(simulated_payu.running_peer(folder))
        stripe_forwarder = started.enter_context(forwarding_server(PriceCreatingSender(), stripe_peer))
        payu_forwarder = started.enter_context(forwarding_server(payu, payu_peer))
        alipay_forwarder = started.enter_context(LoopbackServer(alipay.answer))
        secrets: dict[str, Mapping[str, object]] = {
            "stripe": {**emulated_stripe.SECRET, "api_base": stripe_forwarder.url},
            "payu": {**simulated_payu.SECRET, "api_base": f"{payu_forwarder.url}/payu"},
            "alipay": {
                "app_id": APP_ID,
                "private_key": key_pair("shop")[0],
                "alipay_public_keys": [key_pair("alipay")[1]],
                "seller_id": SELLER_ID,
                "gateway_url": f"{alipay_forwarder.url}/gateway.do",
            },
        }
        plan = StackPlan(claimed, folder / "stack", gateways="sandbox,stripe,payu,alipay", secrets=secrets)
        stack, _ = started.enter_context(running(plan))
        yield DeployedShop(stack, payu, alipay)
