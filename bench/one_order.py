"""What one paid order uses: calls, requests, units, events and bytes, counted on an emulated table."""

from dataclasses import dataclass
from typing import Any

import moto

from bench.metered_store import MeteredTable, RecordingStore
from bench.purchases import BUYER, Purchase
from paylatch.ports import Ports
from paylatch.use_cases.read_order import read_order
from tests.conftest import NOON
from tests.fakes.fixed_gateways import FixedGateways
from tests.fakes.recorded_metrics import RecordedMetrics
from tests.fakes.scripted_gateway import ScriptedGateway
from tests.fakes.sequential_id_generator import SequentialIdGenerator
from tests.fakes.settable_clock import SettableClock
from tests.orders_table import TABLE, client_of, table_request, template

REGION = "eu-west-1"
LINES = 3
# The shop creates the order; the buyer reads it, pays, and reads it again; the gateway sends one callback.
CALLS = ("Orders", "Orders", "PaymentRequests", "GatewayCallbacks", "Orders")
OPENING = "PaymentRequests"
STREAM = "OrderEvents"


@dataclass(frozen=True, slots=True)
class OneOrder:
    """The use of one order of three lines that is paid at the first attempt."""

    requests: int
    write_units: int
    read_units: int
    index_units: int
    events: int
    bytes_left: int

    @property
    def function_calls(self) -> tuple[str, ...]:
        """The functions called, one call of the stream's function for each event: the stream batches under load."""
        return (*CALLS, *(STREAM,) * self.events)


def counted() -> OneOrder:
    """One order, from its creation to the page that thanks for the payment."""
    with moto.mock_aws():
        table = MeteredTable(TABLE, REGION)
        client_of(table).create_table(**table_request())
        _buy(table)
        spent, left = table.spent, table.left()
        events = left["items"] - 2
        return OneOrder(
            spent["requests"],
            spent["write units"],
            spent["read units"],
            spent["index units"],
            events,
            left["bytes"],
        )


def memory_gb(function: str) -> float:
    """The memory of a function of the template, in gigabytes."""
    properties: dict[str, Any] = template()["Resources"][f"{function}Function"]["Properties"]
    return float(properties["MemorySize"]) / 1024


def _buy(table: MeteredTable) -> None:
    clock = SettableClock(NOON)
    gateway = ScriptedGateway(clock)
    gateways = FixedGateways({"sandbox": gateway})
    ports = Ports(RecordingStore(table), gateways, clock, SequentialIdGenerator(), RecordedMetrics())
    purchase = Purchase(ports, gateway, LINES, 0)
    order = purchase.placed(0)
    read_order(order.order_id, BUYER, ports)
    purchase.pay(order)
    read_order(order.order_id, BUYER, ports)
