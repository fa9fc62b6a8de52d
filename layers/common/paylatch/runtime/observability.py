"""Structured logs and metrics: one line for each occasion, with the details to find the order."""

import logging
import warnings
from threading import Lock

from aws_lambda_powertools import Logger, Metrics
from aws_lambda_powertools.metrics import MetricUnit

from paylatch.ports import Metric, metric_of
from paylatch.runtime.failure_log import failure_fields, is_our_failure
from paylatch.runtime.problems import problem_of

# Most calls count nothing, and Powertools would log a warning for each.
warnings.filterwarnings("ignore", message="No application metrics to publish")

logger = Logger()
metrics = Metrics()
_adding = Lock()

_WARNINGS = frozenset(
    {
        Metric.DISPUTE_CLOSED,
        Metric.DISPUTE_OPENED,
        Metric.LATE_MONEY,
        Metric.MONEY_RETURNED,
        Metric.PAYMENT_MISMATCHED,
        Metric.RELEASE_PENDING,
        Metric.STATEMENT_DIFFERS,
    }
)
_ERRORS = frozenset(
    {
        Metric.EVENT_REFUSED,
        Metric.EVENT_UNREADABLE,
        Metric.READ_FAILED,
        Metric.RECONCILIATION_FAILED,
        Metric.RECONCILIATION_LATE,
        Metric.REFUND_REFUSED,
        Metric.SWEEP_FAILED,
        Metric.TIMERS_NOT_SENT,
        Metric.UNKNOWN_PAYMENT,
        Metric.WEBHOOK_FAILED,
    }
)
_AGES = frozenset({Metric.OLDEST_REFUND_OWED, Metric.OLDEST_LOCK_OVERDUE, Metric.OLDEST_ATTENTION})


def line_of(error: Exception, metric: Metric | None) -> str:
    """The message of the log line about this error: the metric's name, or else the error's code."""
    return metric.value if metric else problem_of(error).code


def level_of(error: Exception, metric: Metric | None) -> int:
    """The log level of the line about this error."""
    if is_our_failure(error) or metric in _ERRORS:
        return logging.ERROR
    return logging.WARNING if metric else logging.INFO


def write_metrics() -> None:
    """Write the metrics of this call, if any; a failure to write them does not change the function's response."""
    try:
        metrics.flush_metrics()
    except Exception as error:
        logger.error("metrics-not-written", extra=failure_fields(error))
    finally:
        metrics.clear_metrics()


class EmfMetrics:
    """Implements `Metrics` by CloudWatch's embedded metric format and a log line with the details."""

    def count(self, metric: Metric, value: int = 1, **details: str | int) -> None:
        """Every metric is a count, except for the ages, which are in seconds."""
        self._add(metric, value)
        log = logger.error if metric in _ERRORS else logger.warning if metric in _WARNINGS else logger.info
        log(metric.value, extra={"value": value, **details})

    def fail(self, error: Exception, metric: Metric | None = None, **details: str) -> None:
        """Write one line, named for the metric or else the error's code; at level ERROR for a fault on our side."""
        metric = metric or metric_of(error)
        if metric is not None:
            self._add(metric, 1)
        log = {logging.ERROR: logger.error, logging.WARNING: logger.warning, logging.INFO: logger.info}
        log[level_of(error, metric)](line_of(error, metric), extra=failure_fields(error, details))

    def _add(self, metric: Metric, value: int) -> None:
        unit = MetricUnit.Seconds if metric in _AGES else MetricUnit.Count
        # Powertools does not expect two threads to add at the same time.
        with _adding:
            metrics.add_metric(name=metric.value, unit=unit, value=value)
