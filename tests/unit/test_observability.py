"""Metrics have the right unit, and log lines the level that alarms and searches rely on."""

from collections.abc import Iterator
from typing import Any

import pytest
from aws_lambda_powertools.metrics import MetricUnit

from paylatch.domain import errors
from paylatch.ports import Metric
from paylatch.runtime import observability
from paylatch.runtime.problems import problem_of
from tests.fakes.recorded_log import RecordedLog, recorded_log

AGES = {Metric.OLDEST_REFUND_OWED, Metric.OLDEST_LOCK_OVERDUE, Metric.OLDEST_ATTENTION}


@pytest.fixture
def lines() -> Iterator[RecordedLog]:
    with recorded_log() as recorded:
        yield recorded


@pytest.mark.parametrize(
    ("error", "level"),
    [
        (errors.OrderPaid("paid"), "INFO"),
        (errors.OrderNotFound("D7KY3NPF3FM5GY6V"), "INFO"),
        (errors.StoreUnavailable("UpdateItem: timed out"), "ERROR"),
        (errors.OutcomeUnknown("stripe", "read timed out"), "ERROR"),
        (errors.Refused("stripe", "no such currency"), "ERROR"),
    ],
)
def test_an_answer_that_is_our_fault_is_logged_as_an_error(
    lines: RecordedLog, error: errors.PaylatchError, level: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(observability.metrics, "add_metric", lambda **_: None)

    observability.EmfMetrics().fail(error)

    assert [line.levelname for line in lines.seen] == [level]
    assert (problem_of(error).status >= 500) == (level == "ERROR")


@pytest.mark.parametrize("metric", Metric)
def test_ages_are_in_seconds_and_all_else_is_counted(metric: Metric, monkeypatch: pytest.MonkeyPatch) -> None:
    added: list[dict[str, Any]] = []
    monkeypatch.setattr(observability.metrics, "add_metric", lambda **each: added.append(each))

    observability.EmfMetrics().count(metric, 7)

    unit = MetricUnit.Seconds if metric in AGES else MetricUnit.Count
    assert added == [{"name": metric.value, "unit": unit, "value": 7}]
    assert metric.value.endswith("Seconds") == (metric in AGES)
