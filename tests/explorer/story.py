"""A schedule as a short story: who did what, in order, with the fault, and what became of the order."""

from collections.abc import Sequence

from tests.explorer.nodes import Node
from tests.explorer.promises import in_short
from tests.explorer.scenarios import STARTS, Scenario, started
from tests.explorer.steps import moment
from tests.explorer.universe import Move, State, Universe

_OUTSIDE = (
    "pays",
    "has a try declined",
    "is declined for good",
    "has the bank's yes",
    "has the bank's no",
    "has the refund bounce",
    "is given all back by hand",
    "is given a part back by hand",
    "disputes the payment",
    "wins the dispute",
    "loses the dispute",
)


def told(scenario: Scenario, universe: Universe, moves: Sequence[Move], last: Move | None) -> list[str]:
    """The story of these moves, and of the `last` one, which broke the promise."""
    state = started(universe, scenario)
    lines = [f"gateway: {scenario.temper}", f"before: {_before(scenario)}; {_order(universe, state)}"]
    for move in moves:
        after = next(after for known, after in universe.moves(state, scenario.limits) if known == move)
        lines.append(_line(scenario, universe, state, move, after))
        state = after
    if last is not None:
        lines.append(_line(scenario, universe, state, last, None))
    return lines


def _before(scenario: Scenario) -> str:
    steps = [f"{name} ({fault} at {call})" if call else name for name, call, fault in STARTS[scenario.start]]
    return ", ".join(steps) or "nothing"


def _line(scenario: Scenario, universe: Universe, state: State, move: Move, after: State | None) -> str:
    clock = f"{moment(scenario.limits.moments[state.moment]):%H:%M:%S}"
    changed = after is None or after.database != state.database
    end = "" if not changed else ": and breaks it" if after is None else f": {_order(universe, after)}"
    return f"{clock}  {_deed(scenario, universe, state, move)}{end}"


def _deed(scenario: Scenario, universe: Universe, state: State, move: Move) -> str:
    if move.what == "time passes":
        return f"the clock goes to {moment(scenario.limits.moments[move.who]):%H:%M:%S}"
    if move.what == "expires":
        return "the content that was replaced expires"
    if move.what in _OUTSIDE:
        session = universe.gatehouses.states[state.gateway].sessions[move.who]
        return f"the payer of {session.attempt_id} {move.what}"
    if move.what == "is delivered":
        notice = universe.notices[move.who]
        return f"the callback {notice.kind} of {notice.attempt_id} is delivered"
    if move.what == "arrives late":
        node = universe.forest.nodes[move.who]
        request = "the first try of a request" if node.duplicate else "a request"
        return f"{request} of {node.process.name} arrives late: {_call(node)}"
    return _own_deed(scenario, universe, state, move)


def _own_deed(scenario: Scenario, universe: Universe, state: State, move: Move) -> str:
    number = state.processes[move.who]
    if number >= 0:
        node = universe.forest.nodes[number]
        name = node.process.name
    else:
        name = scenario.names[move.who]
        node = universe.forest.nodes[universe.root(scenario.names[move.who], state, scenario.limits)]
    if move.what.startswith("begins"):
        return f"{name} {move.what}, and pauses"
    if node.call is not None and move.what == node.call.method:
        return f"{name}: {_call(node)}"
    return f"{name} {move.what}: {_call(node)}".replace(" :", ":")


def _call(node: Node) -> str:
    if node.call is None:
        return "its end"
    if node.call.method == "apply":
        return str(node.call.args[1].name)
    return node.call.method


def _order(universe: Universe, state: State) -> str:
    return in_short(universe.databases.states[state.database].found)
