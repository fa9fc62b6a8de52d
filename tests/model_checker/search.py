"""Explore scenarios, and render the shortest schedule that violates an invariant."""

import time
from collections.abc import Sequence
from dataclasses import dataclass

from tests.invariants import InvariantViolated
from tests.model_checker.counterexample import trace_of
from tests.model_checker.exploration import Counts, Exploration, OutOfTime, path_to
from tests.model_checker.scenarios import PROFILES, Scenario, started
from tests.model_checker.state_space import Move, State, StateSpace


@dataclass(frozen=True, slots=True)
class Failure:
    """A schedule that violates an invariant; `code` replays it."""

    code: str
    invariant: str
    what: str
    trace: tuple[str, ...]

    def __str__(self) -> str:
        lines = (f"{self.invariant}: {self.what}", *(f"  {line}" for line in self.trace), f"  replay: {self.code}")
        return "\n".join(lines)


def explored(scenario: Scenario, state_space: StateSpace, deadline: float | None = None) -> Counts | Failure | None:
    """All schedules of the scenario; or the shortest that violates an invariant; None where time runs out."""
    start = started(state_space, scenario)
    parents: dict[State, tuple[State, Move]] = {}
    try:
        return Exploration(state_space, scenario.limits, start, deadline=deadline).run()
    except OutOfTime:
        return None
    except InvariantViolated:
        pass
    try:
        Exploration(state_space, scenario.limits, start, parents=parents).run()
    except InvariantViolated as violation:
        if isinstance(violation.state, State):
            return failure_of(scenario, state_space, path_to(parents, violation.state))
    raise AssertionError(f"a violation that is not reproducible in {scenario.code} at {time.ctime()}")


def replayed(code: str) -> Failure | None:
    """The failure that the schedule of this code shows, if it still does."""
    name, _, path = code.partition("#")
    scenario = Scenario.named(name)
    state_space = StateSpace(PROFILES[scenario.profile])
    state = started(state_space, scenario)
    moves: list[Move] = []
    for index in (int(part) for part in path.split(".") if part):
        move, state = state_space.moves(state, scenario.limits)[index]
        moves.append(move)
    try:
        look_at(state_space, state, scenario)
    except InvariantViolated:
        return failure_of(scenario, state_space, moves)
    return None


def look_at(state_space: StateSpace, state: State, scenario: Scenario) -> None:
    """Check the invariants of that state, of an end, and of every next move. Raises `InvariantViolated`."""
    state_space.check(state)
    if state_space.is_over(state):
        state_space.check_end(state, scenario.limits)
    state_space.moves(state, scenario.limits)


def failure_of(scenario: Scenario, state_space: StateSpace, moves: Sequence[Move]) -> Failure:
    """The failure after these moves, with its trace and its code."""
    state = started(state_space, scenario)
    indices = []
    for move in moves:
        found = state_space.moves(state, scenario.limits)
        index = next(index for index, (known, _) in enumerate(found) if known == move)
        indices.append(str(index))
        state = found[index][1]
    try:
        look_at(state_space, state, scenario)
    except InvariantViolated as violation:
        trace = tuple(trace_of(scenario, state_space, moves, state_space.current))
        return Failure(f"{scenario.code}#{'.'.join(indices)}", violation.invariant, violation.what, trace)
    raise AssertionError(f"{scenario.code} violates no invariant after {'.'.join(indices)}")
