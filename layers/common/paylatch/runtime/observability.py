"""Logs and metrics: structured, one line an occasion, with what a person needs to find the order."""

import warnings

from aws_lambda_powertools import Logger, Metrics
from aws_lambda_powertools.metrics import MetricUnit

from paylatch.ports import Metric

# Most calls count nothing; Powertools would log a warning for each.
warnings.filterwarnings("ignore", message="No application metrics to publish")

logger = Logger()
metrics = Metrics()

_WARNINGS = frozenset(
    {
        Metric.CALLBACK_REJECTED,
        Metric.GATEWAY_UNAVAILABLE,
        Metric.DISPUTE_CLOSED,
        Metric.DISPUTE_OPENED,
        Metric.LATE_MONEY,
        Metric.MONEY_RETURNED,
        Metric.PAYMENT_MISMATCHED,
        Metric.RELEASE_PENDING,
    }
)
_ERRORS = frozenset(
    {
        Metric.GATEWAY_MISCONFIGURED,
        Metric.REFUND_REFUSED,
        Metric.SWEEP_FAILED,
        Metric.UNKNOWN_PAYMENT,
        Metric.READ_FAILED,
        Metric.ORDER_UNREADABLE,
        Metric.EVENT_UNREADABLE,
    }
)
_AGES = frozenset({Metric.OLDEST_REFUND_OWED, Metric.OLDEST_LOCK_OVERDUE, Metric.OLDEST_ATTENTION})


class CloudWatch:
    """Implements `Watch`: a metric for the dashboard, and a log line with the details."""

    def count(self, metric: Metric, value: int = 1, **details: str | int) -> None:
        """Every metric is a count, but for the ages, which are in seconds."""
        unit = MetricUnit.Seconds if metric in _AGES else MetricUnit.Count
        metrics.add_metric(name=metric.value, unit=unit, value=value)
        log = logger.error if metric in _ERRORS else logger.warning if metric in _WARNINGS else logger.info
        log(metric.value, extra={"value": value, **details})
