"""A deployed local stack whose gateways are peers, and a shop that uses it over HTTP."""

import json
import time
import uuid
from collections.abc import Iterator, Mapping
from contextlib import ExitStack, contextmanager
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from local import ports
from local.stack import Stack, StackPlan, running
from paylatch.gateways.gateway_http import HttpSender, Request
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
        return str(self.call("service", "POST", "/orders", 201, body=order)["order_id"])

    def request_payment(self, order_id: str, gateway: str, **more: Any) -> Mapping[str, Any]:
        wanted = {"return_url": "https://shop.example/thanks", "gateway": gateway, **more}
        headers = {"Idempotency-Key": uuid.uuid4().hex}
        return self.call("buyer", "POST", f"/orders/{order_id}/payments", 201, body=wanted, headers=headers)

    def cancel_payment(self, order_id: str, attempt_id: str, *expected: int) -> None:
        """Accepts that the release is still pending: some peers wait for our callback function before they answer."""
        path = f"/orders/{order_id}/payments/{attempt_id}/cancellation"
        self.call("buyer", "POST", path, *(expected or (200, 202)))

    def release(self, order_id: str, attempt_id: str) -> None:
        """Cancel the payment, and wait until the order is unlocked."""
        self.cancel_payment(order_id, attempt_id)
        self.until_status(order_id, "pending_payment", seconds=240)

    def edit(self, order_id: str, revision: int, expected: int = 200) -> None:
        change, headers = {"note": "Ring twice"}, {"If-Match": f'"{revision}"'}
        self.call("buyer", "PATCH", f"/orders/{order_id}", expected, body=change, headers=headers)

    def order(self, order_id: str) -> Mapping[str, Any]:
        return self.call("buyer", "GET", f"/orders/{order_id}", 200)

    def until_status(self, order_id: str, status: str, seconds: float = TIMEOUT_SECONDS) -> Mapping[str, Any]:
        deadline = time.monotonic() + seconds
        while (order := self.order(order_id))["payment_status"] != status:
            assert time.monotonic() < deadline, order
            time.sleep(0.25)
        return order

    def deliver(self, gateway: str, callback: Callback) -> tuple[int, bytes]:
        url = f"{self.stack.api_url}/gateways/{gateway}/callbacks"
        answer = HttpSender(read=30)(Request("POST", url, callback.headers, callback.body))
        return answer.status, answer.body

    def call(
        self,
        who: str,
        method: str,
        path: str,
        *expected: int,
        body: Mapping[str, Any] | None = None,
        headers: Mapping[str, str] | None = None,
    ) -> Mapping[str, Any]:
        sent = {
            "authorization": f"Bearer {self.stack.tokens[who]}",
            "content-type": "application/json",
            **(headers or {}),
        }
        content = None if body is None else json.dumps(body).encode()
        answer = HttpSender(read=35)(Request(method, self.stack.api_url + path, sent, content))
        assert answer.status in expected, (method, path, answer.status, answer.body)
        found: Mapping[str, Any] = json.loads(answer.body)
        return found


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
