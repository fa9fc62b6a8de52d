"""Explore scenarios, and make a short story of the first schedule that breaks a promise."""

from collections.abc import Sequence
from dataclasses import dataclass

from tests.explorer.exploration import Counts, Exploration, path_to
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
        return "\n".join((f"{self.promise}: {self.what}", *(f"  {line}" for line in self.story), f"  replay: {self.code}"))


def explored(scenario: Scenario, universe: Universe, most_states: int = 10_000_000) -> Counts | Failure:
    """All schedules of the scenario; the shortest one that breaks a promise, where one does."""
    start = started(universe, scenario)
    counts = Counts()
    try:
        return Exploration(universe, scenario.limits, start, counts, most_states=most_states).run()
    except Broken:
        return _failure(scenario, universe, start)


def replayed(code: str) -> Failure | None:
    """The failure that the schedule of this code shows, if it still does."""
    name, _, path = code.partition("#")
    scenario = Scenario.named(name)
    universe = Universe(TEMPERS[scenario.temper])
    state = started(universe, scenario)
    moves: list[Move] = []
    try:
        for index in (int(part) for part in path.split(".") if part):
            move, state = universe.moves(state, scenario.limits)[index]
            moves.append(move)
        universe.check(state)
        if all(process < 0 for process in state.processes):
            universe.check_end(state, scenario.limits)
        universe.moves(state, scenario.limits)
    except Broken as broken:
        return _told(scenario, universe, moves, broken)
    return None


def _failure(scenario: Scenario, universe: Universe, start: State) -> Failure:
    parents: dict[State, tuple[State, Move]] = {}
    try:
        Exploration(universe, scenario.limits, start, parents=parents).run()
    except Broken as broken:
        if not isinstance(broken.state, State):
            raise
        last = universe.current
        failure = _told(scenario, universe, path_to(parents, broken.state), broken, last)
        return failure
    raise AssertionError("a failure that does not happen again")


def _told(
    scenario: Scenario, universe: Universe, moves: Sequence[Move], broken: Broken, last: Move | None = None
) -> Failure:
    code = f"{scenario.code}#{'.'.join(str(index) for index in _indices(scenario, universe, moves))}"
    return Failure(code, broken.promise, broken.what, tuple(told(scenario, universe, moves, last)))


def _indices(scenario: Scenario, universe: Universe, moves: Sequence[Move]) -> list[int]:
    state = started(universe, scenario)
    indices = []
    for move in moves:
        found = universe.moves(state, scenario.limits)
        index = next(index for index, (known, _) in enumerate(found) if known == move)
        indices.append(index)
        state = found[index][1]
    return indices
