"""`python -m tests.mutants`: mutation tests of the model checker.

Each mutant of the product is explored in its own process until an invariant is violated. Survivors must be explained in
`survivors.toml`.
"""

# ruff: noqa: T201 - it prints for a person at a terminal.

import argparse
import importlib
import os
import sys
from collections import Counter
from collections.abc import Sequence
from random import Random

from local.arguments import at_least_one
from tests.model_checker.worker_affinity import done_by_profile
from tests.mutants.mutants import Mutant, all_mutants
from tests.mutants.survivors import explained_survivors
from tests.mutants.tests_of_modules import import_tools
from tests.mutants.verdicts import Run, Verdict, controls, verdicts


def report(found: Sequence[Verdict], explained: dict[str, str]) -> int:
    """Print the kills by invariant, and every survivor with its reason; return the number of unexplained survivors."""
    killed = [verdict for verdict in found if verdict.killed_by]
    by_invariant = Counter(verdict.killed_by.split(":")[0] for verdict in killed)
    for invariant, count in by_invariant.most_common():
        print(f"{count:5} killed by {invariant}")
    unexplained = 0
    for verdict in found:
        if not verdict.killed_by:
            reason = explained.get(verdict.run.name)
            unexplained += reason is None
            print(f"survived: {verdict.run.name}\n    {reason or 'NOT EXPLAINED'}")
    share = 100 * len(killed) / max(1, len(found))
    print(f"{len(killed)} of {len(found)} mutants killed: {share:.1f} %; {unexplained} survivors not explained")
    return unexplained + (share < 95)


def unchanged_product(workers: int) -> int:
    """Explore the mutation scenarios on the unchanged product; 0 when no invariant is violated."""
    scenarios = importlib.import_module("tests.mutants.scenarios")
    parts = scenarios.scenarios_by_profile()
    violation = [found for found in done_by_profile(parts, workers, scenarios.first_violation_of_part) if found[0]]
    for invariant, code in violation:
        print(f"An invariant is violated.\n{invariant}\n  in {code}")
        print(scenarios.metric_counted(code))
    if not violation:
        print(f"{len(list(scenarios.mutation_scenarios()))} scenarios: no invariant is violated")
    return int(bool(violation))


def chosen_mutants(only: str, sample: int, seed: int) -> list[Mutant]:
    """The mutants whose kind or name contains a text: all of them, or a random sample."""
    mutants = [mutant for mutant in all_mutants() if only in str(mutant)]
    return Random(seed).sample(mutants, sample) if 0 < sample < len(mutants) else mutants


def main() -> int:
    """Run the mutants, all or some; or list them; or run the same scenarios on the unchanged product."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--only", default="", help="only mutants whose kind or name contains this")
    parser.add_argument("--list", action="store_true", help="list the mutants, a line each, and run none")
    parser.add_argument("--sample", type=int, default=0, help="only a random sample of this size")
    parser.add_argument("--seed", type=int, default=0, help="of the sample")
    parser.add_argument("--unchanged", action="store_true", help="no mutants: explore the unchanged product")
    parser.add_argument("--workers", type=at_least_one, default=os.cpu_count() or 1)
    parser.add_argument("--verbose", action="store_true", help="print each verdict as it comes")
    arguments = parser.parse_args()
    mutants = chosen_mutants(arguments.only, arguments.sample, arguments.seed)
    if not mutants:
        parser.error(f"no mutant has {arguments.only!r} in its kind or name")
    if arguments.list:
        print(*mutants, sep="\n")
        return 0
    if arguments.unchanged:
        return unchanged_product(arguments.workers)
    chosen = list(dict.fromkeys(mutant.module for mutant in mutants))
    import_tools(chosen)
    for verdict in verdicts(controls(chosen), arguments.workers):
        if verdict.killed_by:
            print(f"{verdict.run.name} was killed by {verdict.killed_by}: the harness is broken")
            return 1
    found = []
    for verdict in verdicts((Run(mutant.module, mutant) for mutant in mutants), arguments.workers):
        found.append(verdict)
        if arguments.verbose:
            end = f"{verdict.killed_by} [{verdict.where}]" if verdict.killed_by else "SURVIVED"
            print(f"{verdict.seconds:6.1f}s  {verdict.run.name}\n         {end}", flush=True)
    return report(found, explained_survivors())


if __name__ == "__main__":
    sys.exit(main())
