"""`make bench-reconciliation`: a day of 100,000 simulated payments, of which one in a hundred is not as its order says.

Twelve kinds of discrepancies are planted. All must be found and named, and nothing else; the gateway may be asked for a
list once for every 100 of its objects, and once more for each list; and the memory must not grow with the day.
Orders and gateway are in memory and made page by page; the reconciliation is the product's.
"""

import argparse
import resource
import sys
import time
from collections import Counter
from dataclasses import dataclass
from math import ceil
from typing import cast

from bench.simulated_statement import SimulatedStatement, night_after
from local.arguments import at_least_one
from paylatch.domain.statement import Discrepancy, StatementKind
from paylatch.ports import LARGEST_STATEMENT_PAGE, Gateway, Metric, Ports
from paylatch.use_cases.reconcile import DayReport, reconcile_days
from tests.conftest import NOON
from tests.fakes.fixed_gateways import FixedGateways
from tests.fakes.memory_reconciliation_store import MemoryReconciliationStore
from tests.fakes.recorded_metrics import RecordedMetrics
from tests.fakes.sequential_id_generator import SequentialIdGenerator
from tests.fakes.settable_clock import SettableClock

PAYMENTS = 100_000
# What the day needs beyond a hundredth of it. The orders that are put right stay in memory here, 10 KB each.
MOST_MEGABYTES = 24
# Each discrepancy is asked about, and money that went back is asked about again before it is recorded.
MOST_QUESTIONS = 2


@dataclass(frozen=True, slots=True)
class Day:
    """A day that was reconciled, and what came of it."""

    statement: SimulatedStatement
    report: DayReport
    kept: MemoryReconciliationStore
    metrics: RecordedMetrics

    @property
    def found(self) -> Counter[tuple[Discrepancy, str]]:
        """What was found."""
        return Counter((finding.discrepancy, finding.subject) for finding in self.kept.found.values())

    @property
    def planted(self) -> Counter[tuple[Discrepancy, str]]:
        """What was planted."""
        return Counter(self.statement.planted())

    @property
    def foreign(self) -> int:
        """How many captures were counted as foreign."""
        return sum(state.foreign for state in self.report.progress if state.kind is StatementKind.CAPTURES)

    def excess(self) -> dict[StatementKind, int]:
        """By list: how many calls were made beyond one for 100 objects and one more."""
        calls, lengths = self.statement.calls, self.statement.lengths()
        allowed = {kind: ceil(length / LARGEST_STATEMENT_PAGE) + 1 for kind, length in lengths.items()}
        return {kind: calls[kind.value] - most for kind, most in allowed.items() if calls[kind.value] > most}

    def questions(self) -> float:
        """How many times the gateway was asked about one payment or refund, for each discrepancy."""
        asked = sum(self.statement.calls[name] for name in ("query_payment", "query_refund", "find_attempt"))
        return asked / max(1, self.planted.total())


def reconciled(payments: int) -> Day:
    """So many simulated payments, reconciled in the night after."""
    statement, kept, metrics = SimulatedStatement(payments), MemoryReconciliationStore(), RecordedMetrics()
    gateways = FixedGateways({"sandbox": cast("Gateway", statement)})
    clock = SettableClock(night_after())
    ports = Ports(statement.orders, gateways, clock, SequentialIdGenerator(), metrics)
    (report,) = reconcile_days([NOON.date()], ["sandbox"], lambda: True, kept, ports)
    return Day(statement, report, kept, metrics)


def broken(day: Day) -> list[str]:
    """What the day does not keep of the promises."""
    checks = {
        "a list was not gone through": day.report.done,
        "something failed": not day.metrics.failed,
        "something was not found": not day.planted - day.found,
        "something was found that was not planted": not day.found - day.planted,
        "a foreign payment was not counted": day.foreign == day.statement.foreign(),
        "a finding was not counted once": day.metrics.times(Metric.STATEMENT_DIFFERS) == day.planted.total(),
        "a list was asked for too often": not day.excess(),
        "the gateway was asked too often": day.questions() <= MOST_QUESTIONS,
    }
    return [fault for fault, holds in checks.items() if not holds]


def main() -> int:
    """Print what was found; return 1 where a promise is broken."""
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--payments", type=at_least_one, default=PAYMENTS)
    payments = parser.parse_args().payments
    print(__doc__)
    reconciled(payments // 100)
    before, begun = _megabytes(), time.process_time()
    day = reconciled(payments)
    seconds, grown = time.process_time() - begun, _megabytes() - before
    _print(day, seconds / payments * 1e6, grown)
    faults = broken(day) + (["the memory grew with the day"] if grown > MOST_MEGABYTES else [])
    for fault in faults:
        print(f"BROKEN: {fault}")
    return 1 if faults else 0


def _print(day: Day, microseconds: float, grown: float) -> None:
    planted = Counter(name for name, _ in day.planted)
    found = Counter(name for name, _ in day.found & day.planted)
    for name in planted:
        print(f"{name.value:<24}{found[name]:>6} of {planted[name]:>4} found")
    print(f"{'foreign payments':<24}{day.foreign:>6} of {day.statement.foreign():>4} counted")
    print(f"{'false alarms':<24}{(day.found - day.planted).total():>6}\n")
    for kind, length in day.statement.lengths().items():
        calls = day.statement.calls[kind.value]
        print(
            f"{kind.value:<12}{length:>8} objects{calls:>7} calls{calls / max(1, length) * 100:>8.2f} for 100 objects"
        )
    reads = day.statement.orders.reads / max(1, sum(day.statement.lengths().values())) * 100
    print(f"\n{reads:.2f} batch reads of heads for 100 objects, {day.questions():.2f} questions for each discrepancy")
    print(f"{microseconds:.0f} µs of processor time a payment; {grown:.1f} MB more than for a hundredth of the day")


def _megabytes() -> float:
    return resource.getrusage(resource.RUSAGE_SELF).ru_maxrss / 1024


if __name__ == "__main__":
    sys.exit(main())
