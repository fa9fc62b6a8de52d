"""`make bench-cost`: what a million orders and an idle month cost on AWS, and what limits the orders in a second.

Requests and units are counted on an emulated table; prices and quotas are those of `bench/prices.json` and
`bench/quotas.json`, each with its page and date. Durations and log sizes are assumptions, and named there.
"""

import json
import os
import sys
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from bench.idle import idle_table
from bench.one_order import CALLS, OPENING, OneOrder, counted, memory_gb
from bench.printed_pages import with_table
from local.arguments import take_none
from paylatch.domain.shards import SHARDS
from tests.orders_table import template

ROOT = Path(__file__).parents[1]
COST_PAGE, SCALE_PAGE = ROOT / "docs" / "performance.md", ROOT / "docs" / "scale.md"
PRICES: dict[str, Any] = json.loads((ROOT / "bench" / "prices.json").read_text())
QUOTAS: list[dict[str, Any]] = json.loads((ROOT / "bench" / "quotas.json").read_text())
ASSUMED: dict[str, int] = PRICES["assumptions"]
ORDERS = 1_000_000
RATES = (1, 10, 100, 1_000, 10_000)
_CALL_LASTS = "milliseconds of a function call"
_OPENING_LASTS = "milliseconds of the call that opens a session at the gateway"
GIGABYTE, KILOBYTES = 1024**3, 1024**2


@dataclass(frozen=True, slots=True)
class CostLine:
    """One line of the bill for a million orders."""

    name: str
    for_each_order: float
    usd: float
    unit: str
    page: str
    date: str

    def __str__(self) -> str:
        amount, unit = self.for_each_order, self.unit
        if unit == "GB":
            amount, unit = amount * KILOBYTES, "KB"
        return f"| {self.name} | {amount:.3g} {unit} | {self.usd:.2f} | [{self.date}]({self.page}) |\n"


def seconds_of(function: str) -> float:
    """The assumed duration of one call."""
    return ASSUMED[_OPENING_LASTS if function == OPENING else _CALL_LASTS] / 1000


def used(order: OneOrder) -> dict[str, float]:
    """What one order uses of each priced thing."""
    calls = order.function_calls
    return {
        "API Gateway, HTTP API calls": len(CALLS),
        "Lambda, calls": len(calls),
        "Lambda, duration (Arm)": sum(seconds_of(name) * memory_gb(name) for name in calls),
        "DynamoDB, write units": order.write_units,
        "DynamoDB, read units": order.read_units,
        "DynamoDB, storage for a month": order.bytes_left / GIGABYTE,
        "EventBridge, events": order.events,
        "CloudWatch, logs": len(calls) * ASSUMED["kilobytes of log for each function call"] * 1024 / GIGABYTE,
    }


def bill(order: OneOrder) -> tuple[CostLine, ...]:
    """The lines of the bill, the dearest first."""
    lines = (_line(name, amount, PRICES["prices"][name]) for name, amount in used(order).items())
    return tuple(sorted(lines, key=lambda line: -line.usd))


def _line(name: str, amount: float, price: dict[str, Any]) -> CostLine:
    usd = amount * ORDERS * price["usd"] / price["for"]
    return CostLine(name, amount, usd, price["unit"], price["page"], price["date"])


def cost_table(order: OneOrder) -> str:
    """The bill as a table, with its total."""
    lines = bill(order)
    head = "| line | for each order | USD for a million orders | price of |\n|---|---|---|---|\n"
    return head + "".join(map(str, lines)) + f"| **total** | | **{sum(line.usd for line in lines):.2f}** | |\n"


@dataclass(frozen=True, slots=True)
class Limit:
    """A quota, and the number of orders paid in a second at which it is reached."""

    name: str
    quota: float
    orders_a_second: float
    moved_by: str
    page: str

    def __str__(self) -> str:
        source = f"[page]({self.page})" if self.page else "`template.yaml`"
        return f"| {self.orders_a_second:,.0f} | {self.name} | {self.quota:,.0f} | {self.moved_by} | {source} |\n"


def use_a_second(order: OneOrder) -> dict[str, float]:
    """What one order paid in each second uses of each limited thing."""
    return {
        "gateway openings": 1,
        "API calls": len(CALLS),
        "concurrent functions": sum(map(seconds_of, order.function_calls)),
        "write units": order.write_units,
        "index units of one shard": order.index_units / SHARDS,
        "events": order.events,
    }


def limits(order: OneOrder) -> tuple[Limit, ...]:
    """All limits, the first one to break first."""
    uses = use_a_second(order)
    found = (
        Limit(row["name"], quota, quota / uses[row["of"]], row["moved_by"], row["page"])
        for row, quota in ((row, _quota(row["quota"])) for row in QUOTAS)
    )
    return tuple(sorted(found, key=lambda limit: limit.orders_a_second))


def _quota(stated: float | str) -> float:
    """The number itself, or the default of the template's parameter of that name."""
    return float(template()["Parameters"][stated]["Default"] if isinstance(stated, str) else stated)


def scale_table(order: OneOrder) -> str:
    """The limits as a table."""
    head = "| orders a second | limit | quota | what raises it | source |\n|---|---|---|---|---|\n"
    return head + "".join(map(str, limits(order)))


def decades_table(order: OneOrder) -> str:
    """For each power of ten, the quotas that are reached by then."""
    head = "| orders a second | reached by then, first to last |\n|---|---|\n"
    return head + "".join(f"| {rate:,} | {_reached(order, rate)} |\n" for rate in RATES)


def _reached(order: OneOrder, rate: int) -> str:
    names = [limit.name.partition(":")[0].partition(",")[0] for limit in limits(order) if limit.orders_a_second <= rate]
    return ", ".join(dict.fromkeys(names)) or "none"


def printed(order: OneOrder) -> Iterator[tuple[Path, str, str]]:
    """Each page with the name and the text of its table."""
    yield COST_PAGE, "cost", cost_table(order)
    yield COST_PAGE, "idle", idle_table()
    yield SCALE_PAGE, "limits", scale_table(order)
    yield SCALE_PAGE, "decades", decades_table(order)


def main() -> int:
    """Count, print the tables and write them into their pages."""
    take_none(__doc__)
    os.environ |= {"AWS_ACCESS_KEY_ID": "bench", "AWS_SECRET_ACCESS_KEY": "bench"}
    print(__doc__)
    order = counted()
    print(order, end="\n\n")
    for page, name, table in printed(order):
        print(table)
        page.write_text(with_table(page.read_text(), table, name))
    return 0


if __name__ == "__main__":
    sys.exit(main())
