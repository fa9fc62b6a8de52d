"""The smoke test over plain HTTP: lock during payment, unlock on cancellation, edit, pay again."""

import contextlib
import json
import time
import uuid
from collections.abc import Callable, Iterator, Mapping
from dataclasses import dataclass
from typing import Any

from local.api_client import ApiClient, ApiRequest, ApiResponse, HttpTransport, NoResponse, UnexpectedResponse
from local.example_orders import PAYMENT, tea, tea_order
from local.sandbox_client import pay_on_hosted_page
from local.stack import Stack

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


def run_smoke_test(stack: Stack) -> None:
    """Run the smoke test and print each response. Raises `SmokeTestFailed` at the first unexpected one."""
    test = SmokeTest(stack)
    order_id = test.create()
    first = test.request_payment(order_id)
    test.edit(order_id, revision=1, quantity=1, expected=409)
    test.cancel_payment(order_id, first["attempt_id"])
    test.edit(order_id, revision=1, quantity=1, expected=200)
    second = test.request_payment(order_id)
    test.pay_on_the_hosted_page(second["pay_url"])
    test.wait_until(order_id, "paid", _PAID_WITHIN)
    test.read_history(order_id)


@dataclass(frozen=True, slots=True)
class SmokeTest:
    """Sends the calls of shop and buyer, prints each, and checks its response."""

    stack: Stack

    def create(self) -> str:
        order = tea_order(f"demo-{uuid.uuid4().hex[:8]}", self.stack.buyer_id, self.stack.seller_id)
        created = self._call("The shop creates an order", "service", 201, lambda shop: shop.create_order(order))
        return str(created["order_id"])

    def request_payment(self, order_id: str, **more: int) -> Mapping[str, Any]:
        key, payment = uuid.uuid4().hex, {**PAYMENT, **more}
        what = "The buyer goes to pay: the order is locked"
        return self._call(what, "buyer", 201, lambda buyer: buyer.request_payment(order_id, payment, key))

    def edit(self, order_id: str, revision: int, quantity: int, expected: int) -> None:
        what = "An edit of the locked order is refused" if expected == 409 else "The same edit now succeeds"
        change = {"lines": tea(quantity)}
        self._call(what, "buyer", expected, lambda buyer: buyer.edit_order(order_id, change, revision))

    def cancel_payment(self, order_id: str, attempt_id: str) -> None:
        what = "The buyer cancels the payment: the order is unlocked"
        self._call(what, "buyer", 200, lambda buyer: buyer.cancel_payment(order_id, attempt_id))

    def pay_on_the_hosted_page(self, pay_url: str) -> None:
        with _failing_test():
            response = pay_on_hosted_page(pay_url)
            print(f"\nThe buyer pays on the hosted page\n  POST {pay_url} action=pay\n  {response.status}")
            response.expect(303)

    def wait_until(self, order_id: str, status: str, within: float) -> None:
        deadline = time.monotonic() + within
        while (found := self._status(order_id)) != status:
            if time.monotonic() > deadline:
                raise SmokeTestFailed(f"after {within:.0f} s the order is still {found}, not {status}")
            time.sleep(0.3)
        self._call(f"The order is now {status}", "buyer", 200, lambda buyer: buyer.read_order(order_id))

    def read_history(self, order_id: str) -> list[Mapping[str, Any]]:
        """Every event of a paid order; the history follows the order after a moment."""
        deadline = time.monotonic() + _PAID_WITHIN
        events = self._events(order_id)
        while not events or events[-1]["type"] != "OrderPaid":
            if time.monotonic() > deadline:
                raise SmokeTestFailed(f"the history is only {events}")
            time.sleep(0.3)
            events = self._events(order_id)
        print(f"\nThe history of the order\n  {' → '.join(event['type'] for event in events)}")
        return events

    def _status(self, order_id: str) -> str:
        with _failing_test():
            return str(self.stack.client("buyer").read_order(order_id).document.get("payment_status"))

    def _events(self, order_id: str) -> list[Mapping[str, Any]]:
        events: list[Mapping[str, Any]] = []
        after: int | None = 0
        while after is not None:
            with _failing_test():
                page = self.stack.client("buyer").read_history(order_id, after).document
            events += page.get("events", [])
            after = page.get("next_after")
        return events

    def _call(self, what: str, who: str, expected: int, call: Callable[[ApiClient], ApiResponse]) -> Mapping[str, Any]:
        def send(request: ApiRequest) -> ApiResponse:
            response = HttpTransport(self.stack.api_url)(request)
            shown = {name: response.document[name] for name in _SHOWN if name in response.document}
            print(f"\n{what}\n  {request.method} {request.path}\n  {response.status} {json.dumps(shown)}")
            return response

        with _failing_test():
            return call(ApiClient(send, self.stack.tokens[who])).expect(expected)


@contextlib.contextmanager
def _failing_test() -> Iterator[None]:
    """The smoke test has failed where a response is missing or unexpected."""
    try:
        yield
    except (NoResponse, UnexpectedResponse) as error:
        raise SmokeTestFailed(str(error)) from error
