"""In every schedule, whatever crashes or gets no answer: a finished order is retired, or written to first."""

from datetime import timedelta

import pytest

from paylatch.domain.errors import IdempotencyKeyReused, OrderNotFound, StoreUnavailable
from paylatch.domain.refund_errors import OrderNotPaid
from paylatch.domain.retention import NEXT_TRY
from paylatch.domain.retention_errors import OrderRetired
from paylatch.ports import Ports
from tests.fakes.fixed_gateways import FixedGateways
from tests.fakes.memory_gateway import MemoryGateway
from tests.fakes.recorded_metrics import RecordedMetrics
from tests.fakes.sequential_id_generator import SequentialIdGenerator
from tests.fakes.settable_clock import SettableClock
from tests.invariants import expect
from tests.model_checker.actors import ORDER
from tests.model_checker.retirement_schedules import (
    FINISHED,
    KEEP,
    Database,
    Ended,
    Process,
    Schedules,
    finished,
    processes,
    retire,
)
from tests.model_checker.scripted_ports import NOON

WRITERS = ("refund", "money", "erase")
REFUSALS = (OrderNotFound, OrderNotPaid, IdempotencyKeyReused, StoreUnavailable)
ENOUGH_DAYS = 3


def ports_at(clock: SettableClock, database: Database | None = None) -> Ports:
    store = (database or Database()).orders
    gateways = FixedGateways({"sandbox": MemoryGateway(clock)})
    return Ports(store, gateways, clock, SequentialIdGenerator(), RecordedMetrics())


def check(before: Database, after: Database) -> None:
    """What holds in every state, and of every step."""
    tombstone = before.orders.heads[ORDER]
    expect(not before.retired or after.orders.heads[ORDER] == tombstone, "a tombstone stays", f"after {tombstone}")
    head = None if after.retired else after.orders.read_head(ORDER)
    if head is None:
        return
    expect((ORDER, head.content_id) in after.orders.contents, "a head's content exists", head.content_id)
    events = [*after.orders.history[ORDER]]
    expect(events[:2] == [1, 2], "an order has its whole history", f"{events}")


def finish(database: Database, ended: tuple[Process, ...]) -> None:
    """The answers are true; and a record that was not handled, or the next expiry, completes what was begun."""
    for process in ended:
        if process.ended is not None and not process.ended.died:
            check_answer(process, process.ended, database)
    clock = SettableClock(NOON)
    if any(process.name.startswith("retire") and is_handed_in_again(process) for process in ended):
        retire(ports_at(clock, database), database.retention)
    for _ in range(ENOUGH_DAYS):
        clock.advance(NEXT_TRY)
        if ORDER in database.times and database.times[ORDER] <= clock.now():
            del database.times[ORDER]
            retire(ports_at(clock, database), database.retention)
    if database.retired:
        expect(database.retention.remains(ORDER) == (), "nothing is left", f"{database.retention.remains(ORDER)}")
        expect(not database.times, "a retired order is not looked at for ever", f"{database.times}")
    else:
        written = [process for process in ended if process.name in WRITERS]
        expect(bool(written), "an order is retired unless it was written to", "it is still there")
        expect(bool(database.times), "a finished order is looked at again", "nothing is scheduled")


def is_handed_in_again(process: Process) -> bool:
    return process.ended is not None and (process.ended.died or process.ended.error is not None)


def check_answer(process: Process, ended: Ended, database: Database) -> None:
    known = ended.error is None or isinstance(ended.error, REFUSALS)
    expect(known, "no crash", f"{process.name} met {ended.error!r}")
    if process.name in WRITERS and ended.error is None and ended.value is not None:
        expect(not database.retired or not wrote(process), "what was written is kept", f"the {process.name} is lost")
    if isinstance(ended.error, OrderNotFound | IdempotencyKeyReused):
        expect(database.retired, "who is refused finds no order", f"{process.name} met {ended.error!r}")
    if process.name == "money" and isinstance(ended.error, OrderNotFound):
        known = isinstance(ended.error, OrderRetired)
        expect(known, "late money finds that the order was retired", f"{ended.error!r}")


def wrote(process: Process) -> bool:
    return any(type(answer).__name__ == "Applied" for answer, _ in process.answers)


@pytest.mark.parametrize("faults", [0, 1, 2])
@pytest.mark.parametrize("end", FINISHED)
@pytest.mark.parametrize("other", ["retire too", "refund", "money", "create", "erase", "read"])
def test_in_every_schedule_an_order_is_retired_whole_or_kept_whole(end: str, other: str, faults: int) -> None:
    schedules = Schedules(check, finish)
    database = finished(end, ports_at(SettableClock(NOON - KEEP)))
    schedules.explore(database, processes("retire", other), faults)
    assert schedules.ends > 1


def test_a_second_too_early_nothing_is_retired() -> None:
    database = finished("paid", ports_at(SettableClock(NOON - KEEP + timedelta(seconds=1))))
    retire(ports_at(SettableClock(NOON), database), database.retention)
    assert not database.retired
    assert database.times == {ORDER: NOON + timedelta(seconds=1)}
