"""`make bench-claim`: measure the source document's claim, less work because no order is cancelled and placed again.

Both flows do the same purchase on an emulated table: create an order, start a payment, give it up and change the order
some times, pay. Paylatch unlocks the order and edits it. The classic flow cancels the locked order by one write, which
is its best case, and creates a new one. Both close the abandoned session at the gateway and keep a history. An emulator
needs as many requests as the service, but not the same time for them: the results are ratios and no seconds.
"""

import os
import sys
from collections import Counter
from collections.abc import Callable, Iterator

import moto

from bench.metered_store import MeteredTable, RecordingStore
from bench.purchases import Purchase
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
PAGE = ROOT / "docs" / "claim.md"
BEGIN, END = "<!-- measured -->\n", "<!-- /measured -->"

Scenario = Callable[[Purchase], int]


def measure(flow: Scenario, lines: int, changes: int) -> Counter[str]:
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


def row(lines: int, changes: int) -> str:
    """One row of the table: the ratios, with both figures in brackets."""
    ours = measure(Purchase.with_paylatch, lines, changes)
    theirs = measure(Purchase.as_elsewhere, lines, changes)
    cells = (f"{ours[name] / theirs[name]:.2f} ({ours[name]} : {theirs[name]})" for name in FIGURES)
    return f"| {lines} | {changes} | {' | '.join(cells)} |\n"


def rows() -> Iterator[str]:
    """The rows of the table, each as soon as it is measured."""
    yield f"| lines | changes | {' | '.join(FIGURES)} |\n"
    yield "|---" * (2 + len(FIGURES)) + "|\n"
    yield from (row(lines, changes) for lines in SIZES for changes in CHANGES)


def with_table(text: str, table: str) -> str:
    """The page with the table between its two markers."""
    before, _, rest = text.partition(BEGIN)
    _, _, after = rest.partition(END)
    return f"{before}{BEGIN}{table}{END}{after}"


def main() -> int:
    """Measure, print the table and write it into `docs/claim.md`."""
    os.environ |= {"AWS_ACCESS_KEY_ID": "bench", "AWS_SECRET_ACCESS_KEY": "bench"}
    print(__doc__)
    table = ""
    for each in rows():
        print(each, end="", flush=True)
        table += each
    PAGE.write_text(with_table(PAGE.read_text(), table))
    return 0


if __name__ == "__main__":
    sys.exit(main())
