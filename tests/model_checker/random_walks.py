"""Random schedules beyond what can be explored exhaustively: more processes, more faults, more time, more callbacks.

A walk is replayed by its seed and number alone. One that violates an invariant is minimised before it is reported.
"""

from collections.abc import Callable
from dataclasses import replace
from random import Random

from tests.invariants import InvariantViolated
from tests.model_checker.exploration import Counts
from tests.model_checker.scenarios import COMBINABLE, PROFILES, STARTS, Scenario, is_possible, started
from tests.model_checker.search import Failure, failure_of, look_at
from tests.model_checker.state_space import Move, State, StateSpace

MOST_STEPS = 400


def random_walk(seed: int, number: int, state_space_of: Callable[[str], StateSpace]) -> Counts | Failure:
    """One random schedule from beginning to end."""
    rng = Random(f"{seed}:{number}")
    scenario = _random_scenario(rng)
    state_space = state_space_of(scenario.profile)
    counts = Counts()
    moves: list[Move] = []
    try:
        _walk(rng, scenario, state_space, counts, moves)
    except InvariantViolated as violation:
        smaller = minimised(scenario, state_space, moves, violation.invariant)
        return replace(failure_of(scenario, state_space, smaller), code=f"walk {seed}:{number}")
    return counts


def _random_scenario(rng: Random) -> Scenario:
    profile = rng.choice(list(PROFILES))
    start = rng.choice([name for name in STARTS if is_possible(name, PROFILES[profile])])
    names = tuple(sorted(rng.sample(COMBINABLE, rng.randint(3, 6))))
    return Scenario(profile, start, names, rng.randint(1, 5), "walk")


def _walk(rng: Random, scenario: Scenario, state_space: StateSpace, counts: Counts, moves: list[Move]) -> None:
    state = started(state_space, scenario)
    for _ in range(MOST_STEPS):
        state_space.check(state)
        found = state_space.moves(state, scenario.limits)
        counts.states += 1
        if not found or (state_space.is_over(state) and rng.random() < 0.3):
            break
        move, after = _chosen(rng, found, state)
        moves.append(move)
        counts.moves += 1
        counts.faults += after.faults < state.faults
        state = after
    if state_space.is_over(state):
        counts.ends += state_space.check_end(state, scenario.limits)
        counts.schedules += 1


def _chosen(rng: Random, found: list[tuple[Move, State]], state: State) -> tuple[Move, State]:
    """Faults are many among the moves; they come about one time in eight."""
    planned = [(move, after) for move, after in found if after.faults == state.faults]
    had_fault = rng.random() < 0.125 and len(planned) < len(found)
    return rng.choice([choice for choice in found if choice not in planned] if had_fault or not planned else planned)


def minimised(scenario: Scenario, state_space: StateSpace, moves: list[Move], invariant: str) -> list[Move]:
    """The moves without those that the same violation does not need; moves that are no longer possible are dropped."""
    kept = breaking(scenario, state_space, moves, invariant)
    if kept is None:
        return moves
    at = len(kept)
    while at:
        at -= 1
        fewer = breaking(scenario, state_space, [*kept[:at], *kept[at + 1 :]], invariant)
        if fewer is not None and len(fewer) < len(kept):
            # A move that was needed before may not be any more.
            kept, at = fewer, len(fewer)
    return kept


def breaking(scenario: Scenario, state_space: StateSpace, moves: list[Move], invariant: str) -> list[Move] | None:
    """The possible ones of the moves, if they violate this invariant; processes that never began are ignored."""
    state = started(state_space, scenario)
    made: list[Move] = []
    try:
        for wanted in moves:
            state_space.check(state)
            found = dict(state_space.moves(state, scenario.limits))
            if wanted in found:
                made.append(wanted)
                state = found[wanted]
        look_at(state_space, state, scenario)
    except InvariantViolated as violation:
        return made if violation.invariant == invariant else None
    return None
