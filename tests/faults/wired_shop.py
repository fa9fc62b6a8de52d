"""What people, gateways and schedules ask of the handlers, and what is true about it in the table."""

import json
from collections.abc import Callable
from dataclasses import dataclass, field
from datetime import timedelta
from typing import Any
from urllib.parse import urlencode

import urllib3

from paylatch.domain.errors import StoreUnavailable
from paylatch.domain.order import Order, PaymentStatus
from paylatch.store.items import item_of
from tests.faults.wires import API_KEY, Wires
from tests.integration.shop import Context, handler_of
from tests.lambda_events import FUNCTIONS, event, http_event, sample_body

KEY = "checkout-1"
MOST_SWEEPS = 12


@dataclass(frozen=True, slots=True)
class Told:
    """What a caller was told: an HTTP status, or 503 where a function says that it has to be called again."""

    status: int
    document: Any = None

    @property
    def unknown(self) -> bool:
        """Whether the answer is an honest: I do not know, ask again."""
        return self.status == 503


@dataclass
class WiredShop:
    """One order of a shop whose handlers are at the end of real wires."""

    wires: Wires
    order_id: str = ""
    attempt_id: str = ""
    revision: int = 1
    order_key: str = "order-1"
    record: dict[str, Any] = field(default_factory=dict)

    def create(self) -> Told:
        told = self._send("order_create", http_event("order_create", headers={"idempotency-key": self.order_key}))
        if told.status == 201:
            self.order_id = told.document["order_id"]
        return told

    def pay(self) -> Told:
        told = self._call("payment_request", headers={"idempotency-key": KEY})
        if told.status == 201:
            self.attempt_id = told.document["attempt_id"]
        return told

    def cancel_payment(self) -> Told:
        return self._call("payment_cancellation")

    def edit(self) -> Told:
        line = sample_body("order_create")["lines"][0]
        body = {"lines": [{**line, "quantity": 7}]}
        return self._call("order_edit", body=body, headers={"if-match": f'"{self.revision}"'})

    def cancel_order(self) -> Told:
        return self._call("order_cancel")

    def pay_url(self) -> str:
        """Where the payer pays, while the attempt holds the order."""
        order = self.truth()
        if order.attempt is None or order.attempt.pay_url is None:
            raise LookupError(f"order {order.order_id} has no link to pay by")
        return order.attempt.pay_url

    def payer_pays(self, pay_url: str = "") -> None:
        """At the gateway's own page, which is not ours to disturb."""
        form = urlencode({"action": "pay"})
        headers = {"content-type": "application/x-www-form-urlencoded"}
        urllib3.request("POST", pay_url or self.pay_url(), body=form, headers=headers, redirect=False, retries=False)

    def gateway_pretends_to_void(self) -> None:
        body = json.dumps({"void": {"fault": "pretend"}})
        urllib3.request("POST", f"{self._sandbox}/sessions/{self.attempt_id}/misbehaviour", body=body, retries=False)

    @staticmethod
    def gateways_minute() -> None:
        """The gateway's own schedule fires: it tells of what expired."""
        handler_of("sandbox_gateway")(event("sandbox_gateway_schedule"), Context())

    def callback(self) -> Told:
        """The last callback that the gateway sent."""
        sent = self.wires.callbacks[-1]
        filled = http_event("gateway_callback", body=sent.body, headers=dict(sent.headers))
        filled["pathParameters"]["gateway"] = "sandbox"
        return self._send("gateway_callback", filled)

    def sweep(self) -> Told:
        """The minute's schedule fires. A run that fails whole is an honest answer too: the next minute's goes on."""
        try:
            report = handler_of("timeout_sweeps")(event("timeout_sweep"), Context())
        except StoreUnavailable as error:
            return Told(503, str(error))
        return Told(503 if report["failed"] else 200, report)

    def record_events(self) -> Told:
        """The stream tells of the order as it is now."""
        answer = handler_of("order_events")({"Records": [self.record]}, Context())
        return Told(503 if answer["batchItemFailures"] else 200, answer)

    def take_record(self) -> None:
        key = item_of({"pk": f"ORDER#{self.order_id}", "sk": "HEAD"})
        client: Any = self.wires.direct.connection.client
        item = client.get_item(TableName=self.wires.direct.table, Key=key)["Item"]
        self.record = {"eventID": "1", "dynamodb": {"Keys": key, "NewImage": item, "SequenceNumber": "1"}}

    def truth(self) -> Order:
        """The order as it lies in the table."""
        order = self.wires.truth.read_head(self.order_id)
        if order is None:
            raise LookupError(f"there is no order {self.order_id}")
        return order

    def settle(self) -> None:
        """With the faults over, sweeps until nothing is owed any more."""
        for _ in range(MOST_SWEEPS):
            if not self._owes():
                return
            self.wires.clock.advance(timedelta(minutes=16))
            self.sweep()

    def books(self) -> int:
        """What the gateway has kept of this attempt's money."""
        if not self.attempt_id:
            return 0
        headers = {"authorization": f"Bearer {API_KEY}"}
        books = urllib3.request(
            "GET", f"{self._sandbox}/books/{self.attempt_id}", headers=headers, retries=False
        ).json()
        kept: int = books.get("captured", 0) - books.get("refunded", 0)
        return kept

    @property
    def _sandbox(self) -> str:
        return f"http://127.0.0.1:{self.wires.gateway.upstream[1]}"

    def _owes(self) -> bool:
        order = self.truth()
        overdue = order.due_at is not None and order.due_at <= self.wires.clock.now()
        return order.status is PaymentStatus.RELEASING or bool(order.refunds_due) or overdue

    def _call(self, name: str, **changes: Any) -> Told:
        attempt_id = self.attempt_id or f"{self.order_id}_00000000"
        return self._send(name, http_event(name, order_id=self.order_id, attempt_id=attempt_id, **changes))

    def _send(self, name: str, filled: dict[str, Any]) -> Told:
        handler: Callable[[dict[str, Any], Any], Any] = handler_of(FUNCTIONS[name])
        answer = handler(filled, Context())
        return Told(answer["statusCode"], json.loads(answer["body"]) if answer.get("body") else None)
