"""Which events one call of a replay publishes, where the next one goes on, and what it does about those that fail."""

from collections.abc import Callable, Mapping, Sequence
from dataclasses import replace
from datetime import timedelta

import pytest

from paylatch.domain.caller import Caller, Role
from paylatch.domain.errors import (
    EventNotPublished,
    EventRefused,
    NotAllowed,
    OrderNotFound,
    OrderUnreadable,
    PaylatchError,
    StoreUnavailable,
)
from paylatch.domain.recorded_events import RecordedEvent
from paylatch.ports import Heads, HistoryPage, Metric, Ports
from paylatch.ports.event_scan import ScannedPage, ScanPosition
from paylatch.use_cases.record_events import Receiver
from paylatch.use_cases.replay_events import MOST_REPLAYED, OF_AN_ORDER, Replay, replay_between, replay_order
from tests.fakes.fixed_gateways import FixedGateways
from tests.fakes.memory_gateway import MemoryGateway
from tests.fakes.memory_order_store import MemoryOrderStore
from tests.fakes.recorded_metrics import RecordedMetrics
from tests.fakes.sequential_id_generator import SequentialIdGenerator
from tests.fakes.settable_clock import SettableClock
from tests.transition_cases import START, head_of

OPERATOR = Caller("olga", frozenset({Role.OPERATOR}))
OTHERS = [Caller("sam", frozenset({role})) for role in Role if role is not Role.OPERATOR]
FIRST, SECOND = "77777777777777A1", "77777777777777A2"
FAILED, REFUSED, UNREADABLE = EventNotPublished("busy"), EventRefused("malformed"), OrderUnreadable(SECOND, "a word")


def event(order_id: str, seq: int, buyer_id: str | None = None) -> RecordedEvent:
    return RecordedEvent(
        order_id=order_id,
        seq=seq,
        type="OrderEdited",
        at=START,
        actor="b",
        payment_status="paid",
        revision=1,
        buyer_id=buyer_id,
    )


class Orders(MemoryOrderStore):
    """Does not get to the heads of `unprocessed`, and cannot read each order's event of `unreadable`."""

    def __init__(self) -> None:
        super().__init__()
        self.unprocessed: tuple[str, ...] = ()
        self.unreadable: Mapping[int, OrderUnreadable] = {}

    def read_heads(self, order_ids: Sequence[str]) -> Heads:
        left = tuple(order_id for order_id in order_ids if order_id in self.unprocessed)
        return Heads(super().read_heads(order_ids).found, left)

    def read_history(self, order_id: str, after: int = 0, limit: int = 100) -> HistoryPage:
        page = super().read_history(order_id, after, limit)
        broken = [event.seq for event in page.events if event.seq in self.unreadable]
        whole = tuple(event for event in page.events if event.seq not in broken)
        return HistoryPage(whole, page.next_after, tuple(self.unreadable[seq] for seq in broken))


class Stack:
    """Orders with their histories, a table of pages, and a bus that fails at some events."""

    def __init__(self) -> None:
        self.orders, self.metrics = Orders(), RecordedMetrics()
        self.published: list[RecordedEvent] = []
        self.fails: dict[tuple[str, int], PaylatchError] = {}
        self.pages: list[tuple[Sequence[RecordedEvent], Sequence[OrderUnreadable]]] = []

    def put(self, order_id: str, events: int) -> None:
        self.orders.heads[order_id] = {**head_of("new"), "order_id": order_id, "reference": f"of {order_id}"}
        self.orders.record_events([event(order_id, seq) for seq in range(1, events + 1)])

    def send(self, events: Sequence[RecordedEvent]) -> Mapping[str, PaylatchError]:
        errors = {one.order_id: error for one in events if (error := self.fails.get((one.order_id, one.seq)))}
        self.published += [one for one in events if one.order_id not in errors]
        return errors

    def events_between(self, first: object, until: object, after: ScanPosition | None) -> ScannedPage:
        assert (first, until) == (START, START + timedelta(hours=1))
        place = int(after[1]) if after else 0
        events, unreadable = self.pages[place]
        following = place + 1 if place + 1 < len(self.pages) else None
        return ScannedPage(tuple(events), tuple(unreadable), ("at", str(following)) if following else None)

    @property
    def seqs(self) -> list[int]:
        return [one.seq for one in self.published]

    def of_order(
        self, after: int | None = None, has_time: Callable[[], bool] = lambda: True, caller: Caller = OPERATOR
    ) -> Replay[int]:
        return replay_order(FIRST, after, caller, self._bus, has_time, self._ports)

    def between(self, after: ScanPosition | None = None, caller: Caller = OPERATOR) -> Replay[ScanPosition]:
        until = START + timedelta(hours=1)
        return replay_between(START, until, after, caller, self._bus, lambda: True, self, self._ports)

    @property
    def _bus(self) -> Receiver:
        return Receiver(self.send, 10, lambda: True, StoreUnavailable("no time"), lambda _: None)

    @property
    def _ports(self) -> Ports:
        clock = SettableClock(START)
        gateways = FixedGateways({"sandbox": MemoryGateway(clock)})
        return Ports(self.orders, gateways, clock, SequentialIdGenerator(), self.metrics)


@pytest.fixture
def stack() -> Stack:
    return Stack()


@pytest.mark.parametrize("caller", OTHERS)
def test_only_an_operator_has_events_published_again(stack: Stack, caller: Caller) -> None:
    stack.put(FIRST, 1)
    stack.pages = [([event(FIRST, 1)], ())]
    with pytest.raises(NotAllowed):
        stack.of_order(caller=caller)
    with pytest.raises(NotAllowed):
        stack.between(caller=caller)
    assert stack.published == []


def test_an_order_that_is_not_here_is_not_found(stack: Stack) -> None:
    with pytest.raises(OrderNotFound):
        stack.of_order()


@pytest.mark.parametrize("after", [None, 0, 1, OF_AN_ORDER])
def test_one_call_publishes_all_events_of_an_order_behind_a_position(stack: Stack, after: int | None) -> None:
    stack.put(FIRST, 3 * OF_AN_ORDER)
    done = stack.of_order(after)
    assert stack.seqs == list(range((after or 0) + 1, 3 * OF_AN_ORDER + 1))
    assert (done.published, done.skipped, done.next_position) == (len(stack.seqs), [], None)


def test_a_call_ends_once_it_has_published_so_much_or_has_no_time_and_says_where(stack: Stack) -> None:
    stack.put(FIRST, MOST_REPLAYED + 1)
    assert stack.of_order(has_time=lambda: False).next_position == OF_AN_ORDER
    stack.published.clear()
    done = stack.of_order()
    assert (done.published, done.next_position, len(stack.published)) == (MOST_REPLAYED, MOST_REPLAYED, MOST_REPLAYED)
    assert stack.of_order(MOST_REPLAYED) == Replay(None, 1)


@pytest.mark.parametrize("after", [None, OF_AN_ORDER])
def test_where_the_first_page_fails_the_call_fails(stack: Stack, after: int | None) -> None:
    stack.put(FIRST, 3 * OF_AN_ORDER)
    stack.fails[FIRST, (after or 0) + 2] = FAILED
    with pytest.raises(EventNotPublished):
        stack.of_order(after)


def test_a_later_page_that_fails_is_for_the_next_call_as_a_whole(stack: Stack) -> None:
    stack.put(FIRST, 3 * OF_AN_ORDER)
    stack.fails[FIRST, OF_AN_ORDER + 2] = FAILED
    assert stack.of_order() == Replay(OF_AN_ORDER, OF_AN_ORDER)


def test_an_event_that_the_bus_refuses_for_good_and_one_that_cannot_be_read_are_skipped(stack: Stack) -> None:
    stack.put(FIRST, 4)
    stack.fails[FIRST, 1] = REFUSED
    stack.orders.unreadable = {3: UNREADABLE}
    assert stack.of_order() == Replay(None, 2, [FIRST, SECOND])
    assert stack.seqs == [2, 4]
    assert stack.metrics.times(Metric.EVENT_UNREADABLE) == 1


def test_one_call_goes_through_all_pages_of_the_table_each_once(stack: Stack) -> None:
    stack.put(FIRST, 0)
    stack.put(SECOND, 0)
    stack.pages = [([event(FIRST, 1), event(SECOND, 1)], ()), ([], (UNREADABLE,)), ([event(FIRST, 2)], ())]
    assert stack.between() == Replay(None, 3, [SECOND])
    assert [(one.order_id, one.seq) for one in stack.published] == [(FIRST, 1), (SECOND, 1), (FIRST, 2)]
    assert stack.between(("at", "2")).published == 1


def test_heads_that_the_database_did_not_get_to_fail_their_page(stack: Stack) -> None:
    stack.put(FIRST, 0)
    stack.put(SECOND, 0)
    stack.pages = [([event(FIRST, 1)], ()), ([event(SECOND, 1)], ())]
    stack.orders.unprocessed = (SECOND,)
    assert stack.between() == Replay(("at", "1"), 1)
    with pytest.raises(StoreUnavailable):
        stack.between(("at", "1"))


def test_an_event_has_its_order_s_people_and_reference_as_far_as_its_head_can_be_read(stack: Stack) -> None:
    stack.put(FIRST, 0)
    stack.put(SECOND, 0)
    stack.orders.heads[SECOND]["payment_status"] = "unheard_of"
    lost = "77777777777777A3"
    stack.pages = [([event(FIRST, 1), event(SECOND, 1), event(lost, 1), event(FIRST, 2, "an earlier buyer")], ())]
    stack.between()
    whole = replace(event(FIRST, 1), reference=f"of {FIRST}", seller_id="seller-1", buyer_id="buyer-1")
    handed_over = replace(whole, seq=2, buyer_id="an earlier buyer")
    by_order = sorted(stack.published, key=lambda one: (one.order_id, one.seq))
    assert by_order == [whole, handed_over, event(SECOND, 1), event(lost, 1)]
