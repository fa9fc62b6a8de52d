"""Metrics that record every count."""

from typing import Any

from paylatch.ports import Metric, metric_of
from paylatch.runtime.failure_log import failure_fields


class RecordedMetrics:
    """Implements `Metrics`."""

    def __init__(self) -> None:
        self.failed: list[tuple[Metric | None, dict[str, Any]]] = []
        self.counted: list[tuple[Metric, int, dict[str, str | int]]] = []

    def count(self, metric: Metric, value: int = 1, **details: str | int) -> None:
        self.counted.append((metric, value, details))

    def fail(self, error: Exception, metric: Metric | None = None, **details: str) -> None:
        metric = metric or metric_of(error)
        fields = failure_fields(error, details)
        self.failed.append((metric, fields))
        if metric is not None:
            self.counted.append((metric, 1, fields))

    def times(self, metric: Metric) -> int:
        return sum(1 for counted, _, _ in self.counted if counted is metric)
