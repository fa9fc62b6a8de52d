"""Each mutant of the product is explored in its own process until an invariant is violated."""

import gc
import importlib
import os
import resource
import select
import sys
import time
from collections import Counter
from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass
from importlib.abc import Loader, MetaPathFinder
from importlib.machinery import ModuleSpec
from importlib.util import spec_from_loader
from types import ModuleType

from tests.mutants.modules_of_one_step import step_of
from tests.mutants.mutants import EXPLORED, MODULES, Mutant, path_of, source_of, unchanged_source_of
from tests.mutants.tests_of_modules import first_failing_test

# Processor time: a mutant that does not terminate counts as killed.
LONGEST_SECONDS = 600
HINTS = 10
# Scenarios of a control.
CONTROL = 40


@dataclass(frozen=True, slots=True)
class Run:
    """A module's source to explore, for a mutant or, without one, as a control; `most` limits the scenarios."""

    module: str
    mutant: Mutant | None = None
    most: int | None = None

    @property
    def name(self) -> str:
        return self.mutant.name if self.mutant else f"{self.module}: unchanged"

    @property
    def source(self) -> str:
        return source_of(self.mutant) if self.mutant else unchanged_source_of(self.module)


@dataclass(frozen=True, slots=True)
class Verdict:
    """The result of a run: the invariant that is violated and the scenario, or nothing."""

    run: Run
    killed_by: str
    where: str
    seconds: float


class MutantFinder(MetaPathFinder, Loader):
    """Imports the module of a run from the source of that run."""

    def __init__(self, run: Run) -> None:
        self._run = run

    def find_spec(self, fullname: str, path: object, target: ModuleType | None = None) -> ModuleSpec | None:
        return spec_from_loader(fullname, self) if fullname == self._run.module else None

    def exec_module(self, module: ModuleType) -> None:
        code = compile(self._run.source, str(path_of(self._run.module)), "exec")
        module.__dict__["_negated_clause"] = _negated_clause
        exec(code, module.__dict__)


def _negated_clause(template: object) -> object:
    # Not before it is called: it needs the product, which is just being imported.
    return importlib.import_module("tests.mutants.negated_clauses").negated_template(template)


def first_violation_of(run: Run, hints: Sequence[str]) -> str:
    """The scenario and the invariant that is violated in it, as two lines; empty where none is.

    Where none is, the module's own tests judge it.
    """
    sys.meta_path.insert(0, MutantFinder(run))
    if run.module in EXPLORED and (found := _violation_of(run, hints)):
        return found
    failing = first_failing_test(run.module)
    return f"\na test: {failing}" if failing else ""


def _violation_of(run: Run, hints: Sequence[str]) -> str:
    try:
        scenarios = importlib.import_module("tests.mutants.scenarios")
    except Exception as error:
        return f"\nit does not start: {error!r}"
    try:
        invariant, code = scenarios.first_violation(hints, most=run.most, step=step_of(run.module))
    except Exception as error:
        return f"\nno crash: {error!r}"
    return f"{code}\n{invariant}" if invariant else ""


def verdicts(runs: Iterable[Run], workers: int) -> Iterator[Verdict]:
    """The verdict on each run in order of completion, from that many processes at a time."""
    waiting = list(runs)[::-1]
    running: dict[int, tuple[Run, int, float]] = {}
    killing_scenarios: dict[str, Counter[str]] = {}
    while waiting or running:
        while waiting and len(running) < workers:
            run = waiting.pop()
            hints = [code for code, _ in killing_scenarios.get(run.module, Counter()).most_common(HINTS)]
            reader, child = _begun(run, hints)
            running[reader] = (run, child, time.monotonic())
        ready, _, _ = select.select(list(running), [], [])
        for reader in ready:
            run, child, since = running.pop(reader)
            with os.fdopen(reader) as pipe:
                code, _, violation = pipe.read().partition("\n")
            if ":" in code:
                killing_scenarios.setdefault(run.module, Counter())[code] += 1
            _, status = os.waitpid(child, 0)
            killed_by = "no end: it does not terminate" if os.WIFSIGNALED(status) else violation
            yield Verdict(run, killed_by, code, time.monotonic() - since)


def _begun(run: Run, hints: Sequence[str]) -> tuple[int, int]:
    reader, writer = os.pipe()
    child = os.fork()
    if child:
        os.close(writer)
        return reader, child
    os.close(reader)
    resource.setrlimit(resource.RLIMIT_CPU, (LONGEST_SECONDS, LONGEST_SECONDS))
    gc.disable()
    violation = first_violation_of(run, hints)
    with os.fdopen(writer, "w") as pipe:
        pipe.write(violation)
    os._exit(0)


def controls(modules: Sequence[str]) -> list[Run]:
    """These modules unchanged through some scenarios: one that is killed shows a fault of the harness.

    Where all modules are meant, the first one goes through all scenarios, too; that takes minutes.
    """
    whole = [Run(MODULES[0])] if set(modules) == set(MODULES) else []
    return [*whole, *(Run(module, most=CONTROL) for module in modules)]
