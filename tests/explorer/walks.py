"""Random schedules beyond what can be explored exhaustively: more processes, more faults, more time, more callbacks.

A walk is replayed by its seed and number alone. One that breaks a promise is made smaller before it is told.
"""

from collections.abc import Callable
from dataclasses import replace
from random import Random

from tests.explorer.exploration import Counts
from tests.explorer.promises import Broken
from tests.explorer.scenarios import SOCIABLE, STARTS, TEMPERS, Scenario, can_be, started
from tests.explorer.search import Failure, failure_of, look_at
from tests.explorer.universe import Move, State, Universe

MOST_STEPS = 400


def walked(seed: int, number: int, universe_of: Callable[[str], Universe]) -> Counts | Failure:
    """One random schedule from beginning to end."""
    draw = Random(f"{seed}:{number}")
    scenario = _drawn(draw)
    universe = universe_of(scenario.temper)
    counts = Counts()
    moves: list[Move] = []
    try:
        _walk(draw, scenario, universe, counts, moves)
    except Broken as broken:
        smaller = minimised(scenario, universe, moves, broken.promise)
        return replace(failure_of(scenario, universe, smaller), code=f"walk {seed}:{number}")
    return counts


def _drawn(draw: Random) -> Scenario:
    temper = draw.choice(list(TEMPERS))
    start = draw.choice([name for name in STARTS if can_be(name, TEMPERS[temper])])
    names = tuple(sorted(draw.sample(SOCIABLE, draw.randint(3, 6))))
    return Scenario(temper, start, names, draw.randint(1, 5), "walk")


def _walk(draw: Random, scenario: Scenario, universe: Universe, counts: Counts, moves: list[Move]) -> None:
    state = started(universe, scenario)
    for _ in range(MOST_STEPS):
        universe.check(state)
        found = universe.moves(state, scenario.limits)
        counts.states += 1
        if not found or (universe.is_over(state) and draw.random() < 0.3):
            break
        move, after = _chosen(draw, found, state)
        moves.append(move)
        counts.moves += 1
        counts.faults += after.faults < state.faults
        state = after
    if universe.is_over(state):
        counts.ends += universe.check_end(state, scenario.limits)
        counts.schedules += 1


def _chosen(draw: Random, found: list[tuple[Move, State]], state: State) -> tuple[Move, State]:
    """Faults are many among the moves; they come about one time in eight."""
    planned = [(move, after) for move, after in found if after.faults == state.faults]
    faulty = draw.random() < 0.125 and len(planned) < len(found)
    return draw.choice([choice for choice in found if choice not in planned] if faulty or not planned else planned)


def minimised(scenario: Scenario, universe: Universe, moves: list[Move], promise: str) -> list[Move]:
    """The moves without those that the same promise is broken without; what cannot happen any more is left out."""
    kept = breaking(scenario, universe, moves, promise)
    if kept is None:
        return moves
    at = len(kept)
    while at:
        at -= 1
        fewer = breaking(scenario, universe, [*kept[:at], *kept[at + 1 :]], promise)
        if fewer is not None and len(fewer) < len(kept):
            # What could not be left out before may have become needless.
            kept, at = fewer, len(fewer)
    return kept


def breaking(scenario: Scenario, universe: Universe, moves: list[Move], promise: str) -> list[Move] | None:
    """Those of the moves that could be made, if they break this promise; processes that never began do not matter."""
    state = started(universe, scenario)
    made: list[Move] = []
    try:
        for wanted in moves:
            universe.check(state)
            found = dict(universe.moves(state, scenario.limits))
            if wanted in found:
                made.append(wanted)
                state = found[wanted]
        look_at(universe, state, scenario)
    except Broken as broken:
        return made if broken.promise == promise else None
    return None
