"""The orders of one batch are worked on at the same time, and what their threads share is safe for that."""

from collections.abc import Callable
from concurrent.futures import ThreadPoolExecutor
from contextvars import ContextVar
from datetime import UTC, datetime
from functools import partial
from threading import Barrier, BrokenBarrierError, current_thread

import pytest

from paylatch.gateways.gateway_http import CONNECTIONS as GATEWAY_CONNECTIONS
from paylatch.gateways.gateway_http import HttpSender
from paylatch.ports import LARGEST_BATCH, Metric
from paylatch.runtime import gateway_secrets, observability
from paylatch.runtime.gateway_secrets import GatewaySecret
from paylatch.runtime.observability import EmfMetrics
from paylatch.runtime.threads import WIDTH, at_once
from paylatch.store.connection import CONNECTIONS, TableConnection
from paylatch.use_cases import send_timers

NOON = datetime(2026, 11, 24, 12, 0, tzinfo=UTC)


def test_a_whole_batch_runs_at_once() -> None:
    together = Barrier(LARGEST_BATCH, timeout=30)
    assert sorted(at_once([together.wait] * LARGEST_BATCH)) == list(range(LARGEST_BATCH))


def test_results_keep_the_order_of_the_calls() -> None:
    assert at_once([partial(int, text) for text in "3141592653"]) == [3, 1, 4, 1, 5, 9, 2, 6, 5, 3]


def test_one_call_needs_no_thread() -> None:
    assert at_once([current_thread]) == [current_thread()]
    assert at_once([]) == []


def test_a_thread_has_the_context_of_its_caller() -> None:
    left: ContextVar[int] = ContextVar("left", default=0)
    left.set(7)
    assert at_once([left.get, left.get]) == [7, 7]


def fail() -> None:
    raise LookupError("third")


def test_the_first_error_is_raised_after_all_calls_have_ended() -> None:
    ended: list[int] = []
    calls: list[Callable[[], None]] = [partial(ended.append, 1), partial(ended.append, 2), fail]
    with pytest.raises(LookupError, match="third"):
        at_once(calls)
    assert sorted(ended) == [1, 2]


def test_there_are_as_many_connections_as_threads() -> None:
    most = max(WIDTH, send_timers.WIDTH)
    assert min(CONNECTIONS, GATEWAY_CONNECTIONS) >= most
    table = TableConnection("orders", region="eu-west-1")
    assert table.connection._max_pool_connections == CONNECTIONS
    assert HttpSender()._pool.connection_pool_kw["maxsize"] == GATEWAY_CONNECTIONS


def test_no_metric_is_lost_between_threads(monkeypatch: pytest.MonkeyPatch) -> None:
    added: list[bool] = []
    two_at_once = Barrier(2)
    monkeypatch.setattr(observability.metrics, "add_metric", lambda **_: added.append(meets_another(two_at_once)))
    with ThreadPoolExecutor(2) as pool:
        for _ in range(2):
            pool.submit(EmfMetrics()._add, Metric.ORDER_UNLOCKED, 1)
    assert added == [False, False]


def meets_another(barrier: Barrier) -> bool:
    """Whether another thread comes to the same place while this one is there."""
    try:
        barrier.wait(0.3)
    except BrokenBarrierError:
        return False
    return True


def test_one_thread_reads_a_secret_for_all(monkeypatch: pytest.MonkeyPatch) -> None:
    read: list[str] = []
    two_at_once = Barrier(2)

    def value_of(name: str) -> str:
        read.append(name)
        meets_another(two_at_once)
        return '{"api_key": "k"}'

    monkeypatch.setattr(gateway_secrets, "_value_of", value_of)
    secret = GatewaySecret("stripe", "paylatch/", lambda: NOON)
    together = Barrier(8, timeout=30)

    def ask() -> object:
        together.wait()
        return secret()["api_key"]

    with ThreadPoolExecutor(8) as pool:
        assert [each.result() for each in [pool.submit(ask) for _ in range(8)]] == ["k"] * 8
    assert read == ["paylatch/stripe"]
