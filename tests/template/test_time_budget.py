"""Every wait at its longest, added up, ends before the function is ended, and that before API Gateway stops waiting."""

from typing import Any

import pytest

from paylatch.runtime.time_budget import (
    CALL_SECONDS,
    GATEWAY_CALL_SECONDS,
    SLOWEST_ENTRY_SECONDS,
    SLOWEST_ORDER_SECONDS,
    STORE_REQUEST_SECONDS,
)
from paylatch.use_cases.circuit_breaker import MOST_FAILURES
from tests.template.test_functions import API_WAITS, TALK_TO_GATEWAYS

# Head, content, the new content, the move of the head, and the content of the order that overtook it.
REQUESTS_OF_AN_EDIT = 5


@pytest.mark.parametrize(
    "folder", [folder for folder in TALK_TO_GATEWAYS if folder not in ("timeout_sweeps", "timers", "reconciliation")]
)
def test_the_slowest_gateway_response_is_documented_and_configured(functions: dict[str, Any], folder: str) -> None:
    assert SLOWEST_ORDER_SECONDS <= functions[folder]["Timeout"] < API_WAITS


def test_the_sandbox_still_sends_its_callback_after_a_slow_start(functions: dict[str, Any]) -> None:
    assert CALL_SECONDS + STORE_REQUEST_SECONDS <= functions["sandbox_gateway"]["Timeout"] < API_WAITS


def test_the_slowest_edit_is_configured(functions: dict[str, Any]) -> None:
    assert REQUESTS_OF_AN_EDIT * STORE_REQUEST_SECONDS <= functions["orders"]["Timeout"] < API_WAITS


def test_a_timer_has_time_for_the_slowest_order_after_it_waited_for_its_turn(functions: dict[str, Any]) -> None:
    assert functions["timers"]["Timeout"] > SLOWEST_ORDER_SECONDS + GATEWAY_CALL_SECONDS


def test_the_sweep_has_time_for_others_after_a_gateway_that_is_silent(functions: dict[str, Any]) -> None:
    assert functions["timeout_sweeps"]["Timeout"] > MOST_FAILURES * GATEWAY_CALL_SECONDS + SLOWEST_ORDER_SECONDS


def test_reconciliation_has_time_for_many_of_the_slowest_entries(functions: dict[str, Any]) -> None:
    assert functions["reconciliation"]["Timeout"] > 10 * SLOWEST_ENTRY_SECONDS
