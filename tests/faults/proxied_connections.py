"""The real connections: an emulated database and the sandbox gateway over HTTP, each behind a fault proxy."""

import contextlib
import os
from collections.abc import Callable, Iterator
from contextlib import AbstractContextManager
from dataclasses import dataclass, field, replace
from datetime import datetime, timedelta
from typing import Any

import boto3
from sandbox import service
from sandbox.delivery import HttpWebhookSender
from sandbox.service import Sandbox
from sandbox.store import DynamoSessionStore

from local.ports import HOST
from paylatch.gateways.gateway_http import GatewayHttp, HttpSender, Request, Response
from paylatch.gateways.sandbox.credentials import SandboxCredentials
from paylatch.gateways.sandbox.gateway import SandboxGateway
from paylatch.ports import Ports
from paylatch.runtime import wiring
from paylatch.runtime.timer_queue import TimerQueue
from paylatch.store import connection
from paylatch.store.connection import TableConnection
from paylatch.store.dynamodb import DynamoOrderStore
from tests.api.handlers import Context, handler_of
from tests.conftest import NOON
from tests.fakes.fixed_gateways import FixedGateways
from tests.fakes.loopback_server import LoopbackServer, ReceivedRequest, Reply
from tests.fakes.recorded_metrics import RecordedMetrics
from tests.fakes.settable_clock import SettableClock
from tests.faults.fault_proxy import Decide, FaultProxy, Seen
from tests.lambda_events import event
from tests.orders_table import client_of, table_request
from tests.sandbox_table import sandbox_table_request

REGION = "us-east-1"
API_KEY = "key-of-the-wires"
# Enough for an answer of a busy machine, and far below API Gateway's timeout.
READ_TIMEOUT = 2.0
STALL = READ_TIMEOUT + 1.5
# How long a stack with retention keeps finished orders.
KEPT = timedelta(days=30)


@dataclass(frozen=True, slots=True)
class Snapshot:
    """The state behind the connections at one moment."""

    orders: tuple[dict[str, Any], ...]
    sessions: tuple[dict[str, Any], ...]
    callbacks: tuple[Request, ...]
    now: datetime


@dataclass
class ProxiedConnections:
    """The connections between the handlers and their servers."""

    table: FaultProxy
    gateway: FaultProxy
    direct: TableConnection
    sandbox_table: TableConnection
    clock: SettableClock
    callbacks: list[Request]
    metrics: RecordedMetrics = field(default_factory=RecordedMetrics)
    queue: Any = None
    queue_url: str = ""

    def __post_init__(self) -> None:
        self.stored = DynamoOrderStore(self.direct)
        sandbox = f"http://{HOST}:{self.gateway.upstream[1]}"
        # The ports of other callers' processes, past the proxies.
        self.others = _ports(self.stored, sandbox, self.clock, RecordedMetrics())

    def connect(self) -> None:
        """Give the handlers of this process new clients, with a full retry quota."""
        os.environ |= {"PAYLATCH_TABLE": self.direct.table, "PAYLATCH_EVENT_BUS": "default"}
        os.environ |= {"PAYLATCH_PAGES_URL": "https://pages.test", "PAYLATCH_PUBLIC_URL": "https://api.test"}
        os.environ["PAYLATCH_GATEWAYS"] = "sandbox"
        os.environ["AWS_ENDPOINT_URL"] = self.table.url
        store = DynamoOrderStore(TableConnection(self.direct.table, REGION, self.table.url))
        made = _ports(store, self.gateway.url, self.clock, self.metrics)
        wiring.make_ports = lambda: made
        wiring.ports.cache_clear()

    def with_queue(self) -> AbstractContextManager[None]:
        """Within this context, the functions have a queue of timers, behind the table's proxy."""
        return _wired("timers", lambda: TimerQueue(self.queue_url, self.clock.now))

    def with_retention(self) -> AbstractContextManager[None]:
        """Within this context, the stack keeps finished orders for `KEPT`."""
        ports = wiring.ports()
        keeping = replace(ports, rules=replace(ports.rules, keep=KEPT))
        return _wired("ports", lambda: keeping)

    def queued(self) -> int:
        """The messages in the queue of timers, delayed ones included."""
        names = ["ApproximateNumberOfMessages", "ApproximateNumberOfMessagesDelayed"]
        found = self.queue.get_queue_attributes(QueueUrl=self.queue_url, AttributeNames=names)["Attributes"]
        return sum(map(int, found.values()))

    def wipe(self) -> None:
        """Delete the items of the run before."""
        self.restore(Snapshot((), (), (), self.clock.now()))

    def snapshot(self) -> Snapshot:
        """The tables' items, the gateway's callbacks, and the time."""
        return Snapshot(_items(self.direct), _items(self.sandbox_table), tuple(self.callbacks), self.clock.now())

    def restore(self, snapshot: Snapshot) -> None:
        """Restore the snapshot, with an empty request log."""
        _restore(self.direct, snapshot.orders)
        _restore(self.sandbox_table, snapshot.sessions)
        self.callbacks[:] = snapshot.callbacks
        self.clock.advance(snapshot.now - self.clock.now())
        self.reset()

    def reset(self) -> None:
        """Clear the request log, the queue and the faults."""
        if self.queue_url and self.queued():
            self.queue.purge_queue(QueueUrl=self.queue_url)
        for proxy in (self.table, self.gateway):
            proxy.decide = lambda seen: None
            proxy.seen.clear()
            proxy.late.clear()

    @property
    def seen(self) -> list[Seen]:
        """All requests, those of the table first."""
        return [*self.table.seen, *self.gateway.seen]

    def decide_by(self, decide: Decide) -> None:
        """Set the fault decision of both proxies."""
        self.table.decide = self.gateway.decide = decide


@contextlib.contextmanager
def connected(database: str, name: str) -> Iterator[ProxiedConnections]:
    """The handlers of this process, connected through proxies to tables of that name in the database at that URL."""
    clock = SettableClock(NOON)
    callbacks: list[Request] = []
    connection.READ_TIMEOUT_SECONDS = READ_TIMEOUT
    orders, sessions = f"{name}-orders", f"{name}-sessions"
    _create(database, orders, sessions)
    direct, sandbox_table = (TableConnection(table, REGION, database) for table in (orders, sessions))
    _set_up_sandbox(sandbox_table, clock, callbacks)
    with (
        FaultProxy(database, STALL) as table,
        LoopbackServer(_sandbox_answer) as sandbox,
        FaultProxy(sandbox.url, STALL) as gateway,
    ):
        os.environ["PAYLATCH_SANDBOX_URL"] = sandbox.url
        queue = boto3.client("sqs", region_name=REGION, endpoint_url=database)
        queue_url = queue.create_queue(QueueName=f"{name}-timers")["QueueUrl"]
        connections = ProxiedConnections(
            table, gateway, direct, sandbox_table, clock, callbacks, queue=queue, queue_url=queue_url
        )
        connections.connect()
        yield connections


@contextlib.contextmanager
def _wired(name: str, make: Callable[[], object]) -> Iterator[None]:
    """Within this context, the functions are wired with what `make` gives."""
    maker, wired = f"make_{name}", getattr(wiring, name)
    before = getattr(wiring, maker)
    setattr(wiring, maker, make)
    wired.cache_clear()
    try:
        yield
    finally:
        setattr(wiring, maker, before)
        wired.cache_clear()


def _items(table: TableConnection) -> tuple[dict[str, Any], ...]:
    return tuple(client_of(table).scan(TableName=table.table, ConsistentRead=True)["Items"])


def _restore(table: TableConnection, items: tuple[dict[str, Any], ...]) -> None:
    stored = _items(table)
    for item in stored:
        if item not in items:
            client_of(table).delete_item(TableName=table.table, Key={"pk": item["pk"], "sk": item["sk"]})
    for item in items:
        if item not in stored:
            client_of(table).put_item(TableName=table.table, Item=item)


def _create(database: str, orders: str, sessions: str) -> None:
    os.environ |= {"AWS_ACCESS_KEY_ID": "test", "AWS_SECRET_ACCESS_KEY": "test", "AWS_DEFAULT_REGION": REGION}
    client = boto3.client("dynamodb", region_name=REGION, endpoint_url=database)
    client.create_table(**table_request(orders))
    for_sessions: dict[str, Any] = {**sandbox_table_request(), "TableName": sessions}
    client.create_table(**for_sessions)


def _set_up_sandbox(table: TableConnection, clock: SettableClock, callbacks: list[Request]) -> None:
    def noted(request: Request) -> Response:
        callbacks.append(request)
        return Response(204, {}, b"")

    credentials = SandboxCredentials(API_KEY)
    store = DynamoSessionStore(table, clock.now)
    made = Sandbox(store, HttpWebhookSender(lambda: credentials, clock.now, noted), clock.now, lambda: credentials)
    service.make_sandbox = lambda: made
    service.deployed_sandbox.cache_clear()


def _sandbox_answer(asked: ReceivedRequest) -> Reply:
    filled = event("sandbox_gateway") | {"rawPath": asked.path, "body": asked.body.decode(), "isBase64Encoded": False}
    filled |= {"headers": dict(asked.headers), "queryStringParameters": dict(asked.query)}
    filled["requestContext"]["http"] |= {"method": asked.method, "path": asked.path}
    answer = handler_of("sandbox_gateway")(filled, Context())
    return Reply(answer["statusCode"], answer["body"].encode(), answer["headers"])


def _ports(store: DynamoOrderStore, sandbox: str, clock: SettableClock, metrics: RecordedMetrics) -> Ports:
    wire = GatewayHttp("sandbox", HttpSender(connect=1, read=READ_TIMEOUT))
    gateway = SandboxGateway(sandbox, lambda: {"api_key": API_KEY}, clock, wire)
    return Ports(store, FixedGateways({"sandbox": gateway}), clock, wiring.RandomIdGenerator(), metrics)
