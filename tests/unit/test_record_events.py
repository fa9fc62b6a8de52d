"""Events of many orders share requests, and those of one order stay in sequence."""

from collections.abc import Mapping, Sequence
from datetime import UTC, datetime

import pytest
from hypothesis import given
from hypothesis import strategies as st

from paylatch.domain.errors import (
    EventNotPublished,
    EventRefused,
    OrderTooLarge,
    PaylatchError,
    StoreRefused,
    StoreUnavailable,
)
from paylatch.domain.recorded_events import RecordedEvent
from paylatch.ports import ContentKey, Contents
from paylatch.use_cases.record_events import PAUSES_SECONDS, Receiver, record_events, requests_of

NOON = datetime(2026, 11, 24, 12, tzinfo=UTC)
BUSY, LATE = StoreUnavailable("busy"), StoreUnavailable("no time")
REFUSED = EventRefused("MalformedDetail")


def change(order_id: str, seq: int) -> RecordedEvent:
    return RecordedEvent(
        order_id=order_id, seq=seq, type="OrderEdited", at=NOON, actor="b", payment_status="paid", revision=1
    )


def changes(text: str) -> list[RecordedEvent]:
    """An event for each word: "a1 b1 a2"."""
    return [change(word[0], int(word[1:])) for word in text.split()]


def words(events: Sequence[RecordedEvent]) -> str:
    return " ".join(f"{event.order_id}{event.seq}" for event in events)


class Destination:
    """Takes events, except those that `errors` and `refuses` name.

    `rejects` fails every request that holds one of its events.
    """

    def __init__(
        self,
        errors: Mapping[str, int] | None = None,
        rejects: Mapping[str, Exception] | None = None,
        refuses: tuple[str, ...] = (),
    ) -> None:
        self.requests: list[str] = []
        self.taken: list[str] = []
        self.pauses: list[float] = []
        self._errors = dict(errors or {})
        self._rejects = rejects or {}
        self._refuses = refuses

    def send(self, events: Sequence[RecordedEvent]) -> Mapping[str, PaylatchError]:
        self.requests.append(words(events))
        for event in events:
            if words([event]) in self._rejects:
                raise self._rejects[words([event])]
        refused: dict[str, PaylatchError] = {event.order_id: BUSY for event in events if self._is_busy(words([event]))}
        refused.update({event.order_id: REFUSED for event in events if words([event]) in self._refuses})
        self.taken += [words([event]) for event in events if event.order_id not in refused]
        return refused

    def _is_busy(self, word: str) -> bool:
        left = self._errors[word] = self._errors.get(word, 0) - 1
        return left >= 0

    def receiver(self, capacity: int = 25, times: int = 1000) -> Receiver:
        """With time for that many requests."""
        return Receiver(self.send, capacity, lambda: len(self.requests) < times, LATE, self.pauses.append)


def never_read(keys: Sequence[ContentKey]) -> Contents:
    raise AssertionError(keys)


def recorded(text: str, history: Destination, bus: Destination, times: int = 1000) -> Mapping[int, Exception]:
    return record_events(changes(text), never_read, history.receiver(times=times), bus.receiver(10))


@given(st.lists(st.tuples(st.sampled_from("abcdef"), st.integers(1, 9))), st.integers(1, 5))
def test_requests_hold_every_event_once_one_of_an_order_each_and_in_sequence(
    pairs: list[tuple[str, int]], capacity: int
) -> None:
    events = [change(*pair) for pair in pairs]
    requests = requests_of(events, capacity)
    for order_id in "abcdef":
        sent = [event for request in requests for event in request if event.order_id == order_id]
        assert sent == [event for event in events if event.order_id == order_id]
    for request in requests:
        assert 1 <= len(request) <= capacity
        assert len({event.order_id for event in request}) == len(request)


def test_orders_with_several_events_share_requests_too() -> None:
    events = [change(order_id, seq) for order_id in "abcd" for seq in (1, 2)]
    assert [words(request) for request in requests_of(events, 2)] == ["a1 b1", "a2 b2", "c1 d1", "c2 d2"]


def test_an_event_is_published_after_it_is_stored() -> None:
    history, bus = Destination(), Destination()
    assert recorded("a1 b1 a2", history, bus) == {}
    assert (history.requests, bus.requests) == (["a1 b1", "a2"], ["a1 b1", "a2"])


def test_what_a_busy_receiver_leaves_out_is_sent_again_alone_after_growing_pauses() -> None:
    history, bus = Destination({"b1": 2}), Destination({"a1": 1})
    assert recorded("a1 b1 c1", history, bus) == {}
    assert history.requests == ["a1 b1 c1", "b1", "b1"]
    assert bus.requests == ["a1 b1 c1", "a1"]
    assert history.pauses == [*PAUSES_SECONDS[:3]]
    assert PAUSES_SECONDS[0] == 0
    assert sorted(set(PAUSES_SECONDS)) == [*PAUSES_SECONDS]


@pytest.mark.parametrize("where", ["history", "bus"])
def test_after_a_failed_event_its_order_waits_and_no_other_does(where: str) -> None:
    failing, working = Destination({"a2": 100}), Destination()
    history, bus = (failing, working) if where == "history" else (working, failing)
    assert recorded("a1 a2 b1 a3 b2", history, bus) == {1: BUSY}
    assert sorted(bus.taken) == ["a1", "b1", "b2"]
    assert sorted(history.taken) == (["a1", "b1", "b2"] if where == "history" else ["a1", "a2", "a3", "b1", "b2"])


def test_of_an_order_s_failures_the_earlier_event_is_named() -> None:
    assert recorded("a1 a2", Destination({"a2": 100}), Destination({"a1": 100})) == {0: BUSY}


@pytest.mark.parametrize(
    "error", [StoreRefused("put", "invalid"), OrderTooLarge("put"), EventNotPublished("size"), TypeError()]
)
@pytest.mark.parametrize("where", ["history", "bus"])
def test_an_event_that_makes_its_request_invalid_fails_alone(where: str, error: Exception) -> None:
    failing, working = Destination(rejects={"b1": error}), Destination()
    history, bus = (failing, working) if where == "history" else (working, failing)
    assert recorded("a1 b1 c1 b2", history, bus) == {1: error}
    assert sorted(bus.taken) == ["a1", "c1"]


def test_an_event_that_the_bus_refuses_for_good_is_named_and_nothing_waits_for_it() -> None:
    history, bus = Destination(), Destination(refuses=("a1", "b2"))
    assert recorded("a1 a2 b1 b2 b3", history, bus) == {0: REFUSED, 3: REFUSED}
    assert sorted(bus.taken) == ["a2", "b1", "b3"]
    assert sorted(history.taken) == ["a1", "a2", "b1", "b2", "b3"]
    assert bus.pauses == [0, 0, 0], "it is not sent again"


def test_a_refused_event_is_not_sent_again_with_those_that_the_bus_is_too_busy_for() -> None:
    history, bus = Destination(), Destination({"b1": 2}, refuses=("a1",))
    assert recorded("a1 b1 c1 a2", history, bus) == {0: REFUSED}
    assert bus.requests == ["a1 b1 c1", "b1", "b1", "a2"]


def test_an_order_s_refused_event_does_not_hide_a_later_one_that_waits() -> None:
    history, bus = Destination(), Destination({"a2": 100}, refuses=("a1",))
    assert recorded("a1 a2 a3", history, bus) == {0: REFUSED, 1: BUSY}
    assert bus.taken == []


def test_an_event_that_is_too_large_for_any_request_is_refused_alone() -> None:
    history, bus = Destination(), Destination(rejects={"b1": REFUSED})
    assert recorded("a1 b1 c1 b2", history, bus) == {1: REFUSED}
    assert sorted(bus.taken) == ["a1", "b2", "c1"]


def test_a_request_without_an_answer_fails_all_its_events_and_is_not_taken_apart() -> None:
    history, bus = Destination(rejects={"b1": BUSY}), Destination()
    assert recorded("a1 b1 c1", history, bus) == {0: BUSY, 1: BUSY, 2: BUSY}
    assert (history.requests, bus.requests) == (["a1 b1 c1"], [])


def test_without_time_nothing_more_is_stored_and_what_is_stored_is_published() -> None:
    history, bus = Destination(), Destination()
    assert recorded("a1 a2 a3 b1", history, bus, times=1) == {1: LATE}
    assert bus.taken == ["a1", "b1"]


@pytest.mark.parametrize("lost", ["history", "bus"])
def test_after_a_crash_the_whole_batch_again_completes_both(lost: str) -> None:
    history, bus = Destination(), Destination()

    def crash(_: Sequence[RecordedEvent]) -> Mapping[str, PaylatchError]:
        raise KeyboardInterrupt

    dying = Receiver(crash, 10, lambda: True, LATE, lambda _: None)
    receivers = (dying, bus.receiver()) if lost == "history" else (history.receiver(), dying)
    with pytest.raises(KeyboardInterrupt):
        record_events(changes("a1 b1"), never_read, *receivers)
    assert bus.taken == []
    assert recorded("a1 b1", history, bus) == {}
    assert {*history.taken} == {*bus.taken} == {"a1", "b1"}
