"""`make bench-claim`: measure the source document's claim, less work because no order is cancelled and placed again.

Both flows do the same purchase on an emulated table: create an order, start a payment, give it up and change the order
some times, pay. Both close the abandoned session at the gateway, keep a history, read what they change or copy, and
answer with the order. Paylatch stops the payment and changes the order by one call. The classic flow cancels the locked
order and places it again. An emulator needs as many requests as the service, but not the same time for them: the
results are ratios and no seconds. Ends with 1 where a row with a bound is beyond it.
"""

import os
import sys
from collections import Counter
from collections.abc import Callable, Iterator
from dataclasses import dataclass

import moto

from bench.metered_store import MeteredTable, RecordingStore
from bench.one_call import with_paylatch_by_one_call
from bench.printed_pages import with_table
from bench.purchases import Purchase
from local.arguments import take_none
from paylatch.ports import Ports
from tests.conftest import NOON
from tests.fakes.fixed_gateways import FixedGateways
from tests.fakes.recorded_metrics import RecordedMetrics
from tests.fakes.scripted_gateway import ScriptedGateway
from tests.fakes.sequential_id_generator import SequentialIdGenerator
from tests.fakes.settable_clock import SettableClock
from tests.orders_table import ROOT, TABLE, client_of, table_request

REGION = "eu-west-1"
SIZES = (1, 10, 100)
CHANGES = (1, 3)
FIGURES = ("requests", "write units", "items left", "bytes left", "orders for one purchase")
BOUNDS = {"requests": 0.90, "write units": 1.00}
PAGE = ROOT / "docs" / "claim.md"

Scenario = Callable[[Purchase], int]
Figures = Counter[str]


@dataclass(frozen=True, slots=True)
class Comparison:
    """Both ways to change an order that is being paid, and whether Paylatch promises to need less."""

    calls: str
    ours: Scenario
    theirs: Scenario
    promised: bool = True


COMPARISONS = (
    Comparison("1 : 1", with_paylatch_by_one_call, Purchase.as_elsewhere_by_one_call),
    Comparison("1 : 2", with_paylatch_by_one_call, Purchase.as_elsewhere),
    Comparison("2 : 2", Purchase.with_paylatch, Purchase.as_elsewhere, promised=False),
)


def measure(flow: Scenario, lines: int, changes: int) -> Figures:
    """The cost of one purchase and what it leaves in the table, starting from an empty table."""
    with moto.mock_aws():
        table = MeteredTable(TABLE, REGION)
        client_of(table).create_table(**table_request())
        clock = SettableClock(NOON)
        gateway = ScriptedGateway(clock)
        gateways = FixedGateways({"sandbox": gateway})
        ports = Ports(RecordingStore(table), gateways, clock, SequentialIdGenerator(), RecordedMetrics())
        orders = flow(Purchase(ports, gateway, lines, changes))
        left = {f"{what} left": count for what, count in table.left().items()}
        return Counter({**table.spent, **left, "orders for one purchase": orders})


@dataclass(frozen=True, slots=True)
class Row:
    """One comparison of one purchase."""

    comparison: Comparison
    lines: int
    changes: int
    ours: Figures
    theirs: Figures

    def ratio(self, figure: str) -> float:
        """Paylatch to the classic flow."""
        return self.ours[figure] / self.theirs[figure]

    @property
    def holds(self) -> bool:
        """Whether the ratios are within the bounds, where any are promised."""
        return not self.comparison.promised or all(self.ratio(name) <= bound for name, bound in BOUNDS.items())

    def __str__(self) -> str:
        cells = (f"{self.ratio(name):.2f} ({self.ours[name]} : {self.theirs[name]})" for name in FIGURES)
        return f"| {self.comparison.calls} | {self.lines} | {self.changes} | {' | '.join(cells)} |\n"


def row(comparison: Comparison, lines: int, changes: int) -> Row:
    """One row, measured."""
    return Row(
        comparison,
        lines,
        changes,
        measure(comparison.ours, lines, changes),
        measure(comparison.theirs, lines, changes),
    )


def rows() -> Iterator[Row]:
    """All rows, each as soon as it is measured."""
    for comparison in COMPARISONS:
        yield from (row(comparison, lines, changes) for lines in SIZES for changes in CHANGES)


def main() -> int:
    """Measure, print the table and write it into `docs/claim.md`; return 1 where a bound does not hold."""
    take_none(__doc__)
    os.environ |= {"AWS_ACCESS_KEY_ID": "bench", "AWS_SECRET_ACCESS_KEY": "bench"}
    print(__doc__)
    table = f"| calls | lines | changes | {' | '.join(FIGURES)} |\n" + "|---" * (3 + len(FIGURES)) + "|\n"
    print(table, end="")
    holds = True
    for each in rows():
        print(each, end="" if each.holds else "BEYOND A BOUND\n", flush=True)
        table, holds = table + str(each), holds and each.holds
    PAGE.write_text(with_table(PAGE.read_text(), table))
    return int(not holds)


if __name__ == "__main__":
    sys.exit(main())
