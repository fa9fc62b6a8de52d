"""Finished orders are scheduled and retired one by one, however the others, the time or the database fail."""

from collections.abc import Callable, Mapping, Sequence
from datetime import datetime, timedelta

import pytest

from paylatch.domain.errors import OrderUnreadable, PaylatchError, StoreUnavailable
from paylatch.domain.order import PaymentStatus
from paylatch.domain.recorded_events import RecordedEvent
from paylatch.domain.retention import NEXT_TRY
from paylatch.domain.tombstone import is_tombstone
from paylatch.ports import LARGEST_WRITE, Heads, Metric, Ports
from paylatch.ports.retention import Retention
from paylatch.use_cases.retire_orders import record_and_schedule, retire_orders
from tests.fakes.fixed_gateways import FixedGateways
from tests.fakes.memory_gateway import MemoryGateway
from tests.fakes.memory_order_store import MemoryOrderStore
from tests.fakes.memory_retention_store import MemoryRetentionStore
from tests.fakes.recorded_metrics import RecordedMetrics
from tests.fakes.sequential_id_generator import SequentialIdGenerator
from tests.fakes.settable_clock import SettableClock
from tests.transition_cases import START, head_of

KEEP = timedelta(days=30)
NOW = START + KEEP
FIRST, SECOND, THIRD = (f"77777777777777A{number}" for number in (1, 2, 3))
BUSY = StoreUnavailable("busy")
# How often there is time, where a test does not say: for each step that a call makes, and not for ever.
ENOUGH = 100


class Orders(MemoryOrderStore):
    """Leaves out what the database did not get to."""

    def __init__(self) -> None:
        super().__init__()
        self.unprocessed: tuple[str, ...] = ()

    def read_heads(self, order_ids: Sequence[str]) -> Heads:
        read = super().read_heads([order_id for order_id in order_ids if order_id not in self.unprocessed])
        return Heads(read.found, self.unprocessed, read.retired)


class FailingRetentionStore(MemoryRetentionStore):
    """Schedules no order of `not_scheduled`, and cannot delete what is left of one of `not_removed`."""

    def __init__(self, orders: MemoryOrderStore) -> None:
        super().__init__(orders)
        self.not_scheduled: tuple[str, ...] = ()
        self.not_removed: tuple[str, ...] = ()

    def schedule(self, times: Mapping[str, datetime]) -> Mapping[str, PaylatchError]:
        super().schedule({order_id: time for order_id, time in times.items() if order_id not in self.not_scheduled})
        return {order_id: BUSY for order_id in times if order_id in self.not_scheduled}

    def remove(self, order_id: str, keys: Sequence[str]) -> None:
        if order_id in self.not_removed:
            raise BUSY
        super().remove(order_id, keys)


class Stack:
    """A stack that keeps finished orders for a time, in memory."""

    def __init__(self) -> None:
        self.orders, self.metrics = Orders(), RecordedMetrics()
        self.store = FailingRetentionStore(self.orders)
        self.clock = SettableClock(NOW)

    def put(self, order_id: str, status: str = "paid", state: str = "new", contents: int = 1) -> None:
        """An order that is otherwise in that state, with so many contents."""
        self.orders.heads[order_id] = {**head_of(state), "order_id": order_id, "payment_status": status}
        self.orders.contents |= {(order_id, f"{number:08d}"): {} for number in range(contents)}

    def retire(
        self, *order_ids: str, keep: timedelta | None = KEEP, has_time: Callable[[], bool] | None = None
    ) -> Mapping[str, PaylatchError]:
        ports = Ports(
            self.orders,
            FixedGateways({"sandbox": MemoryGateway(self.clock)}),
            self.clock,
            SequentialIdGenerator(),
            self.metrics,
        )
        return retire_orders(order_ids, Retention(keep, self.store), has_time or times(ENOUGH), ports)

    def is_retired(self, order_id: str) -> bool:
        return is_tombstone(self.orders.heads.get(order_id, {}))

    @property
    def reported(self) -> list[str]:
        """The orders of the failures that were reported."""
        return [str(fields["order_id"]) for _, fields in self.metrics.failed]


@pytest.fixture
def stack() -> Stack:
    return Stack()


def times(number: int) -> Callable[[], bool]:
    """There is time so many times."""
    answers = iter([True] * number)
    return lambda: next(answers, False)


def test_an_order_that_is_over_is_retired_with_all_that_it_had(stack: Stack) -> None:
    stack.put(FIRST, contents=2 * LARGEST_WRITE + 1)
    assert stack.retire(FIRST) == {}
    assert stack.is_retired(FIRST)
    assert stack.store.remains(FIRST) == ()
    assert stack.store.times == {FIRST: NOW + NEXT_TRY}
    assert stack.metrics.counted == [(Metric.ORDER_RETIRED, 1, {"order_id": FIRST})]


def test_an_order_whose_time_is_not_over_is_looked_at_when_it_is(stack: Stack) -> None:
    stack.clock.advance(-timedelta(seconds=1))
    stack.put(FIRST)
    assert stack.retire(FIRST) == {}
    assert (stack.is_retired(FIRST), stack.store.times) == (False, {FIRST: NOW})


@pytest.mark.parametrize(("status", "state"), [("pending_payment", "new"), ("cancelled", "pending")])
def test_an_order_that_is_open_or_whose_money_is_open_is_kept_for_another_time(
    stack: Stack, status: str, state: str
) -> None:
    stack.put(FIRST, status, state)
    assert stack.retire(FIRST) == {}
    assert (stack.is_retired(FIRST), stack.store.times) == (False, {FIRST: NOW + KEEP})


def test_a_stack_that_keeps_orders_for_ever_neither_schedules_nor_retires_one(stack: Stack) -> None:
    stack.put(FIRST)
    assert stack.retire(FIRST, keep=None) == {}
    assert (stack.is_retired(FIRST), stack.store.times) == (False, {})


def test_an_order_that_never_was_is_not_scheduled(stack: Stack) -> None:
    assert stack.retire(FIRST) == {}
    assert (stack.store.times, stack.reported) == ({}, [])


@pytest.mark.parametrize("keep", [KEEP, None])
def test_what_is_left_of_a_retired_order_goes_whatever_the_stack_keeps_now(
    stack: Stack, keep: timedelta | None
) -> None:
    stack.put(FIRST)
    stack.retire(FIRST, has_time=times(1))
    assert (stack.is_retired(FIRST), bool(stack.store.remains(FIRST))) == (True, True)
    stack.clock.advance(NEXT_TRY)
    assert stack.retire(FIRST, keep=keep) == {}
    assert stack.store.remains(FIRST) == ()
    assert stack.store.times == {FIRST: NOW + 2 * NEXT_TRY}
    assert stack.metrics.times(Metric.ORDER_RETIRED) == 1


def test_a_retired_order_of_which_nothing_is_left_is_not_looked_at_again(stack: Stack) -> None:
    stack.put(FIRST)
    stack.retire(FIRST)
    stack.store.times.clear()
    assert stack.retire(FIRST) == {}
    assert stack.store.times == {}


def test_without_time_an_order_is_only_scheduled(stack: Stack) -> None:
    stack.put(FIRST)
    assert stack.retire(FIRST, has_time=times(0)) == {}
    assert (stack.is_retired(FIRST), stack.store.times) == (False, {FIRST: NOW + NEXT_TRY})
    assert stack.metrics.counted == []


def test_nothing_more_is_deleted_once_there_is_no_time(stack: Stack) -> None:
    stack.put(FIRST, contents=2 * LARGEST_WRITE)
    assert stack.retire(FIRST, has_time=times(2)) == {}
    assert len(stack.store.remains(FIRST)) == LARGEST_WRITE
    assert stack.store.times == {FIRST: NOW + NEXT_TRY}


def test_an_order_that_another_write_changed_meanwhile_stays_whole(
    stack: Stack, monkeypatch: pytest.MonkeyPatch
) -> None:
    stack.put(FIRST)
    monkeypatch.setattr(stack.store, "retire", lambda *_: False)
    assert stack.retire(FIRST) == {}
    assert stack.store.remains(FIRST)
    assert stack.metrics.counted == []


def test_an_order_that_was_not_read_is_handed_in_again_with_those_behind_it(stack: Stack) -> None:
    for order_id in (FIRST, SECOND, THIRD):
        stack.put(order_id)
    stack.orders.unprocessed = (SECOND,)
    failed = stack.retire(FIRST, SECOND, THIRD)
    assert {order_id: type(error) for order_id, error in failed.items()} == {SECOND: StoreUnavailable}
    assert [stack.is_retired(order_id) for order_id in (FIRST, SECOND, THIRD)] == [True, False, False]
    assert stack.reported == [], "who hands it in again reports it"


def test_an_order_that_cannot_be_scheduled_is_not_touched(stack: Stack) -> None:
    stack.put(FIRST)
    stack.store.not_scheduled = (FIRST,)
    assert stack.retire(FIRST) == {FIRST: BUSY}
    assert not stack.is_retired(FIRST)


def test_an_order_that_cannot_be_read_is_reported_and_delays_no_other(stack: Stack) -> None:
    stack.put(FIRST)
    stack.put(SECOND)
    stack.orders.heads[FIRST]["payment_status"] = "unheard_of"
    assert stack.retire(FIRST, SECOND) == {}
    assert stack.store.times == {FIRST: NOW + NEXT_TRY, SECOND: NOW + NEXT_TRY}
    assert (stack.is_retired(FIRST), stack.is_retired(SECOND)) == (False, True)
    ((_, fields),) = stack.metrics.failed
    assert (fields["order_id"], fields["error"]) == (FIRST, OrderUnreadable.__name__)


@pytest.mark.parametrize("again", [False, True], ids=["at first", "again"])
def test_what_cannot_be_deleted_is_reported_and_delays_no_other(stack: Stack, again: bool) -> None:
    stack.put(FIRST)
    stack.put(SECOND)
    stack.store.not_removed = (FIRST,)
    if again:
        stack.retire(FIRST, has_time=times(1))
    assert stack.retire(FIRST, SECOND) == {}
    assert stack.reported == [FIRST]
    assert [bool(stack.store.remains(order_id)) for order_id in (FIRST, SECOND)] == [True, False]
    assert stack.store.times == {FIRST: NOW + NEXT_TRY, SECOND: NOW + NEXT_TRY}


def event(order_id: str, status: PaymentStatus) -> RecordedEvent:
    return RecordedEvent(
        order_id=order_id, seq=2, type="an event", at=START, actor="b", payment_status=status, revision=1
    )


@pytest.mark.parametrize("status", PaymentStatus)
def test_an_event_of_a_finished_order_alone_schedules_it_for_the_end_of_its_time(
    stack: Stack, status: PaymentStatus
) -> None:
    finished = status in (PaymentStatus.PAID, PaymentStatus.CANCELLED)
    assert record_and_schedule([event(FIRST, status)], lambda _: {}, KEEP, stack.store) == {}
    assert stack.store.times == ({FIRST: NOW} if finished else {})


def test_without_a_finished_order_the_database_is_asked_nothing(stack: Stack, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.delattr(FailingRetentionStore, "schedule")
    monkeypatch.delattr(MemoryRetentionStore, "schedule")
    assert record_and_schedule([event(FIRST, PaymentStatus.REVIEW)], lambda _: {}, KEEP, stack.store) == {}


def test_an_order_whose_event_was_not_recorded_is_not_scheduled_and_each_failure_is_named(stack: Stack) -> None:
    stack.store.not_scheduled = (SECOND,)
    not_recorded = StoreUnavailable("no answer")
    events = [event(order_id, PaymentStatus.PAID) for order_id in (FIRST, SECOND, THIRD)]
    failed = record_and_schedule(events, lambda _: {FIRST: not_recorded}, KEEP, stack.store)
    assert failed == {FIRST: not_recorded, SECOND: BUSY}
    assert stack.store.times == {THIRD: NOW}
