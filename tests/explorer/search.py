"""Explore scenarios, and make a short story of the first schedule that breaks a promise."""

import time
from collections.abc import Sequence
from dataclasses import dataclass

from tests.explorer.exploration import Counts, Exploration, OutOfTime, path_to
from tests.explorer.promises import Broken
from tests.explorer.scenarios import TEMPERS, Scenario, started
from tests.explorer.story import told
from tests.explorer.universe import Move, State, Universe


@dataclass(frozen=True, slots=True)
class Failure:
    """A schedule that breaks a promise; `code` replays it."""

    code: str
    promise: str
    what: str
    story: tuple[str, ...]

    def __str__(self) -> str:
        lines = (f"{self.promise}: {self.what}", *(f"  {line}" for line in self.story), f"  replay: {self.code}")
        return "\n".join(lines)


def explored(scenario: Scenario, universe: Universe, deadline: float | None = None) -> Counts | Failure | None:
    """All schedules of the scenario; or the shortest that breaks a promise; None where time runs out."""
    start = started(universe, scenario)
    parents: dict[State, tuple[State, Move]] = {}
    try:
        return Exploration(universe, scenario.limits, start, deadline=deadline).run()
    except OutOfTime:
        return None
    except Broken:
        pass
    try:
        Exploration(universe, scenario.limits, start, parents=parents).run()
    except Broken as broken:
        if isinstance(broken.state, State):
            return failure_of(scenario, universe, path_to(parents, broken.state))
    raise AssertionError(f"a failure that does not happen again in {scenario.code} at {time.ctime()}")


def replayed(code: str) -> Failure | None:
    """The failure that the schedule of this code shows, if it still does."""
    name, _, path = code.partition("#")
    scenario = Scenario.named(name)
    universe = Universe(TEMPERS[scenario.temper])
    state = started(universe, scenario)
    moves: list[Move] = []
    for index in (int(part) for part in path.split(".") if part):
        move, state = universe.moves(state, scenario.limits)[index]
        moves.append(move)
    try:
        look_at(universe, state, scenario)
    except Broken:
        return failure_of(scenario, universe, moves)
    return None


def look_at(universe: Universe, state: State, scenario: Scenario) -> None:
    """All the promises in that state, of its end where it may be one, and of every next move. Raises `Broken`."""
    universe.check(state)
    if universe.is_over(state):
        universe.check_end(state, scenario.limits)
    universe.moves(state, scenario.limits)


def failure_of(scenario: Scenario, universe: Universe, moves: Sequence[Move]) -> Failure:
    """The failure after these moves, with its story and its code."""
    state = started(universe, scenario)
    indices = []
    for move in moves:
        found = universe.moves(state, scenario.limits)
        index = next(index for index, (known, _) in enumerate(found) if known == move)
        indices.append(str(index))
        state = found[index][1]
    try:
        look_at(universe, state, scenario)
    except Broken as broken:
        story = tuple(told(scenario, universe, moves, universe.current))
        return Failure(f"{scenario.code}#{'.'.join(indices)}", broken.promise, broken.what, story)
    raise AssertionError(f"{scenario.code} breaks no promise after {'.'.join(indices)}")
