"""Which alarms of a stack a drill raises.

The emulator makes no metrics of what functions log; this does so in its place. It evaluates alarms by the name of their
metric, over all their periods at once.
"""

import time
from collections.abc import Iterator, Mapping
from typing import Any

from local import aws
from local.stack import Stack
from tests.drills.drill import Promise
from tests.drills.functions import log_lines

LOGGING = (
    *("orders", "payment_requests", "payment_cancellations", "gateway_callbacks", "timeout_sweeps", "timers"),
    *("due_events", "order_events", "operations", "reconciliation", "pay_page", "webhooks"),
)
# Of one request.
MOST_METRICS = 500


def raises(stack: Stack, *expected: str) -> Promise:
    """These alarms are raised by what the functions logged; all others that are raised are shown too."""
    found = raised(stack)
    names = ", ".join(f"`{name}`" for name in expected)
    return Promise(f"raised: {names}", ", ".join(f"`{name}`" for name in sorted(found)), {*expected} <= found)


def raised(stack: Stack) -> set[str]:
    """The logical ids of all alarms in state ALARM, once the functions' metrics are with CloudWatch."""
    client: Any = aws.session().client("cloudwatch", endpoint_url=stack.aws_endpoint_url)
    began = time.time()
    metrics = [metric for folder in LOGGING for line in log_lines(stack, folder) for metric in metrics_of(line)]
    # CloudWatch has them at once. After half an hour, reading the logs takes longer than the alarms here look back.
    passed = time.time() - began
    metrics = [{**metric, "Timestamp": metric["Timestamp"] + passed} for metric in metrics]
    for first in range(0, len(metrics), MOST_METRICS):
        client.put_metric_data(Namespace="Paylatch", MetricData=metrics[first : first + MOST_METRICS])
    alarms = client.get_paginator("describe_alarms").paginate(StateValue="ALARM")
    return {_logical_id(alarm["AlarmName"]) for page in alarms for alarm in page["MetricAlarms"]}


def metrics_of(line: Mapping[str, Any]) -> Iterator[dict[str, Any]]:
    """The metrics in a line of CloudWatch's embedded format, as `PutMetricData` takes them."""
    embedded = line.get("_aws", {})
    for directive in embedded.get("CloudWatchMetrics", ()):
        for metric in directive["Metrics"]:
            values = line[metric["Name"]]
            for value in values if isinstance(values, list) else [values]:
                yield {"MetricName": metric["Name"], "Value": value, "Timestamp": embedded["Timestamp"] / 1000}


def _logical_id(name: str) -> str:
    """As in `paylatch-local-ReadsFailing-1A2B3C`."""
    return name.removeprefix("paylatch-local-").partition("-")[0]
