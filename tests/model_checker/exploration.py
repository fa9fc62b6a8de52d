"""Walk through every schedule of a scenario, by layers of states that are equally many moves away from the start.

Two schedules that lead to the same state have the same future, so each state is expanded once, and carries how many
schedules lead to it. Each schedule counted is a sequence of moves that were all made, by the real use cases.
"""

import time
from dataclasses import dataclass, field

from tests.invariants import InvariantViolated
from tests.model_checker.processes import PROCESSES
from tests.model_checker.state_space import Limits, Move, State, StateSpace


@dataclass(slots=True)
class Counts:
    """What was covered: complete schedules, states of each scenario by number of moves, moves made, faults among them,
    and ends looked into.

    `refused`: schedules in which only refused callers act. `handler_histories`: histories of single processes that were
    given to the functions as well.
    """

    schedules: int = 0
    refused: int = 0
    states: int = 0
    moves: int = 0
    faults: int = 0
    ends: int = 0
    handler_histories: int = 0

    def add(self, other: "Counts") -> None:
        self.schedules += other.schedules
        self.refused += other.refused
        self.states += other.states
        self.moves += other.moves
        self.faults += other.faults
        self.ends += other.ends
        self.handler_histories += other.handler_histories


class OutOfTime(Exception):
    """A scenario could not be explored to its end before its deadline."""


@dataclass(slots=True)
class Exploration:
    """One scenario in one universe, from one state on. `parents` is kept only where a path is needed."""

    state_space: StateSpace
    limits: Limits
    start: State
    counts: Counts = field(default_factory=Counts)
    parents: dict[State, tuple[State, Move]] | None = None
    deadline: float | None = None
    only_refused: bool = field(init=False)

    def __post_init__(self) -> None:
        self.only_refused = not any(PROCESSES[name].authorised for name in self.limits.names)

    def run(self) -> Counts:
        """Visit every state. Raises `InvariantViolated` at the first violation; fewest moves come first."""
        layer = {self.start: 1}
        while layer:
            self.counts.states += len(layer)
            if self.deadline is not None and time.time() > self.deadline:
                raise OutOfTime
            following: dict[State, int] = {}
            for state, ways in layer.items():
                self._run_order(state, ways, following)
            layer = following
        return self.counts

    def _count_schedules(self, ways: int) -> None:
        if self.only_refused:
            self.counts.refused += ways
        else:
            self.counts.schedules += ways

    def _run_order(self, state: State, ways: int, following: dict[State, int]) -> None:
        try:
            self.state_space.check(state)
            if self.state_space.is_over(state):
                self._count_schedules(ways)
                self.counts.ends += self.state_space.check_end(state, self.limits)
            found = self.state_space.moves(state, self.limits)
            self.counts.moves += len(found)
            if state.faults:
                self.counts.faults += sum(after.faults < state.faults for _, after in found)
            parents = self.parents
            for move, after in found:
                if parents is not None and after not in following:
                    parents[after] = (state, move)
                following[after] = following.get(after, 0) + ways
        except InvariantViolated as violation:
            violation.state = violation.state or state
            raise


def path_to(parents: dict[State, tuple[State, Move]], state: State) -> list[Move]:
    """The moves that led to that state."""
    moves: list[Move] = []
    while state in parents:
        state, move = parents[state]
        moves.append(move)
    return moves[::-1]
