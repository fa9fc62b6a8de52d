"""Every interleaving of an order's retirement with one other process, with crashes and lost answers, on the real code.

A state is a database, and what each process was answered so far: a process is run again with the same answers up to its
next call, as in the model checker. The order is finished, and its last event is as old as finished orders are kept.
"""

from collections.abc import Callable, Iterator, Mapping, Sequence
from copy import copy
from dataclasses import dataclass, field, replace
from datetime import datetime, timedelta
from functools import partial

from paylatch.domain.errors import PaylatchError, StoreUnavailable
from paylatch.domain.late_money import Evidence, Payment
from paylatch.domain.order import Order
from paylatch.domain.payment import Capture
from paylatch.domain.tombstone import is_tombstone
from paylatch.ports import Ports
from paylatch.ports.retention import Retention, RetentionStore
from paylatch.use_cases.create_order import create_order
from paylatch.use_cases.edit_order import cancel_order
from paylatch.use_cases.erase_personal_data import erase_personal_data
from paylatch.use_cases.finish_erasure import record_and_erase
from paylatch.use_cases.read_order import read_order
from paylatch.use_cases.request_refund import request_refund
from paylatch.use_cases.retire_orders import record_and_schedule, retire_orders
from paylatch.use_cases.settle_order_manually import settle_order_manually
from paylatch.use_cases.settle_payment import place_payment
from tests.fakes.memory_order_store import MemoryOrderStore
from tests.fakes.memory_retention_store import MemoryRetentionStore
from tests.invariants import expect
from tests.model_checker.actors import BUYER, CASH, ORDER, PART_BACK, PLACED, SELLER, SERVICE
from tests.model_checker.scripted_ports import Call, Raised, Script, Suspended, scripted_ports
from tests.model_checker.simulated_gateway import GatewayProfile

KEEP = timedelta(days=30)
_PROFILE = GatewayProfile(name="unused")
_RETENTION_CALLS = frozenset({"schedule", "retire", "remains", "remove"})
_READS = frozenset({"read_head", "read_heads", "read_content", "content_ids", "read_history", "remains", "is_retired"})
_LATE = Payment(f"{ORDER}_77777777", _PROFILE.name, Capture("pay-late", 2500, "EUR"), Evidence.CONFIRMED)
_LOST = Raised(lambda: StoreUnavailable("no answer"))
Use = Callable[[Ports, RetentionStore], object]


@dataclass(slots=True)
class SuspendingRetentionStore:
    """Implements `RetentionStore`."""

    script: Script

    def schedule(self, times: Mapping[str, datetime]) -> Mapping[str, PaylatchError]:
        return self.script.ask("schedule", times)  # type: ignore[return-value]

    def retire(self, order: Order, now: datetime) -> bool:
        return self.script.ask("retire", order, now)  # type: ignore[return-value]

    def remains(self, order_id: str) -> tuple[str, ...]:
        return self.script.ask("remains", order_id)  # type: ignore[return-value]

    def remove(self, order_id: str, keys: Sequence[str]) -> None:
        self.script.ask("remove", order_id, keys)


@dataclass(frozen=True, slots=True)
class Ended:
    """The end of a process: what it gave, or the error that it raised; neither where it died."""

    value: object = None
    error: Exception | None = None
    died: bool = False


@dataclass(frozen=True, slots=True)
class Process:
    """What a process was answered so far, each answer with what it is recognised by; `ended` once it is over."""

    name: str
    use: Use
    answers: tuple[tuple[object, str], ...] = ()
    ended: Ended | None = None

    def next_call(self) -> Call | Ended:
        """The call that it waits for, or its end."""
        script = Script(self.name, 0, [(answer, 0) for answer, _ in self.answers])
        try:
            return Ended(self.use(scripted_ports(script, _PROFILE, None), SuspendingRetentionStore(script)))
        except Suspended as waiting:
            return waiting.call
        except (PaylatchError, LookupError) as error:
            return Ended(error=error)

    def answered(self, answer: object) -> "Process":
        seen = "no answer" if isinstance(answer, Raised) else repr(getattr(answer, "order", answer))
        return replace(self, answers=(*self.answers, (answer, seen)))

    @property
    def key(self) -> object:
        """Equal for processes that go on alike."""
        died = self.ended is not None and self.ended.died
        return (self.name, died, tuple(seen for _, seen in self.answers))


@dataclass(slots=True)
class Database:
    """The order's items, and when it is looked at."""

    orders: MemoryOrderStore = field(default_factory=MemoryOrderStore)
    times: dict[str, datetime] = field(default_factory=dict)

    def copied(self) -> "Database":
        orders = copy(self.orders)
        orders.heads, orders.contents = dict(self.orders.heads), dict(self.orders.contents)
        orders.history = {order_id: dict(events) for order_id, events in self.orders.history.items()}
        orders.outbox = []
        return Database(orders, dict(self.times))

    @property
    def retention(self) -> MemoryRetentionStore:
        store = MemoryRetentionStore(self.orders)
        store.times = self.times
        return store

    def make(self, call: Call) -> object:
        """What the call gives; an error as it is given again to the same process."""
        store = self.retention if call.method in _RETENTION_CALLS else self.orders
        try:
            return getattr(store, call.method)(*call.args)
        except LookupError as error:
            message = str(error)
            return Raised(lambda: LookupError(message))

    @property
    def key(self) -> object:
        events = sorted((seq, repr(event.detail)) for seq, event in self.orders.history.get(ORDER, {}).items())
        return (repr(self.orders.heads), repr(sorted(self.orders.contents)), repr(events), bool(self.times))

    @property
    def retired(self) -> bool:
        """Whether the tombstone is there."""
        return is_tombstone(self.orders.heads.get(ORDER, {}))


Node = tuple[Database, tuple[Process, ...], int]


@dataclass(slots=True)
class Schedules:
    """All schedules of some processes, with so many faults in each; `check` judges each step, `finish` each end."""

    check: Callable[[Database, Database], None]
    finish: Callable[[Database, tuple[Process, ...]], None]
    met: set[object] = field(default_factory=set)
    ends: int = 0

    def explore(self, database: Database, processes: tuple[Process, ...], faults: int) -> None:
        """Go through every schedule. Raises `InvariantViolated`."""
        pending: list[Node] = [(database, processes, faults)]
        while pending:
            node = pending.pop()
            key = (node[0].key, tuple(process.key for process in node[1]), node[2])
            if key in self.met:
                continue
            self.met.add(key)
            following = list(self._following(*node))
            if not following:
                self.ends += 1
                self.finish(node[0].copied(), node[1])
            pending += following

    def _following(self, database: Database, processes: tuple[Process, ...], faults: int) -> Iterator[Node]:
        for place, process in enumerate(processes):
            if process.ended is not None:
                continue
            for after, moved, cost in self._steps(database, process):
                if cost <= faults:
                    yield after, (*processes[:place], moved, *processes[place + 1 :]), faults - cost

    def _steps(self, database: Database, process: Process) -> Iterator[tuple[Database, Process, int]]:
        call = process.next_call()
        if isinstance(call, Ended):
            raise AssertionError(f"{process.name} has ended")
        after = database.copied()
        answer = after.make(call)
        self.check(database, after)
        yield after, _moved(process.answered(answer)), 0
        yield database, replace(process, ended=Ended(died=True)), 1
        yield database, _moved(process.answered(_LOST)), 1
        if call.method not in _READS:
            yield after, _moved(process.answered(_LOST)), 1


def _moved(process: Process) -> Process:
    call = process.next_call()
    return replace(process, ended=call) if isinstance(call, Ended) else process


def _always() -> bool:
    return True


def retire(ports: Ports, retention: RetentionStore) -> object:
    """The consumer retires the order, because its expiry was deleted. Raises where the record is handed in again."""
    for error in retire_orders([ORDER], Retention(KEEP, retention), _always, ports).values():
        raise error
    return None


PROCESSES: Mapping[str, Use] = {
    "retire": retire,
    "retire too": retire,
    "money": lambda ports, _: place_payment(ORDER, _LATE, ports),
    "refund": lambda ports, _: request_refund(PART_BACK, SELLER, ports),
    "create": lambda ports, _: create_order(PLACED, SELLER, ports),
    "erase": lambda ports, _: erase_personal_data(ORDER, SERVICE, _always, ports),
    "read": lambda ports, _: read_order(ORDER, BUYER, ports),
}


def _settled(ports: Ports) -> None:
    create_order(PLACED, SELLER, ports)
    settle_order_manually(ORDER, CASH, SELLER, ports)


def _cancelled(ports: Ports) -> None:
    create_order(PLACED, SELLER, ports)
    cancel_order(ORDER, BUYER, ports)


def _erased(ports: Ports) -> None:
    _cancelled(ports)
    erase_personal_data(ORDER, SERVICE, _always, ports)


FINISHED: Mapping[str, Callable[[Ports], None]] = {"paid": _settled, "cancelled": _cancelled, "erased": _erased}


def finished(name: str, ports: Ports) -> Database:
    """An order with its history that ended so; its expiry is deleted."""
    database = Database()
    ports = replace(ports, store=database.orders)
    FINISHED[name](ports)
    for event in database.orders.outbox:
        record_and_schedule([event], partial(record_and_erase, has_time=_always, ports=ports), KEEP, database.retention)
    expect(bool(database.times), "finished orders are scheduled", f"a {name} order is not")
    database.times.clear()
    return database


def processes(*names: str) -> tuple[Process, ...]:
    """The processes of these names, which are about to begin."""
    return tuple(Process(name, PROCESSES[name]) for name in names)
