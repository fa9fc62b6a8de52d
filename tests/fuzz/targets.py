"""What is fuzzed: the handlers on moto, or the deployed local stack."""

import contextlib
import os
from collections.abc import Callable, Iterator, Mapping
from dataclasses import dataclass
from datetime import UTC, datetime
from pathlib import Path
from typing import Any
from unittest import mock

import boto3
import moto

from local.api_client import HttpTransport, deliver_callback
from local.sandbox_client import pay_on_hosted_page
from local.stack import Stack
from paylatch.ports import Ports
from paylatch.runtime import wiring
from paylatch.store.connection import TableConnection
from paylatch.store.dynamodb import DynamoOrderStore
from tests.fakes.fixed_gateways import FixedGateways
from tests.fakes.recorded_metrics import RecordedMetrics
from tests.fakes.scripted_gateway import ScriptedGateway
from tests.fakes.sequential_id_generator import SequentialIdGenerator
from tests.fakes.settable_clock import SettableClock
from tests.fuzz.served_handlers import served
from tests.lambda_events import BUYER, OPERATOR, SELLER, SERVICE
from tests.orders_table import TABLE, table_request

REGION = "eu-west-1"
NOON = datetime(2026, 11, 24, 12, 0, tzinfo=UTC)
Snapshot = Mapping[str, tuple[str, str]]


@dataclass(frozen=True)
class Target:
    """An API and the table behind it, which stays as it is where it is `persistent`. `pay` pays an attempt."""

    api_url: str
    tokens: Mapping[str, str]
    buyer_id: str
    seller_id: str
    client: Any
    table: str
    pay: Callable[[Mapping[str, Any]], None]
    persistent: bool = False

    def snapshot(self) -> Snapshot:
        """By item, how often it was written and by whom last. Content never changes; the history comes later."""
        pages = self.client.get_paginator("scan").paginate(TableName=self.table, ConsistentRead=True)
        items = [item for page in pages for item in page["Items"] if not item["sk"]["S"].startswith("EVENT#")]
        return {
            f"{item['pk']['S']} {item['sk']['S']}": (item.get("version", {}).get("N", ""), _actor(item))
            for item in items
        }

    def remove(self, snapshot: Snapshot) -> None:
        """Remove these items."""
        for key in snapshot:
            pk, _, sk = key.partition(" ")
            self.client.delete_item(TableName=self.table, Key={"pk": {"S": pk}, "sk": {"S": sk}})


def written(before: Snapshot, after: Snapshot) -> set[str]:
    """The items that a caller wrote since. The sweep and the gateways may write at any time."""
    changed = {key for key in before.keys() | after.keys() if before.get(key) != after.get(key)}
    return {key for key in changed if key not in after or not _on_its_own(after[key][1])}


@contextlib.contextmanager
def handlers_on_moto() -> Iterator[Target]:
    """The real handlers in this process, with a gateway without faults and a fixed clock."""
    tokens = {person.role: person for person in (BUYER, SELLER, SERVICE, OPERATOR)}
    clock = SettableClock(NOON)
    gateway = ScriptedGateway(clock)
    environment = {
        "AWS_ACCESS_KEY_ID": "none",
        "AWS_SECRET_ACCESS_KEY": "none",
        "AWS_DEFAULT_REGION": REGION,
        "AWS_REGION": REGION,
        "PAYLATCH_TABLE": TABLE,
        "PAYLATCH_GATEWAYS": "sandbox",
        "PAYLATCH_PAGES_URL": "https://pages.test",
    }
    with mock.patch.dict(os.environ, environment), moto.mock_aws(), served(tokens) as url:
        connection = TableConnection(TABLE, region=REGION)
        client: Any = boto3.client("dynamodb", region_name=REGION)
        client.create_table(**table_request())
        store = DynamoOrderStore(connection)
        ports = Ports(store, FixedGateways({"sandbox": gateway}), clock, SequentialIdGenerator(), RecordedMetrics())

        def pay(attempt: Mapping[str, Any]) -> None:
            attempt_id = attempt["attempt_id"]
            callback = gateway.signed("payment.succeeded", attempt_id, gateway.capture_payment(attempt_id))
            deliver_callback(HttpTransport(url), "sandbox", callback.headers, callback.body).expect(204)

        with mock.patch.object(wiring, "make_ports", return_value=ports):
            wiring.ports.cache_clear()
            yield Target(
                api_url=url,
                tokens={role: role for role in tokens},
                buyer_id=BUYER.subject,
                seller_id=SELLER.subject,
                client=client,
                table=TABLE,
                pay=pay,
            )


def deployed_stack(file: Path) -> Target:
    """The stack that `make dev` runs, as it describes itself."""
    stack = Stack.read(file)
    client = boto3.client(
        "dynamodb",
        endpoint_url=stack.aws_endpoint_url,
        region_name=os.environ.get("AWS_DEFAULT_REGION", "us-east-1"),
        aws_access_key_id="test",
        aws_secret_access_key="test",
    )
    return Target(
        api_url=stack.api_url,
        tokens=stack.tokens,
        buyer_id=stack.buyer_id,
        seller_id=stack.seller_id,
        client=client,
        table=stack.table,
        pay=lambda attempt: _pay(attempt["pay_url"]),
        persistent=True,
    )


def _pay(pay_url: str) -> None:
    pay_on_hosted_page(pay_url).expect(303)


def _actor(item: Mapping[str, Any]) -> str:
    actor: str = item.get("last_event", {}).get("M", {}).get("actor", {}).get("S", "")
    return actor


def _on_its_own(actor: str) -> bool:
    return actor == "sweep" or actor.startswith("gateway:")
