"""A shop in front of the real handlers: one method for each action of the tests."""

from collections.abc import Callable
from dataclasses import dataclass
from datetime import timedelta
from typing import Any

from local.api_client import ApiResponse, deliver_callback
from paylatch.domain.order import Order
from paylatch.domain.payment import Capture
from paylatch.ports import Callback, Ports, VoidAnswer, VoidKind
from tests.api.handler_transport import HandlerTransport, client_of
from tests.api.handlers import Context, handler_of, invoke
from tests.fakes.fixed_gateways import FixedGateways
from tests.fakes.recorded_metrics import RecordedMetrics
from tests.fakes.scripted_gateway import ScriptedGateway
from tests.fakes.settable_clock import SettableClock
from tests.lambda_events import (
    BUYER,
    FUNCTIONS,
    OPERATOR,
    SAMPLE_ATTEMPT,
    SERVICE,
    Person,
    event,
    http_event,
    sample_body,
)

KEY = "checkout-7f3a"
PAGES_URL = "https://pages.test"
TTL = timedelta(minutes=15)


def swept(handled: int, failed: int = 0, postponed: int = 0, *, stopped_early: bool = False) -> dict[str, Any]:
    """What a sweep reports that could read every index."""
    return {
        "handled": handled,
        "failed": failed,
        "postponed": postponed,
        "stopped_early": stopped_early,
        "failed_sources": [],
        "unread_orders": [],
    }


@dataclass
class Shop:
    """One shop, its gateway and its environment."""

    ports: Ports
    gateway: ScriptedGateway
    gateways: FixedGateways
    clock: SettableClock
    metrics: RecordedMetrics

    def send(self, name: str, filled: dict[str, Any], context: Context | None = None) -> ApiResponse:
        """Give this event to the function that takes it. Every answer can be sent as UTF-8."""
        return invoke(FUNCTIONS[name], filled, context)

    def call(self, name: str, order_id: str, **changes: Any) -> ApiResponse:
        """Send the example event of that name with changes, as `http_event` takes them."""
        return self.send(name, http_event(name, order_id=order_id, **changes))

    def create(self, **fields: Any) -> str:
        """A new order's id; it has no Idempotency-Key."""
        answer = client_of(SERVICE).create_order(sample_body("order_create") | fields)
        order_id: str = answer.body["order_id"]
        return order_id

    def pay(self, order_id: str, key: str = KEY, person: Person = BUYER, **fields: Any) -> ApiResponse:
        return client_of(person).request_payment(order_id, sample_body("payment_request") | fields, key)

    def with_live_links(self, number: int) -> tuple[str, list[str]]:
        """An order that so many cancelled attempts have left with links that stay live for an hour."""
        order_id, attempt_ids = self.create(), []
        until = self.clock.now() + timedelta(hours=1)
        for key in range(number):
            self.gateway.answer_with("void", VoidAnswer(VoidKind.NOT_VOIDABLE, until=until))
            attempt_ids.append(self.pay(order_id, f"link-{key}").body["attempt_id"])
            self.cancel_payment(order_id, attempt_ids[-1])
        return order_id, sorted(attempt_ids)

    def edit(self, order_id: str, revision: int, person: Person = BUYER, **fields: Any) -> ApiResponse:
        return client_of(person).edit_order(order_id, fields, revision)

    def edit_to_three_packets(self, order_id: str, revision: int) -> ApiResponse:
        """The buyer wants three packets of tea instead."""
        lines = sample_body("order_create")["lines"]
        return self.edit(order_id, revision, lines=[{**lines[0], "quantity": 3}])

    def cancel_payment(self, order_id: str, attempt_id: str, person: Person = BUYER) -> ApiResponse:
        return client_of(person).cancel_payment(order_id, attempt_id)

    def stop_and_change(
        self, order_id: str, attempt_id: str, revision: int = 1, person: Person = BUYER, **edit: Any
    ) -> ApiResponse:
        """The user stops the payment to edit the order; without fields the edit is three packets of tea."""
        fields = edit or {"lines": [{**sample_body("order_create")["lines"][0], "quantity": 3}]}
        headers = {"if-match": f'"{revision}"'}
        filled = {"attempt_id": attempt_id, "body": {"edit": fields}, "headers": headers, "person": person}
        return self.call("stop_and_change", order_id, **filled)

    def read(self, order_id: str, person: Person = BUYER) -> ApiResponse:
        return client_of(person).read_order(order_id)

    def operator(self, name: str, order_id: str, attempt_id: str = SAMPLE_ATTEMPT, **changes: Any) -> ApiResponse:
        return self.call(name, order_id, attempt_id=attempt_id, person=OPERATOR, **changes)

    def callback(self, callback: Callback, gateway: str = "sandbox") -> ApiResponse:
        """A gateway's callback comes in."""
        return deliver_callback(HandlerTransport(Person.of_token), gateway, callback.headers, callback.body)

    def money(self, attempt_id: str, capture: Capture | None = None, **other: Any) -> ApiResponse:
        """The payer pays, and the gateway reports it."""
        capture = capture or self.gateway.capture_payment(attempt_id, **other)
        return self.callback(self.gateway.signed("payment.succeeded", attempt_id, capture))

    def sweep(self, milliseconds: Callable[[], int] = lambda: 60_000) -> dict[str, Any]:
        """The minute's schedule fires."""
        report: dict[str, Any] = handler_of("timeout_sweeps")(event("timeout_sweep"), Context(milliseconds))
        return report

    def locked(self, key: str = KEY, **fields: Any) -> tuple[str, str]:
        """A new order that its buyer is paying, and the attempt."""
        order_id = self.create()
        return order_id, self.pay(order_id, key, **fields).body["attempt_id"]

    def paid_twice_after_an_edit(self) -> tuple[str, str, str]:
        """An order that owes the refunds of two cancelled attempts, and these attempts."""
        order_id, first = self.locked("first")
        self.cancel_payment(order_id, first)
        second: str = self.pay(order_id, "second").body["attempt_id"]
        self.cancel_payment(order_id, second)
        self.edit_to_three_packets(order_id, 1)
        self.money(first)
        self.money(second)
        return order_id, first, second

    def head(self, order_id: str) -> Order:
        order = self.ports.store.read_head(order_id)
        if order is None:
            raise LookupError(order_id)
        return order

    def holder(self, order_id: str) -> str:
        """The attempt that holds the order, or settled it."""
        attempt = self.head(order_id).attempt
        if attempt is None:
            raise LookupError(order_id)
        return attempt.attempt_id

    def status(self, order_id: str) -> str:
        return self.head(order_id).status.value
