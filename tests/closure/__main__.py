"""`make closure`: every reachable head under every transition. Prints the shortest sequence to any violation."""

import argparse
import os
import sys
from collections import Counter
from collections.abc import Sequence

from local.arguments import at_least_one
from local.progress import say
from tests.closure.closure import ClosureResult
from tests.closure.mutants import MutantVerdict, all_weakenings, explained_survivors, verdicts
from tests.closure.runs import NIGHTLY, USUAL, closed
from tests.closure.weakenings import Weakening


def main() -> int:
    """Return 0 when no invariant is violated, or when every mutant is killed or explained."""
    parser = argparse.ArgumentParser(prog='make closure ARGS="…"', description=__doc__)
    parser.add_argument("--nightly", action="store_true", help="the larger configurations too")
    parser.add_argument("--mutants", action="store_true", help="drop each clause and each change in turn")
    parser.add_argument("--clauses", action="store_true", help="with --mutants: clauses only, as for every change")
    parser.add_argument("--only", default="", help="only configurations, or mutants, whose name contains this")
    parser.add_argument("--workers", type=at_least_one, default=os.cpu_count() or 1)
    options = parser.parse_args()
    if options.mutants:
        chosen = [each for each in all_weakenings(options.clauses) if options.only in each.name]
        return _judge(chosen or parser.error(f"no mutant has {options.only!r} in its name"), options.workers)
    configurations = [*(NIGHTLY if options.nightly else ()), *USUAL]
    chosen_ones = [each for each in configurations if options.only in each.name]
    if not chosen_ones:
        parser.error(f"no configuration has {options.only!r} in its name")
    say(f"{'configuration':<24}{'attempts':>9}{'contents':>9}{'payments':>9}{'heads':>11}{'moves':>12}{'CPU s':>8}")
    results = []
    for result in closed(chosen_ones, options.workers):
        results.append(result)
        _report(result)
    return int(any(result.violation for result in results))


def _report(result: ClosureResult) -> None:
    of = result.configuration
    sizes = f"{of.attempts:>9}{of.contents:>9}{of.payments:>9}"
    say(f"{of.name:<24}{sizes}{result.heads:>11,}{result.moves:>12,}{result.seconds:>8.0f}")
    if result.violation is not None:
        say(f"\nVIOLATED {result.violation}")
        for number, step in enumerate(result.sequence, 1):
            say(f"  {number:>2}. {step}")
        say("")


def _judge(weakenings: Sequence[Weakening], workers: int) -> int:
    explained = explained_survivors()
    survivors, by_invariant = [], Counter[str]()
    for verdict in verdicts(weakenings, workers):
        if verdict.killed_by:
            by_invariant[verdict.killed_by.split(":")[0]] += 1
            where = f"{verdict.where}, {verdict.steps} moves, {verdict.seconds:.1f} s"
            say(f"killed    {verdict.weakening.name}\n          {verdict.killed_by[:100]} [{where}]")
        else:
            survivors.append(verdict)
            say(
                f"SURVIVED  {verdict.weakening.name} [{verdict.seconds:.1f} s]\n          {_reason(verdict, explained)}"
            )
    say("")
    for invariant, count in by_invariant.most_common():
        say(f"{count:5} killed by {invariant}")
    open_ones = sum(verdict.weakening.name not in explained for verdict in survivors)
    killed = by_invariant.total()
    say(f"{killed} of {len(weakenings)} mutants killed; {open_ones} survivors without an explanation")
    return int(open_ones > 0)


def _reason(verdict: MutantVerdict, explained: dict[str, str]) -> str:
    return explained.get(verdict.weakening.name, "NOT EXPLAINED")


if __name__ == "__main__":
    sys.exit(main())
