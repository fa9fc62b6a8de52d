"""Mutation tests of the model checker: each mutant of the product is explored in its own process until an invariant is
violated.

`python -m tests.model_checker.mutants` runs them all; survivors must be explained in `survivors.toml`.
"""

# ruff: noqa: T201 - it prints for a person at a terminal.

import argparse
import ast
import gc
import importlib
import multiprocessing
import os
import resource
import select
import sys
import time
import tomllib
from collections import Counter
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from importlib.abc import Loader, MetaPathFinder
from importlib.machinery import ModuleSpec
from importlib.util import spec_from_loader
from pathlib import Path
from random import Random
from types import ModuleType

from tests.model_checker.mutations import MODULES, Mutant, mutants_of, path_of

EXPLAINED = Path(__file__).with_name("survivors.toml")
# Processor time: a mutant that does not terminate counts as killed.
LONGEST_SECONDS = 300
HINTS = 10
# Every module is also run unchanged, the first one through all scenarios, the others through this many: a control that
# is killed shows a fault of the harness.
UNCHANGED = ": unchanged"
CONTROL = 40


@dataclass(frozen=True, slots=True)
class Verdict:
    """A mutant's result: the invariant that it violates and the scenario, or nothing."""

    mutant: Mutant
    killed_by: str
    where: str
    seconds: float


class MutantFinder(MetaPathFinder, Loader):
    """Imports one module from a mutant's source."""

    def __init__(self, mutant: Mutant) -> None:
        self._mutant = mutant

    def find_spec(self, fullname: str, path: object, target: ModuleType | None = None) -> ModuleSpec | None:
        return spec_from_loader(fullname, self) if fullname == self._mutant.module else None

    def exec_module(self, module: ModuleType) -> None:
        code = compile(self._mutant.source, str(path_of(self._mutant.module)), "exec")
        module.__dict__["_negated_clause"] = _negated_clause
        exec(code, module.__dict__)


def _negated_clause(template: object) -> object:
    # Not before it is called: it needs the product, which is just being imported.
    return importlib.import_module("tests.model_checker.negated_clauses").negated_template(template)


def first_violation_of(mutant: Mutant, hints: Sequence[str]) -> str:
    """The invariant that the mutant violates and the scenario, as two lines; empty where it survives."""
    sys.meta_path.insert(0, MutantFinder(mutant))
    try:
        mutation_scenarios = importlib.import_module("tests.model_checker.mutation_scenarios")
    except Exception as error:
        return f"\nit does not start: {error!r}"
    try:
        invariant, code = mutation_scenarios.first_violation(
            hints, most=CONTROL if mutant.name.endswith(UNCHANGED) else None
        )
    except Exception as error:
        return f"\nno crash: {error!r}"
    return f"{code}\n{invariant}" if invariant else ""


def verdicts(mutants: Sequence[Mutant], workers: int) -> Iterator[Verdict]:
    """The verdict on each mutant in order of completion, from that many processes at a time."""
    waiting = list(mutants)[::-1]
    running: dict[int, tuple[Mutant, int, float]] = {}
    killing_scenarios: dict[str, Counter[str]] = {}
    while waiting or running:
        while waiting and len(running) < workers:
            mutant = waiting.pop()
            hints = [code for code, _ in killing_scenarios.get(mutant.module, Counter()).most_common(HINTS)]
            reader, child = _begun(mutant, hints)
            running[reader] = (mutant, child, time.monotonic())
        ready, _, _ = select.select(list(running), [], [])
        for reader in ready:
            mutant, child, since = running.pop(reader)
            with os.fdopen(reader) as pipe:
                code, _, violation = pipe.read().partition("\n")
            if ":" in code:
                killing_scenarios.setdefault(mutant.module, Counter())[code] += 1
            _, status = os.waitpid(child, 0)
            killed_by = "no end: it does not terminate" if os.WIFSIGNALED(status) else violation
            yield Verdict(mutant, killed_by, code, time.monotonic() - since)


def _begun(mutant: Mutant, hints: Sequence[str]) -> tuple[int, int]:
    reader, writer = os.pipe()
    child = os.fork()
    if child:
        os.close(writer)
        return reader, child
    os.close(reader)
    resource.setrlimit(resource.RLIMIT_CPU, (LONGEST_SECONDS, LONGEST_SECONDS))
    gc.disable()
    violation = first_violation_of(mutant, hints)
    with os.fdopen(writer, "w") as pipe:
        pipe.write(violation)
    os._exit(0)


def controls() -> list[Mutant]:
    """Every module unchanged, through the same harness; all of them must survive."""
    sources = {module: ast.unparse(ast.parse(path_of(module).read_text())) for module in MODULES}
    short = [Mutant(f"{module}{UNCHANGED}", module, source) for module, source in sources.items()]
    return [Mutant(f"{MODULES[0]}{UNCHANGED}, to the end", MODULES[0], sources[MODULES[0]]), *short]


def explained_survivors() -> dict[str, str]:
    """By the name of a mutant, why it is harmless, or which other test kills it."""
    groups = tomllib.loads(EXPLAINED.read_text())["survivors"]
    return {name: group["because"] for group in groups for name in group["mutants"]}


def report(found: Sequence[Verdict], explained: dict[str, str]) -> int:
    """Print the kills by invariant, and every survivor with its reason; return the number of unexplained survivors."""
    killed = [verdict for verdict in found if verdict.killed_by]
    by_invariant = Counter(verdict.killed_by.split(":")[0] for verdict in killed)
    for invariant, count in by_invariant.most_common():
        print(f"{count:5} killed by {invariant}")
    unexplained = 0
    for verdict in found:
        if not verdict.killed_by:
            reason = explained.get(verdict.mutant.name)
            unexplained += reason is None
            print(f"survived: {verdict.mutant.name}\n    {reason or 'NOT EXPLAINED'}")
    share = 100 * len(killed) / max(1, len(found))
    print(f"{len(killed)} of {len(found)} mutants killed: {share:.1f} %; {unexplained} survivors not explained")
    return unexplained + (share < 95)


def unchanged_product(workers: int) -> int:
    """Explore the mutation scenarios on the unchanged product, a part per worker; 0 when no invariant is violated."""
    mutation_scenarios = importlib.import_module("tests.model_checker.mutation_scenarios")
    with multiprocessing.get_context("fork").Pool(workers) as pool:
        parts = [(part, workers) for part in range(workers)]
        violation = [found for found in pool.starmap(mutation_scenarios.first_broken_promise_of, parts) if found[0]]
    for invariant, code in violation:
        print(f"An invariant is violated.\n{invariant}\n  in {code}")
        print(mutation_scenarios.metric_counted(code))
    if not violation:
        print(f"{len(list(mutation_scenarios.mutation_scenarios()))} scenarios: no invariant is violated")
    return int(bool(violation))


def chosen_mutants(only: str, sample: int, seed: int) -> list[Mutant]:
    """The mutants whose name contains a text: all of them, or a random sample."""
    mutants = [mutant for module in MODULES for mutant in mutants_of(module) if only in mutant.name]
    return Random(seed).sample(mutants, sample) if 0 < sample < len(mutants) else mutants


def main() -> int:
    """Run the mutants, all or those whose name contains a text; or the same scenarios on the unchanged product."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--only", default="", help="only mutants whose name contains this")
    parser.add_argument("--sample", type=int, default=0, help="only a random sample of this size")
    parser.add_argument("--seed", type=int, default=0, help="of the sample")
    parser.add_argument("--unchanged", action="store_true", help="no mutants: explore the unchanged product")
    parser.add_argument("--workers", type=int, default=os.cpu_count() or 1)
    parser.add_argument("--verbose", action="store_true", help="print each verdict as it comes")
    arguments = parser.parse_args()
    if arguments.unchanged:
        return unchanged_product(arguments.workers)
    for verdict in verdicts(controls(), arguments.workers):
        if verdict.killed_by:
            print(f"{verdict.mutant.name} was killed by {verdict.killed_by}: the harness is broken")
            return 1
    mutants = chosen_mutants(arguments.only, arguments.sample, arguments.seed)
    found = []
    for verdict in verdicts(mutants, arguments.workers):
        found.append(verdict)
        if arguments.verbose:
            end = f"{verdict.killed_by} [{verdict.where}]" if verdict.killed_by else "SURVIVED"
            print(f"{verdict.seconds:6.1f}s  {verdict.mutant.name}\n         {end}", flush=True)
    return report(found, explained_survivors())


if __name__ == "__main__":
    sys.exit(main())
