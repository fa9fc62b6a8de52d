"""`make lost-responses`: every call site of every operation, on real wires, under every fault."""

import argparse
import os
import sys
import tempfile
from collections import Counter
from collections.abc import Iterable
from concurrent.futures import ProcessPoolExecutor
from multiprocessing import get_context
from pathlib import Path

from local import emulator
from local.ports import claim
from tests.faults.fault_proxy import Fault
from tests.faults.matrix import Cell, Extent, Verdict, scenario_cells
from tests.faults.scenarios import SCENARIOS

GOOD = {Verdict.TRUE_AT_ONCE: "true", Verdict.TRUE_WHEN_ASKED_AGAIN: "503, true"}
# Most of the time is spent in waiting for time-outs.
AT_ONCE = 4


def main() -> int:
    """Print the matrix; 1 where a caller was told something false."""
    parser = argparse.ArgumentParser(prog='make lost-responses ARGS="…"', description=__doc__)
    parser.add_argument("--only", choices=[scenario.name for scenario in SCENARIOS], help="this operation alone")
    options = parser.parse_args()
    # The processes are to say nothing of their own: a thousand refusals are what is wanted here.
    os.environ |= {"POWERTOOLS_LOG_LEVEL": "CRITICAL", "PYTHONWARNINGS": "ignore:No application metrics"}
    numbers = [n for n, scenario in enumerate(SCENARIOS) if options.only in (None, scenario.name)]
    with (
        tempfile.TemporaryDirectory() as folder,
        emulator.running(claim(0, 0, 0).emulator, Path(folder)) as url,
        ProcessPoolExecutor(AT_ONCE, mp_context=get_context("spawn"), max_tasks_per_child=1) as pool,
    ):
        runs = [pool.submit(scenario_cells, url, number) for number in numbers]
        found = [cell for run in runs for cell in _printed(run.result())]
    return _summed_up(found)


def _printed(found: list[Cell]) -> list[Cell]:
    _say(f"\n{found[0].scenario}\n{'':<38}" + "".join(f"{fault:>26}" for fault in Fault))
    for site in dict.fromkeys(cell.site for cell in found):
        row = [_both(cell for cell in found if (cell.site, cell.fault) == (site, fault)) for fault in Fault]
        _say(f"  {site:<36}" + "".join(f"{text:>26}" for text in row))
    return found


def _both(found: Iterable[Cell]) -> str:
    return " / ".join(GOOD.get(cell.verdict, cell.verdict.name) for cell in found)


def _summed_up(found: list[Cell]) -> int:
    counts = Counter(cell.verdict for cell in found)
    bad = [cell for cell in found if cell.verdict not in GOOD]
    for cell in bad:
        _say(f"\n{cell.scenario}, {cell.site}, {cell.fault} {cell.extent}: {cell.verdict} ({cell.told})")
    _say(f"\n{len(found)} cells (a fault {' / '.join(Extent)}): " + ", ".join(f"{n} {v}" for v, n in counts.items()))
    return int(bool(bad))


def _say(text: str) -> None:
    sys.stdout.write(f"{text}\n")
    sys.stdout.flush()


if __name__ == "__main__":
    sys.exit(main())
