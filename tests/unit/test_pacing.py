"""Timers and sweep stay below each gateway's rate, however many processes and threads call it."""

from collections.abc import Callable
from itertools import pairwise
from threading import Thread
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from paylatch.domain.errors import RateLimited
from paylatch.gateways.gateway_http import sending_while
from paylatch.gateways.pacing import Pace, PacedGateways
from tests.fakes.fixed_gateways import FixedGateways


class Seconds:
    """A clock that moves when somebody sleeps."""

    def __init__(self) -> None:
        self.now = 0.0
        self.slept: list[float] = []

    def sleep(self, seconds: float) -> None:
        self.slept.append(seconds)
        self.now += seconds


def turns(rate: int, shares: int, calls: int) -> list[float]:
    """When one process makes its calls, one after the other without any other wait."""
    clock = Seconds()
    pace = Pace(rate, shares, clock.sleep, lambda: clock.now)
    made = []
    for _ in range(calls):
        pace.wait("stripe")
        made.append(clock.now)
    return made


@given(rate=st.integers(1, 200), shares=st.integers(3, 60))
def test_in_no_second_do_all_processes_together_make_more_calls_than_the_rate(rate: int, shares: int) -> None:
    made = turns(rate, shares, 3 * rate)
    most = max(sum(start <= turn < start + 1 - 1e-9 for turn in made) for start in made)
    assert most * shares <= max(rate, shares)


@given(rate=st.integers(1, 200), shares=st.integers(3, 60))
def test_over_a_longer_time_the_rate_is_kept_also_where_it_is_below_one_call_a_process(rate: int, shares: int) -> None:
    made = turns(rate, shares, 50)
    assert (len(made) - 1) * shares <= rate * made[-1] + 1e-6


def test_a_share_is_used() -> None:
    assert turns(30, 3, 4) == pytest.approx([0, 0.1, 0.2, 0.3])


def test_who_comes_after_a_while_does_not_wait() -> None:
    clock = Seconds()
    pace = Pace(3, 3, clock.sleep, lambda: clock.now)
    pace.wait("stripe")
    clock.now += 5
    pace.wait("stripe")
    assert clock.slept == []


def test_threads_of_one_process_take_turns() -> None:
    slept: list[float] = []
    pace = Pace(3, 3, slept.append, lambda: 0.0)
    threads = [Thread(target=pace.wait, args=("stripe",)) for _ in range(20)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    assert sorted(slept) == pytest.approx(list(range(1, 20)))
    assert all(later - earlier == pytest.approx(1) for earlier, later in pairwise(sorted(slept)))


def test_a_turn_that_comes_too_late_for_this_invocation_is_refused_at_once_as_a_rate_limit() -> None:
    clock = Seconds()
    pace = Pace(3, 3, clock.sleep, lambda: clock.now)
    pace.wait("stripe")
    with sending_while(lambda wait=0.0: wait < 1), pytest.raises(RateLimited, match="stripe: not asked"):
        pace.wait("stripe")
    assert clock.slept == []
    with sending_while(lambda wait=0.0: wait <= 1):
        pace.wait("stripe")
    assert clock.slept == [1], "a refused turn is left to the next"


class Recording:
    """A gateway that records its calls."""

    name = "stripe"

    def __init__(self) -> None:
        self.calls: list[str] = []

    def __getattr__(self, name: str) -> Callable[..., str]:
        def call(*_: Any) -> str:
            self.calls.append(name)
            return name

        return call


@pytest.mark.parametrize("paced", [True, False])
def test_only_the_gateways_that_have_a_rate_are_paced(paced: bool) -> None:
    gateway = Recording()
    real = FixedGateways({"stripe": gateway})  # type: ignore[dict-item]
    gateways = PacedGateways(real, {"stripe" if paced else "payu": 1}, 2)
    late: Callable[..., bool] = lambda wait=0.0: wait == 0  # noqa: E731
    with sending_while(late):
        assert gateways.named("stripe").void(object()) == "void"  # type: ignore[comparison-overlap,arg-type]
        if paced:
            with pytest.raises(RateLimited):
                gateways.named("stripe").query(object())  # type: ignore[arg-type]
        else:
            gateways.named("stripe").query(object())  # type: ignore[arg-type]
        gateways.named("stripe").acknowledge()
    assert gateway.calls == ["void", "acknowledge"] if paced else ["void", "query", "acknowledge"]
    assert gateways.policy("stripe") == real.policy("stripe")
    assert gateways.takes_payments("stripe") == real.takes_payments("stripe")
    assert gateways.default == real.default
