"""Run the exploration on all cores within a time limit: breadth first, so that a short run covers all parts."""

import gc
import math
import multiprocessing
import resource
import time
from collections.abc import Iterable, Iterator, Set
from dataclasses import dataclass, field, replace
from itertools import groupby, zip_longest
from operator import attrgetter
from pathlib import Path

from tests.model_checker.exploration import Counts
from tests.model_checker.handler_equivalence import compare_handlers
from tests.model_checker.placing import placing_scenarios
from tests.model_checker.random_walks import random_walk
from tests.model_checker.scenarios import PROFILES, Places, Scenario, scenarios
from tests.model_checker.search import Failure, explored
from tests.model_checker.state_space import StateSpace
from tests.model_checker.worker_affinity import done_by_profile

# A state space is dropped when it has this many nodes, or its process this many bytes of memory: computing it again
# costs less than its memory, and with all workers at their most a small machine still has room for other programs.
_MOST_NODES = 60_000
MOST_MEMORY = 4 << 30
_WALKS_AT_ONCE = 50


@dataclass(frozen=True, slots=True)
class Stage:
    """One space: every group of so many processes with up to so many faults, over a short or a long span of time.

    `places`: the gateways and situations. `share`: of every so many of its scenarios one, always the same one.
    `functions`: whether the deployed functions are asked as well. `placing`: the scenarios of who places an order,
    reads it and keeps its history instead, each with its own number of faults.
    """

    size: int
    faults: int
    span: str
    places: Places = Places.EVERYWHERE
    share: int = 1
    functions: bool = False
    placing: bool = False

    def __str__(self) -> str:
        if self.placing:
            return f"placing, reading, history, {self.faults} faults"
        groups = {1: "single processes", 2: "pairs", 3: "triples"}[self.size]
        share = f", one in {self.share}" if self.share > 1 else ""
        return f"{groups}, {self.faults} faults, {self.span} span, {self.places.name.lower()}{share}"

    def includes(self, other: "Stage") -> bool:
        """Whether every schedule of the other stage is one of this stage's."""
        kinds = (self.size, self.span, self.placing) == (other.size, other.span, other.placing)
        places = self.places <= other.places and self.share in (1, other.share)
        return kinds and places and self.faults >= other.faults and self.functions >= other.functions

    @property
    def scenarios(self) -> list[Scenario]:
        """All that the stage is made of."""
        if self.placing:
            return [*placing_scenarios()]
        found = scenarios(self.size, self.faults, self.span)
        there = [scenario for scenario in found if self.places <= scenario.places]
        there.sort(key=attrgetter("profile", "start"))
        situations = groupby(there, attrgetter("profile", "start"))
        return [scenario for _, group in situations for scenario in [*group][:: self.share]]


PLACING = Stage(3, 2, "short", functions=True, placing=True)
# Each stage includes schedules with fewer faults. At each change these are explored to their end.
CORE = (
    PLACING,
    Stage(2, 0, "short", Places.GATEWAYS, share=6, functions=True),
    Stage(2, 0, "short", Places.GATEWAYS),
    Stage(2, 0, "short", share=6),
    Stage(2, 2, "short", Places.CORE),
    Stage(3, 0, "short", Places.CORE),
    Stage(3, 1, "short", Places.FINAL),
)
# For a night.
LONG_CORE = (
    PLACING,
    PLACING,
    Stage(2, 0, "short", functions=True),
    Stage(2, 2, "short", Places.CORE),
    Stage(3, 1, "short", Places.CORE),
    Stage(3, 2, "short", Places.FINAL),
)
STAGES = (
    PLACING,
    Stage(1, 1, "short", functions=True),
    Stage(3, 0, "short", Places.CORE),
    Stage(2, 2, "short", Places.CORE),
    Stage(2, 1, "late", Places.CORE),
    Stage(2, 0, "short"),
    Stage(1, 1, "late"),
    Stage(2, 1, "short"),
    Stage(1, 2, "long", Places.CORE),
    Stage(3, 2, "short", Places.CORE),
    Stage(2, 2, "short"),
    Stage(3, 0, "short"),
    Stage(2, 0, "long"),
    Stage(3, 1, "short"),
    Stage(1, 2, "long"),
    Stage(2, 1, "long"),
    Stage(3, 2, "short"),
    Stage(2, 2, "long"),
    Stage(3, 2, "long"),
)
BEYOND_CORE = tuple(stage for stage in STAGES if not any(each.includes(stage) for each in CORE))


def spaces(stages: Iterable[Stage]) -> dict[Stage, list[Scenario]]:
    """The scenarios of each stage, without those of a stage before it."""
    found: dict[Stage, list[Scenario]] = {}
    for stage in stages:
        before = {
            scenario for earlier, group in found.items() if earlier.functions >= stage.functions for scenario in group
        }
        found[stage] = [scenario for scenario in stage.scenarios if scenario not in before]
    return found


@dataclass(slots=True)
class Coverage:
    """How much of a stage was explored, in how many seconds of one processor."""

    total: int = 0
    done: int = 0
    seconds: float = 0.0
    counts: Counts = field(default_factory=Counts)


@dataclass(frozen=True, slots=True)
class Result:
    """The result of one task: `stage` None for random walks; `seconds` of one processor that it took."""

    stage: Stage | None
    scenarios: int = 0
    counts: Counts = field(default_factory=Counts)
    failure: Failure | None = None
    seconds: float = 0.0


@dataclass(frozen=True, slots=True)
class Task:
    """Scenarios of one gateway, or random walks from a seed on; not begun after `deadline`."""

    stage: Stage | None
    scenarios: tuple[Scenario, ...]
    deadline: float
    seed: int = 0
    first_walk: int = 0

    @property
    def profile(self) -> str:
        """The gateway's profile; none for random walks, which are at every gateway."""
        return self.scenarios[0].profile if self.scenarios else ""


_state_spaces: dict[str, StateSpace] = {}


def memory_in_use() -> int:
    """Bytes of memory that this process has now; 0 where the system has no such file."""
    pages = Path("/proc/self/statm")
    return int(pages.read_text().split()[1]) * resource.getpagesize() if pages.exists() else 0


def run_task(task: Task) -> Result:
    """Run the task, or as much of it as the time allows."""
    gc.disable()
    began = time.process_time()
    result = _walk(task) if task.stage is None else _explore(task.stage, task)
    return replace(result, seconds=time.process_time() - began)


def _explore(stage: Stage, task: Task) -> Result:
    counts = Counts()
    done = 0
    for scenario in task.scenarios:
        if time.time() > task.deadline:
            break
        state_space = state_space_of(scenario.profile)
        known = len(state_space.process_tree.nodes)
        found = explored(scenario, state_space, task.deadline + 20)
        if isinstance(found, Failure):
            return Result(stage, done, counts, found)
        if found is not None:
            counts.add(found)
            done += 1
        if stage.functions:
            handler_histories = compare_handlers(scenario, state_space.process_tree, known)
            if isinstance(handler_histories, Failure):
                return Result(stage, done, counts, handler_histories)
            counts.handler_histories += handler_histories
    return Result(stage, done, counts)


def _walk(task: Task) -> Result:
    counts = Counts()
    walks = 0
    for number in range(task.first_walk, task.first_walk + _WALKS_AT_ONCE):
        if time.time() > task.deadline:
            break
        found = random_walk(task.seed, number, state_space_of)
        if isinstance(found, Failure):
            return Result(None, walks, counts, found)
        counts.add(found)
        walks += 1
    return Result(None, walks, counts)


def state_space_of(profile: str) -> StateSpace:
    """The profile's state space: a new one where this process holds none, or too large ones."""
    known = _state_spaces.get(profile)
    if memory_in_use() > MOST_MEMORY:
        _drop(set(_state_spaces))
    elif known is not None and len(known.process_tree.nodes) > _MOST_NODES:
        _drop({profile})
    if profile not in _state_spaces:
        _state_spaces[profile] = StateSpace(PROFILES[profile])
    return _state_spaces[profile]


def _drop(profiles: Set[str]) -> None:
    """Give back the memory of these state spaces, which refer to themselves."""
    for profile in profiles:
        del _state_spaces[profile]
    if profiles:
        gc.collect()


def results(minutes: float, workers: int, seed: int, stages: Iterable[Stage]) -> Iterator[Result]:
    """The results as they come: nine tenths of the time for the stages in order, the rest for random walks."""
    now = time.time()
    tasks = [*_exhaustive(stages, now + 54 * minutes), *_random(seed, now + 60 * minutes)]
    yield from _done(tasks, workers)


def exhaustive_results(workers: int, stages: Iterable[Stage]) -> Iterator[Result]:
    """The results of all scenarios of these stages, however long that takes."""
    yield from done_by_profile([*_exhaustive(stages, math.inf)], workers, run_alone)


def run_alone(task: Task) -> Result:
    """Run a task of a process that stays with one profile: it keeps no other profile's state space."""
    _drop(_state_spaces.keys() - {task.profile})
    return run_task(task)


def _done(tasks: list[Task], workers: int) -> Iterator[Result]:
    with multiprocessing.get_context("fork").Pool(workers) as pool:
        yield from pool.imap_unordered(run_task, tasks)


def _exhaustive(stages: Iterable[Stage], deadline: float) -> Iterator[Task]:
    for stage, chosen in spaces(stages).items():
        by_place: dict[tuple[str, str], list[Scenario]] = {}
        for scenario in chosen:
            by_place.setdefault((scenario.profile, scenario.start), []).append(scenario)
        step = 12 if stage.size < 3 else 4
        batches = [[group[at : at + step] for at in range(0, len(group), step)] for group in by_place.values()]
        # One scenario of each part in turn: a stage cut short by time has covered every part.
        for turn in zip_longest(*batches):
            yield from (Task(stage, tuple(group), deadline) for group in turn if group is not None)


def _random(seed: int, deadline: float) -> Iterator[Task]:
    for first in range(0, 40_000, _WALKS_AT_ONCE):
        yield Task(None, (), deadline, seed, first)
