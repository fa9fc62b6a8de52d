"""The real wires: an emulated database and the sandbox gateway behind real HTTP, each with a fault proxy before it."""

import contextlib
import os
from collections.abc import Iterator
from dataclasses import dataclass
from typing import Any

import boto3
import sandbox_wiring
from sandbox_delivery import HttpCourier
from sandbox_store import DynamoSessionStore
from sandbox_wiring import Sandbox

from paylatch.gateways.sandbox import SandboxGateway
from paylatch.gateways.sandbox_credentials import SandboxCredentials
from paylatch.gateways.wire import HttpSender, Request, Response, Wire
from paylatch.ports import Ports
from paylatch.runtime import wiring
from paylatch.store import connection
from paylatch.store.connection import TableConnection
from paylatch.store.dynamodb import DynamoOrderStore
from tests.conftest import NOON
from tests.fakes.chosen_gateways import ChosenGateways
from tests.fakes.loopback import Asked, Loopback, Reply
from tests.fakes.recorded_watch import RecordedWatch
from tests.fakes.settable_clock import SettableClock
from tests.faults.fault_proxy import FaultProxy
from tests.integration.shop import Context, handler_of
from tests.lambda_events import event
from tests.orders_table import table_request
from tests.sandbox_table import sandbox_table_request

REGION = "us-east-1"
API_KEY = "key-of-the-wires"
# As long as a busy machine may take for an honest answer, and far below what API Gateway waits.
READ_TIMEOUT = 2.0
STALL = READ_TIMEOUT + 1.5


@dataclass
class Wires:
    """Everything between the handlers and what lies behind them."""

    table: FaultProxy
    gateway: FaultProxy
    direct: TableConnection
    sandbox_table: TableConnection
    clock: SettableClock
    callbacks: list[Request]

    def __post_init__(self) -> None:
        self.truth = DynamoOrderStore(self.direct)

    def wipe(self) -> None:
        """Leave no item of the run before."""
        for table in (self.direct, self.sandbox_table):
            client: Any = table.connection.client
            for item in client.scan(TableName=table.table)["Items"]:
                client.delete_item(TableName=table.table, Key={"pk": item["pk"], "sk": item["sk"]})
        self.callbacks.clear()
        self.table.seen.clear()
        self.gateway.seen.clear()


@contextlib.contextmanager
def strung(database: str, name: str) -> Iterator[Wires]:
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
        Loopback(_sandbox_answer) as sandbox,
        FaultProxy(sandbox.url, STALL) as gateway,
    ):
        _set_up_handlers(table.url, gateway.url, orders, clock)
        os.environ["PAYLATCH_SANDBOX_URL"] = sandbox.url
        yield Wires(table, gateway, direct, sandbox_table, clock, callbacks)


def _create(database: str, orders: str, sessions: str) -> None:
    os.environ |= {"AWS_ACCESS_KEY_ID": "test", "AWS_SECRET_ACCESS_KEY": "test", "AWS_DEFAULT_REGION": REGION}
    client = boto3.client("dynamodb", region_name=REGION, endpoint_url=database)
    client.create_table(**table_request(orders))
    client.create_table(**sandbox_table_request() | {"TableName": sessions})


def _set_up_sandbox(table: TableConnection, clock: SettableClock, callbacks: list[Request]) -> None:
    def noted(request: Request) -> Response:
        callbacks.append(request)
        return Response(204, {}, b"")

    credentials = SandboxCredentials(API_KEY)
    store = DynamoSessionStore(table, clock.now)
    made = Sandbox(store, HttpCourier(lambda: credentials, clock.now, noted), clock.now, lambda: credentials)
    sandbox_wiring.make_sandbox = lambda: made
    sandbox_wiring.deployed_sandbox.cache_clear()


def _sandbox_answer(asked: Asked) -> Reply:
    filled = event("sandbox_gateway") | {"rawPath": asked.path, "body": asked.body.decode(), "isBase64Encoded": False}
    filled |= {"headers": dict(asked.headers), "queryStringParameters": dict(asked.query)}
    filled["requestContext"]["http"] |= {"method": asked.method, "path": asked.path}
    answer = handler_of("sandbox_gateway")(filled, Context())
    return Reply(answer["statusCode"], answer["body"].encode(), answer["headers"])


def _set_up_handlers(database: str, sandbox: str, table: str, clock: SettableClock) -> None:
    os.environ |= {"PAYLATCH_TABLE": table, "PAYLATCH_EVENT_BUS": "default", "AWS_ENDPOINT_URL": database}
    wire = Wire("sandbox", HttpSender(connect=1, read=READ_TIMEOUT))
    gateway = SandboxGateway(sandbox, lambda: {"api_key": API_KEY}, clock, wire)
    store = DynamoOrderStore(TableConnection(table, REGION, database))
    gateways = ChosenGateways({"sandbox": gateway})
    made = Ports(store, gateways, clock, wiring.RandomTokens(), RecordedWatch())
    wiring.make_ports = lambda: made
    wiring.ports.cache_clear()
