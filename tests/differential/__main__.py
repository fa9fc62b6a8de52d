"""`make differential`: several emulators instead of one. The same random walk gives the same answers on all of them and
in memory.
"""

import argparse
import sys
from concurrent.futures import ProcessPoolExecutor
from multiprocessing import get_context

from local.arguments import at_least_one
from local.progress import say
from tests.differential.comparison import Report, compare
from tests.differential.emulators import EMULATORS

KINDS = ("applied", "rejected", "document", "head", "content", "history", "index")


def main() -> int:
    """Print the table and every difference; return 1 where there is one, or nothing was run."""
    parser = argparse.ArgumentParser(prog='make differential ARGS="…"', description=__doc__)
    parser.add_argument("--operations", type=at_least_one, default=10_000)
    parser.add_argument("--seed", type=int, default=4)
    parser.add_argument("--only", choices=EMULATORS, help="this emulator alone")
    options = parser.parse_args()
    chosen = [options.only] if options.only else list(EMULATORS)
    say(f"{options.operations} operations of seed {options.seed}, each against the store in memory\n")
    say(f"{'':<16}{'total':>8}" + "".join(f"{kind:>10}" for kind in KINDS) + f"{'differ':>9}{'seconds':>9}")
    # Processes, because moto intercepts every AWS call of its own process.
    with ProcessPoolExecutor(len(chosen), mp_context=get_context("spawn")) as pool:
        runs = [pool.submit(compare, emulator, options.seed, options.operations) for emulator in chosen]
        reports = [_printed(run.result()) for run in runs]
    for report in reports:
        for difference in report.differences:
            say(f"\n{report.emulator}, {difference}")
    return int(any(report.differences for report in reports) or all(report.absent for report in reports))


def _printed(report: Report) -> Report:
    if report.absent:
        say(f"{report.emulator:<16} NOT RUN: {report.absent}")
    else:
        counts = "".join(f"{report.counts[kind]:>10}" for kind in KINDS)
        ends = f"{len(report.differences):>9}{report.seconds:>9.0f}"
        say(f"{report.emulator:<16}{report.counts.total():>8}{counts}{ends}")
    return report


if __name__ == "__main__":
    sys.exit(main())
