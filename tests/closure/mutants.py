"""Mutation tests of the closure: each weakened transition is closed over until an invariant is violated."""

import tomllib
from collections.abc import Iterator, Sequence
from concurrent.futures import ProcessPoolExecutor
from dataclasses import dataclass, replace
from multiprocessing import get_context
from pathlib import Path

from tests.closure.closure import Closure
from tests.closure.runs import LATE, SMALL
from tests.closure.state_invariants import LAW_2
from tests.closure.weakenings import VERSION_CLAUSE, Weakening, weakenings_in

EXPLAINED = Path(__file__).with_name("survivors.toml")


@dataclass(frozen=True, slots=True)
class MutantVerdict:
    """A mutant's result: the invariant that it violates, in which configuration, after how many moves."""

    weakening: Weakening
    killed_by: str
    where: str = ""
    steps: int = 0
    seconds: float = 0.0


def all_weakenings(clauses_only: bool) -> list[Weakening]:
    """The weakenings of all transitions that the small configurations plan."""
    return sorted(set().union(*(weakenings_in(configuration, clauses_only) for configuration in SMALL)))


def verdicts(weakenings: Sequence[Weakening], workers: int) -> Iterator[MutantVerdict]:
    """The verdict on each, in order."""
    with ProcessPoolExecutor(workers, mp_context=get_context("spawn")) as pool:
        yield from pool.map(verdict_on, weakenings)


def verdict_on(weakening: Weakening) -> MutantVerdict:
    """Close the small configurations, one after another, over the weakened transition.

    Law 2 reports a plan without a version at once; so the configurations where such plans arrive late come first and
    show the harm.
    """
    seconds, by_invariant = 0.0, MutantVerdict(weakening, "")
    for configuration in (LATE, *SMALL) if weakening.part == VERSION_CLAUSE else SMALL:
        try:
            result = Closure(configuration, weakening).run()
        except Exception as error:
            return MutantVerdict(weakening, f"an error: {error!r}", configuration.name, 0, seconds)
        seconds += result.seconds
        if result.violation is not None:
            found = MutantVerdict(weakening, str(result.violation), configuration.name, len(result.sequence), seconds)
            if result.violation.invariant != LAW_2:
                return found
            by_invariant = found
    return replace(by_invariant, seconds=seconds)


def explained_survivors() -> dict[str, str]:
    """By the name of a mutant, why it is harmless, or which other test kills it."""
    groups = tomllib.loads(EXPLAINED.read_text())["survivors"]
    return {name: group["because"] for group in groups for name in group["mutants"]}
