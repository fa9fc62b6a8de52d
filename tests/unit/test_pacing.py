"""Timers and sweep stay below each gateway's rate, however many processes and threads call it."""

from collections.abc import Callable, Iterator
from contextlib import contextmanager
from itertools import pairwise
from threading import Thread
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from paylatch.domain.errors import CallPostponed, OutcomeUnknown, Transient
from paylatch.domain.transitions.attempt_changes import MOST_LIVE_LINKS
from paylatch.gateways import pacing
from paylatch.gateways.gateway_http import GatewayHttp, Request, Response, ResponseLost, sending_while
from paylatch.gateways.pacing import LONGEST_WAIT_SECONDS, Pace, PacedGateways
from paylatch.ports import Gateway
from paylatch.use_cases.circuit_breaker import MOST_FAILURES, CircuitBreaker
from tests.fakes.fixed_gateways import FixedGateways


class Seconds:
    """A clock that moves when somebody sleeps."""

    def __init__(self) -> None:
        self.now = 0.0
        self.slept: list[float] = []

    def sleep(self, seconds: float) -> None:
        self.slept.append(seconds)
        self.now += seconds


def paced(clock: Seconds, rate: int = 1, shares: int = 1) -> Pace:
    return Pace(rate, shares, clock.sleep, lambda: clock.now)


def turns(rate: int, shares: int, requests: int) -> list[float]:
    """When one process makes its requests, one after the other without any other wait."""
    clock = Seconds()
    pace = paced(clock, rate, shares)
    made = []
    for _ in range(requests):
        pace.go_on()
        made.append(clock.now)
    return made


@given(rate=st.integers(1, 200), shares=st.integers(3, 60))
def test_in_no_second_do_all_processes_together_make_more_requests_than_the_rate(rate: int, shares: int) -> None:
    made = turns(rate, shares, 3 * rate)
    most = max(sum(start <= turn < start + 1 - 1e-9 for turn in made) for start in made)
    assert most * shares <= max(rate, shares)


@given(rate=st.integers(1, 200), shares=st.integers(3, 60))
def test_over_a_longer_time_the_rate_is_kept_also_where_it_is_below_one_request_a_process(
    rate: int, shares: int
) -> None:
    made = turns(rate, shares, 50)
    assert (len(made) - 1) * shares <= rate * made[-1] + 1e-6


def test_a_share_is_used() -> None:
    assert turns(30, 3, 4) == pytest.approx([0, 0.1, 0.2, 0.3])


def test_an_order_with_as_many_due_links_as_it_can_have_lets_another_order_in_after_one_turn() -> None:
    clock = Seconds()
    pace = paced(clock)
    for _ in range(MOST_LIVE_LINKS // 2):
        pace.begin("stripe")
    clock.slept.clear()
    pace.begin("stripe")
    assert clock.slept == [pace.spacing], "the other order waits for the link before it, not for all links"


def test_links_of_one_order_that_wait_hold_up_no_thread_and_promise_others_no_more_than_their_own_turns() -> None:
    clock = Seconds()
    pace = paced(clock, 1, 5)
    pace.begin("stripe")
    for _ in range(MOST_LIVE_LINKS - 1):
        with pytest.raises(CallPostponed):
            pace.begin("stripe")
    assert clock.slept == []
    with pytest.raises(CallPostponed) as other:
        pace.begin("stripe")
    assert other.value.seconds <= MOST_LIVE_LINKS * pace.spacing


def test_who_comes_after_a_while_does_not_wait() -> None:
    clock = Seconds()
    pace = paced(clock)
    pace.begin("stripe")
    clock.now += 5
    pace.begin("stripe")
    assert clock.slept == []


def test_threads_of_one_process_take_turns() -> None:
    slept: list[float] = []
    pace = Pace(3, 3, slept.append, lambda: 0.0)
    threads = [Thread(target=pace.go_on) for _ in range(20)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    assert sorted(slept) == pytest.approx(list(range(1, 20)))
    assert all(later - earlier == pytest.approx(1) for earlier, later in pairwise(sorted(slept)))


def postponed(pace: Pace) -> float:
    """For how long the pace postpones the next call."""
    with pytest.raises(CallPostponed, match="stripe: its rate leaves no call") as raised:
        pace.begin("stripe")
    return raised.value.seconds


def test_a_call_whose_turn_comes_within_two_seconds_waits_for_it_and_a_later_one_is_postponed() -> None:
    slept: list[float] = []
    pace = Pace(1, 1, slept.append, lambda: 0.0)
    for _ in range(3):
        pace.begin("stripe")
    assert slept == [1, 2]
    assert max(slept) == LONGEST_WAIT_SECONDS
    assert postponed(pace) == 3
    assert slept == [1, 2], "it is postponed at once"


def test_postponed_calls_come_back_one_after_the_other_and_a_little_closer_than_turns() -> None:
    pace = Pace(2, 1, lambda _: None, lambda: 0.0)
    for _ in range(5):
        pace.begin("stripe")
    assert [postponed(pace) for _ in range(4)] == pytest.approx([2.5, 2.8, 3.1, 3.4])


def test_postponed_calls_are_farther_apart_where_a_call_makes_several_requests() -> None:
    pace = Pace(1, 1, lambda _: None, lambda: 0.0)
    pace.begin("stripe")
    for _ in range(4):
        pace.go_on()
    first, second = postponed(pace), postponed(pace)
    assert second - first == pytest.approx(0.6 * 3), "six requests of two calls, with the one that a pace starts from"


def test_a_postponed_call_takes_no_turn() -> None:
    clock = Seconds()
    pace = paced(clock)
    for _ in range(4):
        pace.go_on()
    clock.now = 1.0
    assert postponed(pace) == 3
    clock.now = 4.0
    clock.slept.clear()
    pace.begin("stripe")
    assert clock.slept == []


def test_a_turn_that_comes_too_late_for_this_invocation_postpones_the_call() -> None:
    clock = Seconds()
    pace = paced(clock)
    pace.begin("stripe")
    with sending_while(lambda wait=0.0: wait < 1):
        assert postponed(pace) == 1
    assert clock.slept == []


def test_a_further_request_whose_turn_comes_too_late_for_this_invocation_is_made_and_counts() -> None:
    """A call that began again each time would never end, and its order stay locked."""
    clock = Seconds()
    pace = paced(clock)
    pace.begin("stripe")
    with sending_while(lambda wait=0.0: wait == 0):
        pace.go_on()
    assert clock.slept == []
    clock.now = 1.0
    pace.begin("stripe")
    assert clock.slept == [1], "the second turn was taken"


URL = "https://gateway.test/"


class TwoRequests:
    """A gateway whose every call makes two requests."""

    name = "stripe"

    def __init__(self, clock: Seconds) -> None:
        self.sent: list[float] = []
        self.silent = False
        self._clock = clock
        self._wire = GatewayHttp("stripe", self._send)

    def _send(self, _: Request) -> Response:
        self.sent.append(self._clock.now)
        if self.silent:
            raise ResponseLost("no answer")
        return Response(200, {}, b"")

    def __getattr__(self, name: str) -> Callable[..., str]:
        def call(*_: Any) -> str:
            for _number in range(2):
                self._wire.call(Request("GET", URL, {}))
            return name

        return call


@contextmanager
def gateways_at(rate: int, clock: Seconds, name: str = "stripe") -> Iterator[tuple[PacedGateways, TwoRequests]]:
    """Gateways of which the named one has that rate, and the real gateway `stripe`."""
    gateway = TwoRequests(clock)
    breaker = CircuitBreaker(FixedGateways({"stripe": gateway}))  # type: ignore[dict-item]
    with pytest.MonkeyPatch.context() as patch:
        patch.setattr(pacing, "Pace", lambda rate, shares: Pace(rate, shares, clock.sleep, lambda: clock.now))
        yield PacedGateways(breaker, {name: rate}, 1, breaker.refuses), gateway


def ask(gateway: Gateway, call: str = "void") -> object:
    return getattr(gateway, call)(object())


def use_turns(gateways: PacedGateways, count: int) -> None:
    """Other threads have taken the next turns, and wait."""
    pace = gateways._paces["stripe"]
    for _ in range(count):
        pace._take(pace._next)


def test_each_request_of_a_call_takes_a_turn() -> None:
    clock = Seconds()
    with gateways_at(1, clock) as (gateways, gateway):
        assert ask(gateways.named("stripe")) == "void"
        assert ask(gateways.named("stripe"), "refund") == "refund"
    assert gateway.sent == [0, 1, 2, 3]


def test_a_call_that_has_begun_is_not_postponed_nor_is_the_rest_of_its_work() -> None:
    clock = Seconds()
    with gateways_at(1, clock) as (gateways, gateway):
        work = gateways.named("stripe")
        ask(work, "query_refund")
        use_turns(gateways, 5)
        ask(work, "refund")
        use_turns(gateways, 5)
        with pytest.raises(CallPostponed):
            ask(gateways.named("stripe"))
    assert gateway.sent == [0, 1, 7, 8]


@pytest.mark.parametrize("call", ["parse_callback", "acknowledge", "open"])
def test_what_somebody_waits_for_takes_no_turn(call: str) -> None:
    clock = Seconds()
    with gateways_at(1, clock) as (gateways, gateway):
        for _ in range(3):
            ask(gateways.named("stripe"), call)
    assert gateway.sent == [0] * 6


def test_a_gateway_without_a_rate_is_not_paced() -> None:
    clock = Seconds()
    with gateways_at(1, clock, "payu") as (gateways, gateway):
        for _ in range(3):
            ask(gateways.named("stripe"))
        assert gateway.sent == [0] * 6
        assert gateways.takes_payments("stripe")
        assert gateways.policy("stripe") == FixedGateways({"stripe": object()}).policy("stripe")  # type: ignore[dict-item]


def silent(gateways: PacedGateways, gateway: TwoRequests) -> None:
    gateway.silent = True
    for _ in range(MOST_FAILURES):
        with pytest.raises(OutcomeUnknown):
            ask(gateways.named("stripe"))


def test_a_silent_gateway_s_calls_are_refused_without_a_turn() -> None:
    clock = Seconds()
    with gateways_at(1, clock) as (gateways, gateway):
        silent(gateways, gateway)
        before = clock.now
        for _ in range(10):
            with pytest.raises(Transient, match="not asked: silent"):
                ask(gateways.named("stripe"))
    assert (clock.now, len(gateway.sent)) == (before, MOST_FAILURES)


def test_what_waited_for_its_turn_is_not_asked_of_a_gateway_that_fell_silent_meanwhile() -> None:
    clock = Seconds()
    with gateways_at(1, clock) as (gateways, gateway):
        ask(gateways.named("stripe"))
        patch = pytest.MonkeyPatch()

        def meanwhile(seconds: float) -> None:
            patch.undo()
            clock.sleep(seconds)
            for _ in range(MOST_FAILURES):
                gateways._gateways.failures.add(("stripe", ""))  # type: ignore[attr-defined]

        patch.setattr(gateways._paces["stripe"], "_sleep", meanwhile)
        with pytest.raises(Transient, match="not asked: silent"):
            ask(gateways.named("stripe"))
    assert len(gateway.sent) == 2


def test_a_postponed_call_neither_counts_as_silence_nor_ends_it() -> None:
    clock = Seconds()
    with gateways_at(1, clock) as (gateways, gateway):
        around = CircuitBreaker(gateways)
        gateway.silent = True
        for _ in range(MOST_FAILURES - 1):
            with pytest.raises(OutcomeUnknown):
                ask(around.named("stripe"))
        use_turns(gateways, 5)
        for _ in range(2 * MOST_FAILURES):
            with pytest.raises(CallPostponed):
                ask(around.named("stripe"))
        clock.now += 60
        with pytest.raises(OutcomeUnknown):
            ask(around.named("stripe"))
        with pytest.raises(Transient, match="not asked: silent"):
            ask(around.named("stripe"))
    assert len(gateway.sent) == MOST_FAILURES
