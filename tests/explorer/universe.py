"""All that can happen next: the moves of processes, faults, payer, bank, courier and clock from any state."""

from dataclasses import dataclass, replace
from typing import NamedTuple

from paylatch.ports import Notice, NoticeKind
from tests.explorer import hosted_gateway as hosted
from tests.explorer import hosted_money, surroundings
from tests.explorer.databases import Databases
from tests.explorer.gatehouses import Gatehouses
from tests.explorer.hosted_gateway import Dating, Temper
from tests.explorer.liveness import check_recorded, check_rest, essence_of, present
from tests.explorer.nodes import Forest
from tests.explorer.processes import PROCESSES, READERS, callback_process, earlier
from tests.explorer.release_reasons import check_confirmed
from tests.explorer.standing import check_state
from tests.explorer.steps import ENDED, Beside, Steps, moment

NOT_STARTED = -1
SKEW = 59
MOST_COPIES = 2


class State(NamedTuple):
    """Everything that the future depends on, in numbers: two schedules that lead to one state have one future.

    `delivered` are callbacks, `on_the_way` requests that somebody stopped waiting for. A process is NOT_STARTED, ENDED
    or the number of its node; the handlers of callbacks come behind the scenario's own processes, and go when they end.
    """

    database: int
    gateway: int
    moment: int
    faults: int
    delivered: tuple[int, ...]
    on_the_way: tuple[int, ...]
    processes: tuple[int, ...]


class Move(NamedTuple):
    """What happens, and to whom: a process's place, or the number of a session, callback or request."""

    what: str
    who: int


Next = tuple[Move, State]


@dataclass(frozen=True, slots=True)
class Limits:
    """What one schedule is made of: its processes, the moments (seconds since noon), how many callbacks arrive.

    `rare`: with faults that differ from others in name alone, and with clocks that are wrong. `before`: what leads to
    the situation that schedules start from.
    """

    names: tuple[str, ...]
    moments: tuple[int, ...] = (0, 15 * 60 + 1)
    deliveries: int = 1
    faults: int = 0
    rare: bool = False
    before: bool = False


class Universe:
    """One gateway, one order, and everything that was ever learnt about them."""

    def __init__(self, temper: Temper) -> None:
        self.temper = temper
        self.forest = Forest(temper)
        self.databases = Databases()
        self.gatehouses = Gatehouses.of(temper)
        self.steps = Steps(self.forest, self.databases, self.gatehouses)
        self.notices: list[Notice] = []
        self.current: Move | None = None
        self._outside: dict[tuple[int, int], list[tuple[str, int, int]]] = {}
        self._checked: set[tuple[int, int]] = set()
        self._rested: set[tuple[object, int, int]] = set()
        self._essences: dict[int, object] = {}

    def first(self, limits: Limits, *, placed: bool = True, followed: bool = False) -> State:
        """A new order, or none, a gateway without sessions, and nobody has begun; `followed`: its events are kept."""
        database = self.databases.first if placed else self.databases.unplaced
        database = self.databases.followed(database) if followed else database
        return State(database, 0, 0, limits.faults, (), (), (NOT_STARTED,) * len(limits.names))

    @staticmethod
    def is_over(state: State) -> bool:
        """Whether every process has ended, so that a schedule may end here."""
        return state.processes.count(ENDED) == len(state.processes)

    def check(self, state: State) -> None:
        """The promises about order and gateway side by side. Raises `Broken`."""
        pair = (state.database, state.gateway)
        if pair not in self._checked:
            self.current = None
            house, found = self.gatehouses.states[state.gateway], self.databases.states[state.database].found
            if found is not None:
                check_state(found, house, self.temper)
            self._checked.add(pair)

    def check_end(self, state: State, limits: Limits) -> bool:
        """Liveness from here on; False where an equal end was looked into before. Raises `Broken`."""
        seconds = limits.moments[state.moment]
        database, house = self.databases.states[state.database], self.gatehouses.states[state.gateway]
        self.current = None
        check_recorded(database, self.temper)
        if database.found is None:
            return False
        essence = self._essences.get(state.database)
        if essence is None:
            essence = self._essences[state.database] = essence_of(database)
        end = (essence, state.gateway, seconds)
        if end in self._rested:
            return False
        check_rest(present(database, house, seconds, self.temper))
        self._rested.add(end)
        return True

    def moves(self, state: State, limits: Limits) -> list[Next]:
        """Everything that can happen next, always in the same order. Raises `Broken` by the move `current`."""
        seconds = limits.moments[state.moment]
        more_time = state.moment + 1 < len(limits.moments)
        paused = self._paused(state, limits, seconds)
        found: list[Next] = []
        private = self._private(state, seconds, more_time) if paused < 0 else -1
        if private >= 0:
            self._step(found, state, limits, private, state.processes[private])
            return found
        for place, process in enumerate(state.processes):
            if process == NOT_STARTED:
                self._start(found, state, limits, place, paused)
            elif process != ENDED and paused < 0:
                self._step(found, state, limits, place, process)
        if paused < 0:
            self._arrive(found, state, seconds)
            self._happen_outside(found, state, seconds)
            self._deliver(found, state, limits, seconds)
            self._expire(found, state, limits)
        if more_time:
            self._pass_time(found, state, limits)
        return found

    def notice_number(self, notice: Notice) -> int:
        """The number of a callback, the same in every schedule."""
        if notice not in self.notices:
            self.notices.append(notice)
        return self.notices.index(notice)

    def root(self, name: str, state: State, limits: Limits) -> int:
        """The node of that process as it would begin now."""
        process = earlier(PROCESSES[name]) if limits.before else PROCESSES[name]
        return self.forest.root(process, limits.moments[state.moment], 0)

    def _private(self, state: State, seconds: int, more_time: bool) -> int:
        for place, process in enumerate(state.processes):
            if process >= 0 and self.steps.is_private(process, state.database, seconds, more_time):
                return place
        return -1

    def _paused(self, state: State, limits: Limits, seconds: int) -> int:
        """The last process that began and is paused before its first call; only the clock can move then.

        A process that begins looks at nothing but the clock: to begin long before the first call is the same as to
        begin just before the clock moves, and to begin just before the first call is the same as together with it.
        """
        for place in range(len(limits.names) - 1, -1, -1):
            process = state.processes[place]
            if process >= 0:
                node = self.forest.nodes[process]
                if node.parent is None and not node.resent and not node.skew and node.moment == seconds:
                    return place
        return -1

    def _start(self, found: list[Next], state: State, limits: Limits, place: int, paused: int) -> None:
        process = PROCESSES[limits.names[place]]
        seconds = limits.moments[state.moment]
        root = self.root(limits.names[place], state, limits)
        if place > paused and state.moment + 1 < len(limits.moments):
            found.append((Move("begins", place), _with_process(state, place, root)))
        if paused >= 0:
            return
        self._step(found, state, limits, place, root)
        if state.faults and limits.rare:
            for what, skew in (("begins with its clock ahead", SKEW), ("begins with its clock behind", -SKEW)):
                wrong = _with_process(state, place, self.forest.root(process, seconds, skew))
                found.append((Move(what, place), wrong._replace(faults=state.faults - 1)))

    def _step(self, found: list[Next], state: State, limits: Limits, place: int, process: int) -> None:
        database, gateway, moment_, faults, delivered, on_the_way, processes = state
        call = self.forest.nodes[process].call
        of_gateway = call is not None and call.of_gateway
        self.current = Move("", place)
        faulty = 0 if not faults else 2 if limits.rare else 1
        before, behind = processes[:place], processes[place + 1 :]
        own = place < len(limits.names)
        subject = gateway if of_gateway else database
        for outcome in self.steps.outcomes(process, subject, limits.moments[moment_], faulty):
            what, after, follower, cost, late, beside, denied = outcome
            then = (*before, follower, *behind) if own or follower != ENDED else before + behind
            waiting = (*on_the_way, late) if late >= 0 else on_the_way
            if denied and waiting:
                waiting = tuple(self.steps.denied(process, request) for request in waiting)
            worlds = (database, after) if of_gateway else (after, gateway)
            if beside is not None:
                worlds = (worlds[0], self._told(worlds[1], beside))
            waiting = self._mattering(waiting, *worlds) if waiting else waiting
            found.append((Move(what, place), State(*worlds, moment_, faults - cost, delivered, waiting, then)))

    def _told(self, gateway: int, beside: Beside) -> int:
        house = self.gatehouses.states[gateway]
        if beside.unlocks is not None:
            attempt_id, reason = beside.unlocks
            check_confirmed(house.session_of(attempt_id), reason)
        if beside.hands_out is not None:
            house = hosted.handed_out(house, beside.hands_out)
        if beside.hears_of is not None:
            house = hosted_money.bounce_heard(house, beside.hears_of)
        if beside.closes is not None and self.temper.tells_of_voids:
            house = hosted.closed_for(house, *beside.closes)
        return self.gatehouses.number(house)

    def _arrive(self, found: list[Next], state: State, seconds: int) -> None:
        for position, number in enumerate(state.on_the_way):
            node = self.forest.nodes[number]
            call = node.call
            if call is None:
                continue
            move = self.current = Move("arrives late", number)
            rest = (*state.on_the_way[:position], *state.on_the_way[position + 1 :])
            effect = self.steps.arrives(node, call, state.gateway if call.of_gateway else state.database, seconds)
            worlds = (state.database, effect.after) if call.of_gateway else (effect.after, state.gateway)
            beside = self.steps.beside(node, call, effect, seconds)
            if beside is not None:
                worlds = (worlds[0], self._told(worlds[1], beside))
            waiting = self._mattering(rest, *worlds)
            found.append((move, state._replace(database=worlds[0], gateway=worlds[1], on_the_way=waiting)))

    def _mattering(self, on_the_way: tuple[int, ...], database: int, gateway: int) -> tuple[int, ...]:
        """The requests that can still change anything; whether and when others arrive makes no difference."""
        return tuple(sorted(late for late in on_the_way if self.steps.can_matter(late, database, gateway)))

    def _happen_outside(self, found: list[Next], state: State, seconds: int) -> None:
        # Where nothing that it tells is dated, the same can happen at any time.
        key = (state.gateway, seconds if self.temper.dates is Dating.TRULY else 0)
        known = self._outside.get(key)
        if known is None:
            house = self.gatehouses.states[state.gateway]
            happenings = surroundings.happenings(house, self.temper, moment(seconds))
            known = [(what, place, self.gatehouses.number(after)) for what, place, after in happenings]
            self._outside[key] = known
        for what, place, gateway in known:
            found.append((Move(what, place), state._replace(gateway=gateway)))

    def _deliver(self, found: list[Next], state: State, limits: Limits, seconds: int) -> None:
        if len(state.delivered) >= limits.deliveries:
            return
        for notice in self.gatehouses.states[state.gateway].notices:
            number = self.notice_number(notice)
            copies = state.delivered.count(number)
            if copies >= MOST_COPIES:
                continue
            move = self.current = Move("is delivered", number)
            sent = self._sent(notice, seconds)
            root = self.steps.ended(self.forest.root(callback_process(sent, copies), seconds, 0))
            if root != ENDED:
                delivered = tuple(sorted((*state.delivered, number)))
                found.append((move, state._replace(delivered=delivered, processes=(*state.processes, root))))

    def _expire(self, found: list[Next], state: State, limits: Limits) -> None:
        """Content that an edit replaced expires when nobody is about any more but those who only look."""
        about = {
            limits.names[place]
            for place, process in enumerate(state.processes[: len(limits.names)])
            if process != ENDED
        }
        if about and about <= READERS:
            after = self.databases.expired(state.database)
            if after != state.database:
                found.append((Move("expires", 0), state._replace(database=after)))

    def _sent(self, notice: Notice, seconds: int) -> Notice:
        """The callback as it is delivered now."""
        dated = self.temper.dates is Dating.AS_SENT and notice.kind is NoticeKind.PAID
        return replace(notice, stated_at=moment(seconds)) if dated else notice

    def _pass_time(self, found: list[Next], state: State, limits: Limits) -> None:
        now = moment(limits.moments[state.moment + 1])
        house = hosted_money.aged(self.gatehouses.states[state.gateway], now, self.temper)
        after = state._replace(moment=state.moment + 1, gateway=self.gatehouses.number(house))
        found.append((Move("time passes", after.moment), after))


def _with_process(state: State, place: int, process: int) -> State:
    processes = state.processes
    return state._replace(processes=(*processes[:place], process, *processes[place + 1 :]))
