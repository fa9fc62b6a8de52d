"""The calls of people, gateways and schedules to the handlers, and the state in the table to compare with."""

import json
from collections.abc import Callable
from dataclasses import dataclass, field
from datetime import timedelta
from typing import Any

from paylatch.domain.order import Order, PaymentStatus
from paylatch.domain.payment import AttemptStatus
from paylatch.store.items import item_of
from paylatch.use_cases.sweep_timeouts import sweep_timeouts
from tests.faults.gateway_actions import GatewayActions
from tests.faults.proxied_connections import ProxiedConnections
from tests.integration.shop import Context, handler_of
from tests.lambda_events import FUNCTIONS, event, http_event, sample_body

KEY = "checkout-1"
MOST_SWEEPS = 12


@dataclass(frozen=True, slots=True)
class ApiResponse:
    """A caller's answer: an HTTP status, or 503 where a function asks to be called again."""

    status: int
    document: Any = None

    @property
    def unknown(self) -> bool:
        """Whether the answer says that the outcome is unknown and the call is to be repeated."""
        return self.status == 503


@dataclass
class ProxiedShop:
    """One order of a shop whose handlers use real connections."""

    connections: ProxiedConnections
    order_id: str = ""
    attempt_id: str = ""
    revision: int = 1
    order_key: str = "order-1"
    record: dict[str, Any] = field(default_factory=dict)

    def create(self) -> ApiResponse:
        response = self._send("order_create", http_event("order_create", headers={"idempotency-key": self.order_key}))
        if response.status == 201:
            self.order_id = response.document["order_id"]
        return response

    def pay(self, key: str = KEY) -> ApiResponse:
        response = self._call("payment_request", headers={"idempotency-key": key})
        if response.status == 201:
            self.attempt_id = response.document["attempt_id"]
        return response

    def cancel_payment(self) -> ApiResponse:
        return self._call("payment_cancellation")

    def edit(self, quantity: int = 7) -> ApiResponse:
        line = sample_body("order_create")["lines"][0]
        body = {"lines": [{**line, "quantity": quantity}]}
        return self._call("order_edit", body=body, headers={"if-match": f'"{self.revision}"'})

    def cancel_order(self) -> ApiResponse:
        return self._call("order_cancel")

    def read(self) -> ApiResponse:
        return self._call("order_read")

    def read_payment(self) -> ApiResponse:
        return self._call("payment_read")

    def history(self) -> ApiResponse:
        return self._call("order_history")

    def attention(self) -> ApiResponse:
        return self._call("attention")

    def recheck(self) -> ApiResponse:
        return self._call("recheck")

    def settle_review(self) -> ApiResponse:
        return self._call("resolution", body={"action": "settle", "reason": "as agreed"})

    def refund_review(self) -> ApiResponse:
        return self._call("resolution", body={"action": "refund", "reason": "as agreed"})

    def release(self) -> ApiResponse:
        return self._call("release", body={"reason": "the gateway is gone"})

    def write_off(self) -> ApiResponse:
        """An operator writes off the order's only refund."""
        (refund_id,) = self.stored().refunds
        filled = http_event("write_off", order_id=self.order_id, refund_id=refund_id, body={"reason": "disputed"})
        return self._send("write_off", filled)

    def callback(self) -> ApiResponse:
        """The last callback that the gateway sent."""
        return self._called_back(-1)

    def callback_before(self) -> ApiResponse:
        """The last callback but one that the gateway sent."""
        return self._called_back(-2)

    def _called_back(self, place: int) -> ApiResponse:
        sent = self.connections.callbacks[place]
        filled = http_event("gateway_callback", body=sent.body, headers=dict(sent.headers))
        filled["pathParameters"]["gateway"] = "sandbox"
        return self._send("gateway_callback", filled)

    def sweep(self) -> ApiResponse:
        """Run the minute's schedule. A report of failures is a true answer: the next minute's run goes on."""
        self.connections.metrics.counted.clear()
        report = handler_of("timeout_sweeps")(event("timeout_sweep"), Context())
        failed = report["failed"] or report["failed_sources"] or report["unread_orders"]
        return ApiResponse(503 if failed else 200, report)

    def record_events(self) -> ApiResponse:
        """Publish the order's stream record as it is now."""
        answer = handler_of("order_events")({"Records": [self.record]}, Context())
        return ApiResponse(503 if answer["batchItemFailures"] else 200, answer)

    def take_record(self) -> None:
        key = item_of({"pk": f"ORDER#{self.order_id}", "sk": "HEAD"})
        client: Any = self.connections.direct.connection.client
        item = client.get_item(TableName=self.connections.direct.table, Key=key)["Item"]
        self.record = {"eventID": "1", "dynamodb": {"Keys": key, "NewImage": item, "SequenceNumber": "1"}}

    def stored(self) -> Order:
        """The order as stored in the table."""
        order = self.connections.stored.read_head(self.order_id)
        if order is None:
            raise LookupError(f"there is no order {self.order_id}")
        return order

    def pay_url(self) -> str:
        """Where the payer pays, while the attempt holds the order."""
        order = self.stored()
        if order.attempt is None or order.attempt.pay_url is None:
            raise LookupError(f"order {order.order_id} has no link to pay by")
        return order.attempt.pay_url

    def settle(self) -> None:
        """After the faults, run other processes' sweeps until nothing is owed any more."""
        for _ in range(MOST_SWEEPS):
            if not self._owes():
                return
            self.connections.clock.advance(timedelta(minutes=16))
            sweep_timeouts(lambda: True, self.connections.others)

    @property
    def gateway(self) -> GatewayActions:
        """The gateway's actions and its ledger."""
        return GatewayActions(self.connections)

    def ledger(self) -> int:
        """The gateway's ledger of this order."""
        order = self.stored()
        holder = [order.attempt.attempt_id] if order.attempt else []
        return sum(map(self.gateway.held_for, [*holder, *order.past_attempts]))

    def _owes(self) -> bool:
        order = self.stored()
        overdue = order.due_at is not None and order.due_at <= self.connections.clock.now()
        unopened = order.attempt is not None and order.attempt.status is AttemptStatus.OPENING
        return order.status is PaymentStatus.RELEASING or order.follow_up_at is not None or overdue or unopened

    def _call(self, name: str, **changes: Any) -> ApiResponse:
        attempt_id = self.attempt_id or f"{self.order_id}_00000000"
        return self._send(name, http_event(name, order_id=self.order_id, attempt_id=attempt_id, **changes))

    def _send(self, name: str, filled: dict[str, Any]) -> ApiResponse:
        handler: Callable[[dict[str, Any], Any], Any] = handler_of(FUNCTIONS[name])
        answer = handler(filled, Context())
        return ApiResponse(answer["statusCode"], json.loads(answer["body"]) if answer.get("body") else None)
