"""What a stack costs in a month in which nobody buys anything: sweep, polled queue, alarms, metrics and a secret."""

import json
from collections.abc import Iterator
from datetime import timedelta
from pathlib import Path
from typing import Any

import moto

from bench.metered_store import MeteredTable
from bench.one_order import REGION, memory_gb
from paylatch.ports import Ports
from paylatch.store.dynamodb import DynamoOrderStore
from paylatch.use_cases.measure_attention import measure_attention
from paylatch.use_cases.sweep_timeouts import sweep_timeouts
from tests.conftest import NOON
from tests.fakes.fixed_gateways import FixedGateways
from tests.fakes.memory_timers import MemoryTimers
from tests.fakes.recorded_metrics import RecordedMetrics
from tests.fakes.scripted_gateway import ScriptedGateway
from tests.fakes.sequential_id_generator import SequentialIdGenerator
from tests.fakes.settable_clock import SettableClock
from tests.orders_table import TABLE, client_of, table_request, template

PRICES: dict[str, Any] = json.loads((Path(__file__).parent / "prices.json").read_text())
ASSUMED: dict[str, int] = PRICES["assumptions"]
MONTH = timedelta(days=30)
SWEEPS = MONTH // timedelta(minutes=1)
SWEEP = "TimeoutSweeps"


def sweep_of_nothing() -> tuple[int, int]:
    """The requests to the table and the custom metrics of one sweep that finds nothing due."""
    with moto.mock_aws():
        table = MeteredTable(TABLE, REGION)
        client_of(table).create_table(**table_request())
        metrics, clock = RecordedMetrics(), SettableClock(NOON)
        gateways = FixedGateways({"sandbox": ScriptedGateway(clock)})
        ports = Ports(DynamoOrderStore(table), gateways, clock, SequentialIdGenerator(), metrics)
        sweep_timeouts(lambda: True, ports, MemoryTimers())
        measure_attention(lambda: True, ports)
        return table.spent["requests"], len({metric for metric, _, _ in metrics.counted})


def used() -> dict[str, float]:
    """What an idle stack with the default parameters, without the sandbox, uses in a month of each priced thing."""
    requests, metrics = sweep_of_nothing()
    receives = MONTH // timedelta(minutes=1) * ASSUMED["receives a minute of a queue that is empty"]
    log = ASSUMED["kilobytes of log for each function call"]
    return {
        "CloudWatch, alarms": sum(map(_metrics_watched, _resources("AWS::CloudWatch::Alarm"))),
        "CloudWatch, custom metrics": metrics,
        "SQS, requests": _polled_queues() * receives,
        # A query of an index is eventually consistent, which is half a unit.
        "DynamoDB, read units": SWEEPS * requests / 2,
        "Lambda, calls": SWEEPS,
        "Lambda, duration (Arm)": SWEEPS * memory_gb(SWEEP) * ASSUMED["milliseconds of a function call"] / 1000,
        "CloudWatch, logs": SWEEPS * log / 1024**2,
        "Secrets Manager, secrets": 1,
    }


def idle_table() -> str:
    """The bill as a table, the dearest line first, with its total."""
    prices = PRICES["prices"] | PRICES["standing prices"]
    lines = [(name, amount, amount * prices[name]["usd"] / prices[name]["for"]) for name, amount in used().items()]
    lines.sort(key=lambda line: -line[2])
    head = "| line | in a month | USD a month | price of |\n|---|---|---|---|\n"
    return head + "".join(_rows(lines, prices)) + f"| **total** | | **{sum(line[2] for line in lines):.2f}** | |\n"


def _rows(lines: list[tuple[str, float, float]], prices: dict[str, Any]) -> Iterator[str]:
    for name, amount, usd in lines:
        price = prices[name]
        shown = f"{amount:,.0f}" if amount >= 1 else f"{amount:.2g}"
        yield f"| {name} | {shown} {price['unit']} | {usd:.2f} | [{price['date']}]({price['page']}) |\n"


def _resources(kind: str) -> list[dict[str, Any]]:
    """The template's resources of that type that exist without any condition."""
    found = template()["Resources"].values()
    return [one["Properties"] for one in found if one["Type"] == kind and "Condition" not in one]


def _metrics_watched(alarm: dict[str, Any]) -> int:
    return sum("MetricStat" in query for query in alarm.get("Metrics", [])) or 1


def _polled_queues() -> int:
    mappings = _resources("AWS::Lambda::EventSourceMapping")
    return sum("Queue" in str(mapping["EventSourceArn"]) for mapping in mappings)
