"""`python -m tests.model_checker`: explore for a number of minutes, or replay one schedule or random walk."""

# ruff: noqa: T201 - it prints for a person at a terminal.

import argparse
import os
import secrets
import sys
import time
from collections.abc import Iterable, Mapping

from local.arguments import at_least_one, minutes
from tests.model_checker.convergence import SITUATIONS, check_convergence
from tests.model_checker.exploration import Counts
from tests.model_checker.handler_equivalence import compare_handlers_again
from tests.model_checker.random_walks import random_walk
from tests.model_checker.runner import (
    BEYOND_CORE,
    CORE,
    LONG_CORE,
    STAGES,
    Coverage,
    Result,
    Stage,
    exhaustive_results,
    results,
    spaces,
)
from tests.model_checker.scenarios import PROFILES
from tests.model_checker.search import Failure, replayed
from tests.model_checker.state_space import StateSpace


def main() -> int:
    """Return 0 when no invariant is violated."""
    parser = argparse.ArgumentParser(prog="python -m tests.model_checker", description=__doc__)
    parser.add_argument("--minutes", type=minutes, default=4.0, help="how long to explore")
    parser.add_argument(
        "--core",
        action="store_true",
        help="explore what a change must pass: pairs and triples, and the core of them with faults",
    )
    parser.add_argument(
        "--long", action="store_true", help="with --core: all pairs, and triples with two faults (runs overnight)"
    )
    parser.add_argument("--beyond-core", action="store_true", help="leave out what --core explores completely")
    parser.add_argument("--workers", type=at_least_one, default=os.cpu_count() or 1, help="processes that explore")
    parser.add_argument("--seed", type=int, default=None, help="of the random walks; random by default")
    parser.add_argument("--replay", default="", help="the code of a schedule, or of a walk: 'walk SEED:NUMBER'")
    arguments = parser.parse_args()
    if arguments.replay:
        return _replay(arguments.replay)
    seed = secrets.randbelow(10**6) if arguments.seed is None else arguments.seed
    if arguments.core:
        core: tuple[Stage, ...] = LONG_CORE if arguments.long else CORE
        return _explore(exhaustive_results(arguments.workers, core), core, "none")
    stages = BEYOND_CORE if arguments.beyond_core else STAGES
    return _explore(results(arguments.minutes, arguments.workers, seed, stages), stages, f"seed {seed}")


def _replay(code: str) -> int:
    failure = _again(code)
    print(failure or "No invariant is violated.")
    return int(failure is not None)


def _again(code: str) -> Failure | None:
    if code.startswith("functions "):
        found = compare_handlers_again(code)
        return found if isinstance(found, Failure) else None
    return _walk_again(code) if code.startswith("walk ") else replayed(code)


def _walk_again(code: str) -> Failure | None:
    seed, number = (int(part) for part in code.removeprefix("walk ").split(":"))
    found = random_walk(seed, number, lambda profile: StateSpace(PROFILES[profile]))
    return found if isinstance(found, Failure) else None


def _explore(found: Iterable[Result], stages: tuple[Stage, ...], walk_seed: str) -> int:
    began = time.monotonic()
    orders = check_convergence()
    print(
        f"callbacks: {orders} orders of up to six deliveries in {len(SITUATIONS)} situations, all converge", flush=True
    )
    coverage = {stage: Coverage(len(chosen)) for stage, chosen in spaces(stages).items()}
    walks = Coverage()
    for result in found:
        if result.failure is not None:
            print(f"\n\nAn invariant is violated.\n{result.failure}")
            return 1
        _note(walks if result.stage is None else coverage[result.stage], result)
        _show_progress(result.stage, coverage)
    print(end="\033[K" if sys.stderr.isatty() else "", file=sys.stderr, flush=True)
    _print_coverage(coverage.items(), walks, walk_seed)
    total = _total([*(part.counts for part in coverage.values()), walks.counts])
    if not total.states:
        print("Nothing was explored in that time.")
        return 1
    print(
        f"\n{total.states:,} states, {total.moves:,} moves, {total.faults:,} of them faults: no violation in "
        f"{time.monotonic() - began:.0f} s"
        f"\n{total.ends:,} end states, all quiescent; {total.handler_histories:,} process histories replayed on the "
        f"handlers with equal calls and responses"
        f"\n{total.schedules:,} complete schedules, and {total.refused:,} more in which only refused callers act"
    )
    return 0


def _note(part: Coverage, result: Result) -> None:
    part.done += result.scenarios
    part.seconds += result.seconds
    part.counts.add(result.counts)


def _show_progress(stage: Stage | None, coverage: Mapping[Stage, Coverage]) -> None:
    """Show progress on a terminal only."""
    if stage is not None and sys.stderr.isatty():
        part = coverage[stage]
        print(f"\r\033[K{stage}: {part.done} of {part.total}", end="\r", file=sys.stderr, flush=True)


def _print_coverage(parts: Iterable[tuple[Stage, Coverage]], walks: Coverage, walk_seed: str) -> None:
    print(f"\n{'space':54} {'scenarios explored':>19} {'schedules':>22} {'states':>12} {'faults':>11} {'CPU s':>7}")
    for stage, part in parts:
        share = f"{part.done or 'none'} of {part.total}"
        print(_row(str(stage), share, part))
    print(_row(f"walks, {walk_seed}: 3 to 6 processes, 5 faults", str(walks.done), walks))


def _row(name: str, share: str, part: Coverage) -> str:
    counts = part.counts
    numbers = f"{counts.schedules:>22,} {counts.states:>12,} {counts.faults:>11,} {part.seconds:>7.0f}"
    return f"{name:58} {share:>15} {numbers}"


def _total(parts: Iterable[Counts]) -> Counts:
    total = Counts()
    for part in parts:
        total.add(part)
    return total


if __name__ == "__main__":
    sys.exit(main())
