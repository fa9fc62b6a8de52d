"""A schedule as readable steps: each process's call in order, its fault, and the order's state after it."""

from collections.abc import Sequence

from tests.model_checker.process_tree import Node
from tests.model_checker.scenarios import STARTS, Scenario, started
from tests.model_checker.state_space import Move, State, StateSpace
from tests.model_checker.steps import clock_time
from tests.model_checker.transition_invariants import summary_of

_EXTERNAL_ACTIONS = (
    "pays",
    "has a try declined",
    "is declined permanently",
    "is approved by the bank",
    "is refused by the bank",
    "has its refund fail",
    "is refunded in full by hand",
    "is refunded in part by hand",
    "disputes the payment",
    "wins the dispute",
    "loses the dispute",
)


def trace_of(scenario: Scenario, state_space: StateSpace, moves: Sequence[Move], last: Move | None) -> list[str]:
    """The steps of these moves and of the `last` one, which violates the invariant."""
    state = started(state_space, scenario)
    lines = [f"gateway: {scenario.profile}", f"before: {_before(scenario)}; {_order(state_space, state)}"]
    for move in moves:
        after = next(after for known, after in state_space.moves(state, scenario.limits) if known == move)
        lines.append(_line(scenario, state_space, state, move, after))
        state = after
    if last is not None:
        lines.append(_line(scenario, state_space, state, last, None))
    return lines


def _before(scenario: Scenario) -> str:
    steps = [f"{name} ({fault} at {call})" if call else name for name, call, fault in STARTS[scenario.start]]
    return ", ".join(steps) or "nothing"


def _line(scenario: Scenario, state_space: StateSpace, state: State, move: Move, after: State | None) -> str:
    clock = f"{clock_time(scenario.limits.clock_times[state.clock_time]):%H:%M:%S}"
    changed = after is None or after.database != state.database
    end = "" if not changed else ": invariant violated" if after is None else f": {_order(state_space, after)}"
    return f"{clock}  {_action(scenario, state_space, state, move)}{end}"


def _action(scenario: Scenario, state_space: StateSpace, state: State, move: Move) -> str:
    if move.what == "time passes":
        return f"the clock moves to {clock_time(scenario.limits.clock_times[move.who]):%H:%M:%S}"
    if move.what == "expires":
        return "the content that was replaced expires"
    if move.what in _EXTERNAL_ACTIONS:
        session = state_space.gateway_states.states[state.gateway].sessions[move.who]
        return f"the payer of {session.attempt_id} {move.what}"
    if move.what == "is delivered":
        gateway_event = state_space.gateway_events[move.who]
        return f"the callback {gateway_event.kind} of {gateway_event.attempt_id} is delivered"
    if move.what == "arrives late":
        node = state_space.process_tree.nodes[move.who]
        request = "the first try of a request" if node.duplicate else "a request"
        return f"{request} of {node.process.name} arrives late: {_call(node)}"
    return _process_action(scenario, state_space, state, move)


def _process_action(scenario: Scenario, state_space: StateSpace, state: State, move: Move) -> str:
    number = state.processes[move.who]
    if number >= 0:
        node = state_space.process_tree.nodes[number]
        name = node.process.name
    else:
        name = scenario.names[move.who]
        node = state_space.process_tree.nodes[state_space.root(scenario.names[move.who], state, scenario.limits)]
    if move.what.startswith("begins"):
        return f"{name} {move.what}, and is suspended"
    if node.call is not None and move.what == node.call.method:
        return f"{name}: {_call(node)}"
    return f"{name} {move.what}: {_call(node)}".replace(" :", ":")


def _call(node: Node) -> str:
    if node.call is None:
        return "its end"
    if node.call.method == "apply":
        return str(node.call.args[1].name)
    return node.call.method


def _order(state_space: StateSpace, state: State) -> str:
    return summary_of(state_space.database_states.states[state.database].found)
