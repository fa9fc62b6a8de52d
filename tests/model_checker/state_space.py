"""All that can happen next: the moves of processes, faults, payer, bank, callbacks and clock from any state."""

from collections.abc import Iterator
from dataclasses import dataclass, replace
from typing import NamedTuple

from paylatch.ports import GatewayEvent, GatewayEventKind
from tests.model_checker import environment, simulated_gateway, simulated_returns
from tests.model_checker.database_states import DatabaseStates, check_erased
from tests.model_checker.gateway_states import GatewayStates
from tests.model_checker.liveness import check_quiescence, check_recorded, relevant_state_of, running_system
from tests.model_checker.process_tree import ProcessTree
from tests.model_checker.processes import ERASERS, PROCESSES, READERS, callback_process, earlier
from tests.model_checker.release_reasons import check_confirmed
from tests.model_checker.simulated_gateway import GatewayProfile, StatementTimes
from tests.model_checker.state_invariants import check_state
from tests.model_checker.steps import ENDED, SideEffects, Steps, clock_time

NOT_STARTED = -1
CLOCK_SKEW = 59
MOST_COPIES = 2


class State(NamedTuple):
    """Everything that the future depends on, in numbers: two schedules that lead to one state have one future.

    `delivered` are callbacks, `in_transit` requests whose sender stopped waiting. A process is NOT_STARTED, ENDED or
    the number of its node; the handlers of callbacks come behind the scenario's own processes, and go when they end.
    """

    database: int
    gateway: int
    clock_time: int
    faults: int
    delivered: tuple[int, ...]
    in_transit: tuple[int, ...]
    processes: tuple[int, ...]


class Move(NamedTuple):
    """What happens, and to whom: a process's place, or the number of a session, callback or request."""

    what: str
    who: int


Next = tuple[Move, State]
# `Move(…)` and `State(…)` as the tuples that they are: most of an exploration's time is spent in making them.
_tuple = tuple.__new__


@dataclass(frozen=True, slots=True)
class Limits:
    """What one schedule is made of: its processes, the moments (seconds since noon), how many callbacks arrive.

    `rare`: with faults that differ from others in name alone, and with clocks that are wrong. `before`: what leads to
    the situation that schedules start from.
    """

    names: tuple[str, ...]
    clock_times: tuple[int, ...] = (0, 15 * 60 + 1)
    deliveries: int = 1
    faults: int = 0
    rare: bool = False
    before: bool = False


class StateSpace:
    """One gateway, one order, and everything computed about them."""

    def __init__(self, profile: GatewayProfile) -> None:
        self.profile = profile
        self.process_tree = ProcessTree(profile)
        self.database_states = DatabaseStates()
        self.gateway_states = GatewayStates.of(profile)
        self.steps = Steps(self.process_tree, self.database_states, self.gateway_states)
        self.gateway_events: list[GatewayEvent] = []
        self.current: Move | None = None
        self._event_numbers: dict[GatewayEvent, int] = {}
        self._outside: dict[tuple[int, int], list[tuple[Move, int]]] = {}
        self._delivered: dict[tuple[int, int, tuple[int, ...]], list[tuple[Move, tuple[int, ...], int]]] = {}
        self._later: dict[tuple[int, int], int] = {}
        self._with_effects: dict[tuple[int, SideEffects], int] = {}
        self._roots: dict[tuple[str, int, bool], int] = {}
        self._checked: set[tuple[int, int]] = set()
        self._checked_ends: set[tuple[object, int, int]] = set()
        self._relevant_states: dict[int, object] = {}

    def first(self, limits: Limits, *, placed: bool = True, followed: bool = False) -> State:
        """A new order, or none, a gateway without sessions, and nobody has begun; `followed`: its events are kept."""
        database = self.database_states.first if placed else self.database_states.unplaced
        database = self.database_states.followed(database) if followed else database
        return State(database, 0, 0, limits.faults, (), (), (NOT_STARTED,) * len(limits.names))

    @staticmethod
    def is_over(state: State) -> bool:
        """Whether every process has ended, so that a schedule may end here."""
        return state.processes.count(ENDED) == len(state.processes)

    def check(self, state: State) -> None:
        """The promises about order and gateway side by side. Raises `InvariantViolated`."""
        pair = (state.database, state.gateway)
        if pair not in self._checked:
            self.current = None
            gateway_state, found = (
                self.gateway_states.states[state.gateway],
                self.database_states.states[state.database].found,
            )
            if found is not None:
                check_state(found, gateway_state, self.profile)
            self._checked.add(pair)

    def check_end(self, state: State, limits: Limits) -> bool:
        """Liveness from here on; False where an equal end was looked into before. Raises `InvariantViolated`."""
        seconds = limits.clock_times[state.clock_time]
        database, gateway_state = self.database_states.states[state.database], self.gateway_states.states[state.gateway]
        self.current = None
        check_recorded(database, self.profile)
        if state.faults == limits.faults:
            check_erased(database)
        if database.found is None:
            return False
        relevant_state = self._relevant_states.get(state.database)
        if relevant_state is None:
            relevant_state = self._relevant_states[state.database] = relevant_state_of(database)
        end = (relevant_state, state.gateway, seconds)
        if end in self._checked_ends:
            return False
        check_quiescence(running_system(database, gateway_state, seconds, self.profile))
        self._checked_ends.add(end)
        return True

    def moves(self, state: State, limits: Limits) -> list[Next]:
        """Every possible next move, always in the same order. Raises `InvariantViolated` by the move `current`."""
        seconds = limits.clock_times[state.clock_time]
        more_time = state.clock_time + 1 < len(limits.clock_times)
        paused = self._paused(state.processes, limits, seconds)
        found: list[Next] = []
        private = self._private(state, limits, seconds, more_time) if paused < 0 else -1
        if private >= 0:
            self._step(found, state, limits, private, state.processes[private])
            return found
        for place, process in enumerate(state.processes):
            if process == NOT_STARTED:
                self._start(found, state, limits, place, paused)
            elif process != ENDED and paused < 0:
                self._step(found, state, limits, place, process)
        if paused < 0:
            self._moves_of_others(found, state, limits, seconds)
        if more_time:
            self._time_moves(found, state, limits)
        return found

    def _moves_of_others(self, found: list[Next], state: State, limits: Limits, seconds: int) -> None:
        if state.in_transit:
            self._late_arrivals(found, state, seconds)
        self._external_moves(found, state, seconds)
        if len(state.delivered) < limits.deliveries:
            self._deliveries(found, state, seconds)
        if not READERS.isdisjoint(limits.names):
            self._expire(found, state, limits)

    def gateway_event_number(self, gateway_event: GatewayEvent) -> int:
        """The number of a callback, the same in every schedule."""
        number = self._event_numbers.setdefault(gateway_event, len(self.gateway_events))
        if number == len(self.gateway_events):
            self.gateway_events.append(gateway_event)
        return number

    def root(self, name: str, state: State, limits: Limits) -> int:
        """The node of that process as it would begin now."""
        key = (name, limits.clock_times[state.clock_time], limits.before)
        known = self._roots.get(key)
        if known is None:
            process = earlier(PROCESSES[name]) if limits.before else PROCESSES[name]
            known = self._roots[key] = self.process_tree.root(process, key[1], 0)
        return known

    def _private(self, state: State, limits: Limits, seconds: int, more_time: bool) -> int:
        if not ERASERS.isdisjoint(limits.names):
            # They look for every content, whoever put it.
            return -1
        for place, process in enumerate(state.processes):
            if process >= 0 and self.steps.is_private(process, state.database, seconds, more_time):
                return place
        return -1

    def _paused(self, processes: tuple[int, ...], limits: Limits, seconds: int) -> int:
        """The last process that began and is paused before its first call; only the clock can move then.

        A process that begins looks at nothing but the clock: to begin long before the first call is the same as to
        begin just before the clock moves, and to begin just before the first call is the same as together with it.
        """
        beginnings = self.process_tree.beginnings
        for place in range(len(limits.names) - 1, -1, -1):
            if beginnings.get(processes[place]) == seconds:
                return place
        return -1

    def _start(self, found: list[Next], state: State, limits: Limits, place: int, paused: int) -> None:
        process = PROCESSES[limits.names[place]]
        seconds = limits.clock_times[state.clock_time]
        root = self.root(limits.names[place], state, limits)
        if place > paused and state.clock_time + 1 < len(limits.clock_times):
            found.append((Move("begins", place), _with_process(state, place, root)))
        if paused >= 0:
            return
        self._step(found, state, limits, place, root)
        if state.faults and limits.rare:
            for what, skew in (
                ("begins with its clock ahead", CLOCK_SKEW),
                ("begins with its clock behind", -CLOCK_SKEW),
            ):
                wrong = _with_process(state, place, self.process_tree.root(process, seconds, skew))
                found.append((Move(what, place), wrong._replace(faults=state.faults - 1)))

    def _step(self, found: list[Next], state: State, limits: Limits, place: int, process: int) -> None:
        database, gateway, clock_time_, faults, delivered, in_transit, processes = state
        call = self.process_tree.nodes[process].call
        of_gateway = call is not None and call.of_gateway
        self.current = Move("", place)
        had_fault = 0 if not faults else 2 if limits.rare else 1
        before, behind = processes[:place], processes[place + 1 :]
        own = place < len(limits.names)
        subject = gateway if of_gateway else database
        for outcome in self.steps.outcomes(process, subject, limits.clock_times[clock_time_], had_fault):
            what, after, follower, cost, late, side_effects, denied = outcome
            then = (*before, follower, *behind) if own or follower != ENDED else before + behind
            waiting = (*in_transit, late) if late >= 0 else in_transit
            if denied and waiting:
                waiting = tuple(self.steps.denied(process, request) for request in waiting)
            database_then, gateway_then = (database, after) if of_gateway else (after, gateway)
            if side_effects is not None:
                gateway_then = self._with_side_effects(gateway_then, side_effects)
            if waiting:
                waiting = self._still_relevant(waiting, database_then, gateway_then)
            state_then = (database_then, gateway_then, clock_time_, faults - cost, delivered, waiting, then)
            found.append((_tuple(Move, (what, place)), _tuple(State, state_then)))

    def _with_side_effects(self, gateway: int, side_effects: SideEffects) -> int:
        known = self._with_effects.get((gateway, side_effects))
        if known is None:
            known = self._with_effects[gateway, side_effects] = self._affected(gateway, side_effects)
        return known

    def _affected(self, gateway: int, side_effects: SideEffects) -> int:
        gateway_state = self.gateway_states.states[gateway]
        if side_effects.unlocks is not None:
            attempt_id, reason = side_effects.unlocks
            check_confirmed(gateway_state.session_of(attempt_id), reason)
        if side_effects.issues_link is not None:
            gateway_state = simulated_gateway.with_link_issued(gateway_state, side_effects.issues_link)
        if side_effects.acknowledges is not None:
            gateway_state = simulated_returns.with_failed_refund_acknowledged(gateway_state, side_effects.acknowledges)
        if side_effects.closes is not None and self.profile.reports_voids:
            gateway_state = simulated_gateway.closed_for(gateway_state, *side_effects.closes)
        return self.gateway_states.number(gateway_state)

    def _late_arrivals(self, found: list[Next], state: State, seconds: int) -> None:
        for position, number in enumerate(state.in_transit):
            call = self.process_tree.nodes[number].call
            if call is None:
                continue
            move = self.current = Move("arrives late", number)
            rest = (*state.in_transit[:position], *state.in_transit[position + 1 :])
            subject = state.gateway if call.of_gateway else state.database
            after, side_effects = self.steps.arrival(number, call, subject, seconds)
            database, gateway = (state.database, after) if call.of_gateway else (after, state.gateway)
            if side_effects is not None:
                gateway = self._with_side_effects(gateway, side_effects)
            waiting = self._still_relevant(rest, database, gateway)
            found.append((move, _tuple(State, (database, gateway, *state[2:5], waiting, state.processes))))

    def _still_relevant(self, in_transit: tuple[int, ...], database: int, gateway: int) -> tuple[int, ...]:
        """The requests that can still change anything; whether and when others arrive makes no difference."""
        return tuple(sorted(late for late in in_transit if self.steps.can_have_effect(late, database, gateway)))

    def _external_moves(self, found: list[Next], state: State, seconds: int) -> None:
        # Where its statements carry no time, the same can happen at any time.
        key = (state.gateway, seconds if self.profile.statement_times is StatementTimes.ACTUAL else 0)
        known = self._outside.get(key)
        if known is None:
            gateway_state = self.gateway_states.states[state.gateway]
            external_actions = environment.external_actions(gateway_state, self.profile, clock_time(seconds))
            known = [(Move(what, place), self.gateway_states.number(after)) for what, place, after in external_actions]
            self._outside[key] = known
        for move, gateway in known:
            found.append((move, _tuple(State, (state.database, gateway, *state[2:]))))

    def _deliveries(self, found: list[Next], state: State, seconds: int) -> None:
        key = (state.gateway, seconds, state.delivered)
        known = self._delivered.get(key)
        if known is None:
            known = self._delivered[key] = [*self._possible_deliveries(state, seconds)]
        for move, delivered, root in known:
            processes = (*state.processes, root)
            found.append((move, _tuple(State, (*state[:4], delivered, state.in_transit, processes))))

    def _possible_deliveries(self, state: State, seconds: int) -> Iterator[tuple[Move, tuple[int, ...], int]]:
        """Each callback that can arrive now, what was delivered with it, and the node of its handler."""
        for gateway_event in self.gateway_states.states[state.gateway].gateway_events:
            number = self.gateway_event_number(gateway_event)
            copies = state.delivered.count(number)
            if copies >= MOST_COPIES:
                continue
            move = self.current = Move("is delivered", number)
            sent = self._sent(gateway_event, seconds)
            root = self.steps.ended(self.process_tree.root(callback_process(sent, copies), seconds, 0))
            if root != ENDED:
                yield move, tuple(sorted((*state.delivered, number))), root

    def _expire(self, found: list[Next], state: State, limits: Limits) -> None:
        """Content that an edit replaced expires once only readers are left."""
        about = {
            limits.names[place]
            for place, process in enumerate(state.processes[: len(limits.names)])
            if process != ENDED
        }
        if about and about <= READERS:
            after = self.database_states.expired(state.database)
            if after != state.database:
                found.append((Move("expires", 0), state._replace(database=after)))

    def _sent(self, gateway_event: GatewayEvent, seconds: int) -> GatewayEvent:
        """The callback as it is delivered now."""
        statement_time = (
            self.profile.statement_times is StatementTimes.AT_DELIVERY and gateway_event.kind is GatewayEventKind.PAID
        )
        return replace(gateway_event, stated_at=clock_time(seconds)) if statement_time else gateway_event

    def _time_moves(self, found: list[Next], state: State, limits: Limits) -> None:
        seconds = limits.clock_times[state.clock_time + 1]
        gateway = self._later.get((state.gateway, seconds))
        if gateway is None:
            gateway = self._later[state.gateway, seconds] = self._at(state.gateway, seconds)
        after = _tuple(State, (state.database, gateway, state.clock_time + 1, *state[3:]))
        found.append((Move("time passes", after.clock_time), after))

    def _at(self, gateway: int, seconds: int) -> int:
        before = self.gateway_states.states[gateway]
        return self.gateway_states.number(simulated_returns.with_time_passed(before, clock_time(seconds), self.profile))


def _with_process(state: State, place: int, process: int) -> State:
    processes = state.processes
    return state._replace(processes=(*processes[:place], process, *processes[place + 1 :]))
