"""A shop in front of the real handlers: one method for each action of the tests."""

import json
from collections.abc import Callable, Mapping
from dataclasses import dataclass
from datetime import timedelta
from functools import cache
from importlib.util import module_from_spec, spec_from_file_location
from typing import Any

from paylatch.domain.order import Order
from paylatch.domain.payment import Capture
from paylatch.ports import Callback, Ports
from tests.fakes.fixed_gateways import FixedGateways
from tests.fakes.recorded_metrics import RecordedMetrics
from tests.fakes.scripted_gateway import ScriptedGateway
from tests.fakes.settable_clock import SettableClock
from tests.lambda_events import BUYER, FUNCTIONS, OPERATOR, SAMPLE_ATTEMPT, Person, event, http_event, sample_body
from tests.orders_table import ROOT

Handler = Callable[[dict[str, Any], Any], Any]
KEY = "checkout-7f3a"
TTL = timedelta(minutes=15)


@dataclass(frozen=True)
class ApiResponse:
    """An HTTP answer."""

    status: int
    headers: Mapping[str, str]
    body: Any

    @property
    def code(self) -> str:
        """The problem's code."""
        code: str = self.body["code"]
        return code


class Context:
    """Lambda's context of a call."""

    function_name = "paylatch"
    memory_limit_in_mb = 1024
    invoked_function_arn = "arn:aws:lambda:eu-west-1:123456789012:function:paylatch"
    aws_request_id = "8476a536-e9f4-11e8-9739-2dfe598c3fcd"

    def __init__(self, milliseconds: Callable[[], int] = lambda: 60_000) -> None:
        self.get_remaining_time_in_millis = milliseconds


def swept(handled: int, failed: int = 0, *, stopped_early: bool = False) -> dict[str, Any]:
    """What a sweep reports that could read every index."""
    return {
        "handled": handled,
        "failed": failed,
        "stopped_early": stopped_early,
        "failed_sources": [],
        "unread_orders": [],
    }


@cache
def handler_of(function: str) -> Handler:
    """The handler of a function, loaded once."""
    spec = spec_from_file_location(f"{function}_app", ROOT / "functions" / function / "app.py")
    if spec is None or spec.loader is None:
        raise LookupError(function)
    module = module_from_spec(spec)
    spec.loader.exec_module(module)
    handler: Handler = module.handler
    return handler


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
        answer = handler_of(FUNCTIONS[name])(filled, context or Context())
        text = answer.get("body") or ""
        text.encode()
        headers = {name.lower(): value for name, value in (answer.get("headers") or {}).items()}
        for name, values in (answer.get("multiValueHeaders") or {}).items():
            headers[name.lower()] = values[0]
        is_json = "json" in headers.get("content-type", "")
        return ApiResponse(answer["statusCode"], headers, json.loads(text) if is_json else text)

    def call(self, name: str, order_id: str, **changes: Any) -> ApiResponse:
        return self.send(name, http_event(name, order_id=order_id, **changes))

    def create(self, **fields: Any) -> str:
        """A new order's id; every one has an Idempotency-Key of its own."""
        body = sample_body("order_create") | fields
        answer = self.send("order_create", http_event("order_create", body=body, headers={"idempotency-key": None}))
        order_id: str = answer.body["order_id"]
        return order_id

    def pay(self, order_id: str, key: str = KEY, person: Person = BUYER, **fields: Any) -> ApiResponse:
        body = sample_body("payment_request") | fields
        return self.call("payment_request", order_id, body=body, headers={"idempotency-key": key}, person=person)

    def edit(self, order_id: str, revision: int, person: Person = BUYER, **fields: Any) -> ApiResponse:
        headers = {"if-match": f'"{revision}"'}
        return self.call("order_edit", order_id, body=fields, headers=headers, person=person)

    def edit_to_three_packets(self, order_id: str, revision: int) -> ApiResponse:
        """The buyer wants three packets of tea instead."""
        lines = sample_body("order_create")["lines"]
        return self.edit(order_id, revision, lines=[{**lines[0], "quantity": 3}])

    def cancel_payment(self, order_id: str, attempt_id: str, person: Person = BUYER) -> ApiResponse:
        return self.call("payment_cancellation", order_id, attempt_id=attempt_id, person=person)

    def stop_and_change(
        self, order_id: str, attempt_id: str, revision: int = 1, person: Person = BUYER, **edit: Any
    ) -> ApiResponse:
        """The user stops the payment to edit the order; without fields the edit is three packets of tea."""
        fields = edit or {"lines": [{**sample_body("order_create")["lines"][0], "quantity": 3}]}
        headers = {"if-match": f'"{revision}"'}
        filled = {"attempt_id": attempt_id, "body": {"edit": fields}, "headers": headers, "person": person}
        return self.call("stop_and_change", order_id, **filled)

    def read(self, order_id: str, person: Person = BUYER) -> ApiResponse:
        return self.call("order_read", order_id, person=person)

    def operator(self, name: str, order_id: str, attempt_id: str = SAMPLE_ATTEMPT, **changes: Any) -> ApiResponse:
        return self.call(name, order_id, attempt_id=attempt_id, person=OPERATOR, **changes)

    def callback(self, callback: Callback, gateway: str = "sandbox") -> ApiResponse:
        """A gateway's callback comes in."""
        filled = http_event("gateway_callback", body=callback.body, headers=callback.headers)
        filled["pathParameters"]["gateway"] = gateway
        return self.send("gateway_callback", filled)

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
