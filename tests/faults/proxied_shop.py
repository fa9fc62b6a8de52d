"""The calls of people, gateways and schedules to the handlers, and the state in the table to compare with."""

from collections.abc import Callable
from dataclasses import dataclass, field
from datetime import UTC, datetime, timedelta
from typing import Any

from local.api_client import ApiClient, ApiResponse, deliver_callback
from paylatch.domain.order import Order, PaymentStatus
from paylatch.domain.payment import AttemptStatus
from paylatch.domain.tombstone import is_tombstone
from paylatch.ports import Timer
from paylatch.ports.retention import Retention
from paylatch.runtime.timer_queue import message_of
from paylatch.store.items import document_of, item_of
from paylatch.store.retention import DynamoRetentionStore
from paylatch.use_cases.retire_orders import retire_orders
from paylatch.use_cases.sweep_timeouts import sweep_timeouts
from tests.api.handler_transport import HandlerTransport, client_of
from tests.api.handlers import Context, handler_of
from tests.faults.gateway_actions import GatewayActions
from tests.faults.proxied_connections import KEPT, ProxiedConnections
from tests.lambda_events import BUYER, OPERATOR, SELLER, SERVICE, Person, event, sample_body

KEY = "checkout-1"
MOST_SWEEPS = 12
MOST_EXPIRIES = 3
_PERSONS = {person.role: person for person in (BUYER, SELLER, SERVICE, OPERATOR)}


@dataclass(frozen=True, slots=True)
class Callers:
    """The clients of the API by role, and who the buyer and the seller of an order are."""

    client: Callable[[str], ApiClient]
    buyer_id: str
    seller_id: str


# Whose calls go to the handlers of this process.
IN_PROCESS = Callers(lambda role: client_of(_PERSONS[role]), BUYER.subject, SELLER.subject)


def is_unknown(response: ApiResponse) -> bool:
    """Whether the answer says that the outcome is unknown and the call is to be repeated."""
    return response.status == 503


# A void that is not confirmed at first, and one whose request or response is lost.
MOST_REPEATS = 2
# What the shop refunds of a payment.
PART = 1000


def _quantity(quantity: int) -> dict[str, Any]:
    """The edit to that many packets of tea."""
    line = sample_body("order_create")["lines"][0]
    return {"lines": [{**line, "quantity": quantity}]}


@dataclass
class ProxiedShop:
    """One order of a shop whose handlers use real connections. A function that asks to be called again answers 503."""

    connections: ProxiedConnections
    order_id: str = ""
    attempt_id: str = ""
    revision: int = 1
    order_key: str = "order-1"
    records: list[dict[str, Any]] = field(default_factory=list)
    callers: Callers = IN_PROCESS

    def create(self, **fields: Any) -> ApiResponse:
        parties = {"buyer_id": self.callers.buyer_id, "seller_id": self.callers.seller_id}
        body = sample_body("order_create") | parties | fields
        response = self._client("service").create_order(body, self.order_key)
        if response.status == 201:
            self.order_id = response.document["order_id"]
        return response

    def pay(self, key: str = KEY) -> ApiResponse:
        response = self._client("buyer").request_payment(self.order_id, sample_body("payment_request"), key)
        if response.status == 201:
            self.attempt_id = response.document["attempt_id"]
        return response

    def cancel_payment(self) -> ApiResponse:
        return self._client("buyer").cancel_payment(self.order_id, self._attempt_id)

    def edit(self, quantity: int = 7) -> ApiResponse:
        return self._client("buyer").edit_order(self.order_id, _quantity(quantity), self.revision)

    def read_by_service(self) -> ApiResponse:
        """The order, whoever its buyer is by now."""
        return self._client("service").read_order(self.order_id)

    def hand_over(self) -> ApiResponse:
        """A service gives the order to another buyer."""
        return self._client("service").edit_order(self.order_id, {"buyer_id": "another-buyer"}, self.revision)

    def pay_link(self) -> ApiResponse:
        """The seller asks for the order's payment link."""
        return self._client("seller").pay_link(self.order_id)

    def renew_pay_link(self) -> ApiResponse:
        """The seller revokes the link that there is."""
        return self._client("seller").pay_link(self.order_id, renew=True)

    def edit_with_timers(self) -> ApiResponse:
        """An edit in a stack that has timers."""
        with self.connections.with_queue():
            return self.edit()

    def stop_and_change(self, quantity: int = 7) -> ApiResponse:
        edit = _quantity(quantity)
        return self._client("buyer").stop_and_change(self.order_id, self._attempt_id, edit, self.revision)

    def stop_and_change_nothing(self) -> ApiResponse:
        """The edit asks for the quantity that was ordered."""
        return self.stop_and_change_until_made(sample_body("order_create")["lines"][0]["quantity"])

    def stop_and_change_until_made(self, quantity: int = 7) -> ApiResponse:
        """As a caller does whose edit was not made because the gateway had not confirmed yet."""
        response = self.stop_and_change(quantity)
        for _ in range(MOST_REPEATS):
            if response.status != 202:
                break
            response = self.stop_and_change(quantity)
        return response

    def pay_anew(self) -> ApiResponse:
        """A payment request with another key; once more after `Retry-After`, where it finds the order locked."""
        response = self.pay("another-key")
        if response.status != 409:
            return response
        self.connections.clock.advance(timedelta(seconds=int(response.headers["retry-after"])))
        return self.pay("another-key")

    def cancel_order(self) -> ApiResponse:
        return self._client("buyer").cancel_order(self.order_id)

    def erase(self) -> ApiResponse:
        """By a service."""
        return self._client("service").erase(self.order_id)

    def settle_manually(self) -> ApiResponse:
        """The seller's, of the whole total."""
        return self._client("seller").settle_manually(self.order_id, self.stored().total)

    def refund(self) -> ApiResponse:
        """The seller's, of a part of the payment."""
        return self._client("seller").refund(self.order_id, "return-1", PART)

    def read(self) -> ApiResponse:
        return self._client("buyer").read_order(self.order_id)

    def list_orders(self) -> ApiResponse:
        return self._client("seller").list_orders(reference=sample_body("order_create")["reference"])

    def list_bought_orders(self) -> ApiResponse:
        return self._client("buyer").list_orders()

    def read_payment(self) -> ApiResponse:
        return self._client("buyer").read_payment(self.order_id, self._attempt_id)

    def history(self) -> ApiResponse:
        return self._client("buyer").read_history(self.order_id)

    def attention(self) -> ApiResponse:
        return self._client("operator").list_attention()

    def recheck_by_buyer(self) -> ApiResponse:
        """The buyer is back from the gateway; once more when the bound of questions has passed."""
        response = self._client("buyer").recheck(self.order_id, self._attempt_id)
        self.connections.clock.advance(timedelta(seconds=5))
        return response

    def recheck(self) -> ApiResponse:
        return self._client("operator").recheck(self.order_id, self._attempt_id)

    def settle_review(self) -> ApiResponse:
        return self._client("operator").resolve(self.order_id, self._attempt_id, "settle", "as agreed")

    def refund_review(self) -> ApiResponse:
        return self._client("operator").resolve(self.order_id, self._attempt_id, "refund", "as agreed")

    def release(self) -> ApiResponse:
        return self._client("operator").release(self.order_id, self._attempt_id, "the gateway is gone")

    def write_off(self) -> ApiResponse:
        """An operator writes off the order's only refund."""
        (refund_id,) = self.stored().refunds
        return self._client("operator").write_off(self.order_id, refund_id, "disputed")

    def callback(self) -> ApiResponse:
        """The last callback that the gateway sent."""
        return self._called_back(-1)

    def callback_before(self) -> ApiResponse:
        """The last callback but one that the gateway sent."""
        return self._called_back(-2)

    def _called_back(self, place: int) -> ApiResponse:
        sent = self.connections.callbacks[place]
        return deliver_callback(HandlerTransport(Person.of_token), "sandbox", sent.headers, sent.body or b"")

    def sweep(self) -> ApiResponse:
        """Run the minute's schedule. A report of failures is a true answer: the next minute's run goes on."""
        self.connections.metrics.counted.clear()
        report = handler_of("timeout_sweeps")(event("timeout_sweep"), Context())
        failed = report["failed"] or report["failed_sources"] or report["unread_orders"]
        return ApiResponse(503 if failed else 200, {}, report)

    def record_events(self) -> ApiResponse:
        """Record and publish the order's changes that were taken, as one batch of the stream."""
        answer = handler_of("order_events")({"Records": self.records}, Context())
        return ApiResponse(503 if answer["batchItemFailures"] else 200, {}, answer)

    def record_with_retention(self) -> ApiResponse:
        """The same in a stack that keeps finished orders for a time."""
        with self.connections.with_retention():
            return self.record_events()

    def retire(self) -> ApiResponse:
        """The stream says that the order's expiry was deleted."""
        key = item_of({"pk": self._partition, "sk": "EXPIRY"})
        self.records = [{"eventID": "expiry", "eventName": "REMOVE", "dynamodb": {"Keys": key, "SequenceNumber": "1"}}]
        return self.record_with_retention()

    def run_timer(self) -> ApiResponse:
        """SQS delivers the order's timer."""
        message = message_of(Timer(self.order_id, self.connections.clock.now()))
        (record,) = event("timer")["Records"]
        with self.connections.with_queue():
            answer = handler_of("timers")({"Records": [{**record, "body": message}]}, Context())
        return ApiResponse(503 if answer["batchItemFailures"] else 200, {}, answer)

    def run_early_timer(self) -> ApiResponse:
        """SQS delivers the order's timer, and the function's clock is a second behind."""
        self.connections.clock.advance(timedelta(seconds=-1))
        message = message_of(Timer(self.order_id, self.connections.clock.now() + timedelta(seconds=1)))
        (record,) = event("timer")["Records"]
        try:
            with self.connections.with_queue():
                answer = handler_of("timers")({"Records": [{**record, "body": message}]}, Context())
        finally:
            self.connections.clock.advance(timedelta(seconds=1))
        return ApiResponse(503 if answer["batchItemFailures"] else 200, {}, answer)

    def send_due(self) -> ApiResponse:
        """Follow the order's stream record as it is now with a timer."""
        with self.connections.with_queue():
            answer = handler_of("due_events")({"Records": self.records}, Context())
        return ApiResponse(503 if answer["batchItemFailures"] else 200, {}, answer)

    def sweep_with_timers(self) -> ApiResponse:
        """Run the minute's schedule of a stack that has timers."""
        with self.connections.with_queue():
            return self.sweep()

    def take_record(self) -> None:
        """Take the order as it is now for the stream's record of its last change."""
        key = item_of({"pk": self._partition, "sk": "HEAD"})
        client: Any = self.connections.direct.connection.client
        item = client.get_item(TableName=self.connections.direct.table, Key=key)["Item"]
        number = item["version"]["N"]
        self.records += [{"eventID": number, "dynamodb": {"Keys": key, "NewImage": item, "SequenceNumber": number}}]

    def stored(self) -> Order:
        """The order as stored in the table."""
        order = self.connections.stored.read_head(self.order_id)
        if order is None:
            raise LookupError(f"there is no order {self.order_id}")
        return order

    def version(self) -> int:
        """The version of what is in the head's place."""
        return int(self._items()["HEAD"]["version"])

    def is_retired(self) -> bool:
        """Whether the order has left a tombstone."""
        return is_tombstone(self._items()["HEAD"])

    def sort_keys(self) -> tuple[str, ...]:
        """Those of the order's items, in order."""
        return tuple(self._items())

    def _items(self) -> dict[str, dict[str, Any]]:
        query = {"KeyConditionExpression": "pk = :pk", "ExpressionAttributeValues": item_of({":pk": self._partition})}
        table = self.connections.direct
        found = table.send("Query", {"TableName": table.table, "ConsistentRead": True, **query})["Items"]
        return {item["sk"]["S"]: document_of(item) for item in found}

    @property
    def _partition(self) -> str:
        return f"ORDER#{self.order_id}"

    def pay_url(self) -> str:
        """Where the payer pays, while the attempt holds the order."""
        order = self.stored()
        if order.attempt is None or order.attempt.pay_url is None:
            raise LookupError(f"order {order.order_id} has no link to pay by")
        return order.attempt.pay_url

    def settle(self) -> None:
        """After the faults, run other processes' sweeps until nothing is owed any more, and let expiries pass."""
        for _ in range(MOST_SWEEPS):
            if self.is_retired() or not self._owes():
                break
            self.connections.clock.advance(timedelta(minutes=16))
            sweep_timeouts(lambda: True, self.connections.others)
        for _ in range(MOST_EXPIRIES):
            self._let_expire()

    def _let_expire(self) -> None:
        expiry = self._items().get("EXPIRY")
        if expiry is None:
            return
        clock = self.connections.clock
        clock.advance(max(timedelta(), datetime.fromtimestamp(expiry["ttl"], UTC) - clock.now()))
        direct = self.connections.direct
        direct.send("DeleteItem", {"TableName": direct.table, "Key": item_of({"pk": self._partition, "sk": "EXPIRY"})})
        retention = Retention(KEPT, DynamoRetentionStore(direct))
        retire_orders([self.order_id], retention, lambda: True, self.connections.others)

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

    def _client(self, role: str) -> ApiClient:
        return self.callers.client(role)

    @property
    def _attempt_id(self) -> str:
        """The latest attempt, or one that never was."""
        return self.attempt_id or f"{self.order_id}_00000000"
