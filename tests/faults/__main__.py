"""`make lost-responses`: every call site of every operation, on real wires, under every fault."""

import argparse
import os
import sys
import tempfile
from concurrent.futures import ProcessPoolExecutor
from multiprocessing import get_context
from pathlib import Path

from local import emulator
from local.ports import claim
from tests.faults.matrix import scenario_cells
from tests.faults.printing import printed, summed_up
from tests.faults.scenarios import SCENARIOS

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
        found = [cell for run in runs for cell in printed(run.result())]
    return summed_up(found)


if __name__ == "__main__":
    sys.exit(main())
