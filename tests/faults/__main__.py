"""`make lost-responses`: every call site of every operation, over real connections, under every fault."""

import argparse
import os
import sys
import tempfile
from pathlib import Path

from local import emulator
from local.ports import claim
from tests.faults.fault_proxy import NetworkFault
from tests.faults.matrix import SHORT
from tests.faults.printing import PAGE, left_out, printed, summed_up, with_matrix
from tests.faults.scenarios import SCENARIOS
from tests.faults.worker_pool import cells_by_workers


def main() -> int:
    """Print the matrix; return 1 where a response is false, or where no fault hit a transition.

    A complete matrix without a bad cell is also written into its page.
    """
    parser = argparse.ArgumentParser(prog='make lost-responses ARGS="…"', description=__doc__)
    parser.add_argument("--only", choices=[scenario.name for scenario in SCENARIOS], help="this operation alone")
    parser.add_argument("--short", action="store_true", help=f"these faults alone: {', '.join(SHORT)}")
    options = parser.parse_args()
    # No log output of the handlers: a thousand refusals are expected here.
    os.environ |= {"POWERTOOLS_LOG_LEVEL": "CRITICAL", "PYTHONWARNINGS": "ignore:No application metrics"}
    numbers = [n for n, scenario in enumerate(SCENARIOS) if options.only in (None, scenario.name)]
    faults = SHORT if options.short else tuple(NetworkFault)
    with tempfile.TemporaryDirectory() as folder, emulator.running(claim(0, 0, 0).emulator, Path(folder)) as url:
        found = [cell for cells in cells_by_workers(url, numbers, faults) for cell in printed(cells)]
    failed = summed_up(found) or (not options.only and left_out(found))
    if not (options.only or options.short or failed):
        PAGE.write_text(with_matrix(PAGE.read_text(), found))
    return int(failed)


if __name__ == "__main__":
    sys.exit(main())
