"""Timeout sweeps: make progress on every due order, on a schedule."""

from typing import Any

from paylatch.runtime.lambda_context import LambdaContext
from paylatch.runtime.observability import logger
from paylatch.runtime.time_budget import SLOWEST_ORDER_SECONDS, STORE_REQUEST_SECONDS, time_for
from paylatch.runtime.wiring import entry, ports, timers
from paylatch.use_cases.measure_attention import measure_attention
from paylatch.use_cases.sweep_timeouts import sweep_timeouts


@entry.scheduled
def handler(event: dict[str, Any], context: LambdaContext) -> dict[str, Any]:  # noqa: ARG001
    report = sweep_timeouts(time_for(SLOWEST_ORDER_SECONDS, context), ports(), timers())
    unread = measure_attention(time_for(STORE_REQUEST_SECONDS, context), ports())
    outcome = {
        "handled": report.handled,
        "failed": report.failed,
        "postponed": report.postponed,
        "stopped_early": report.stopped_early or bool(unread.skipped),
        "failed_sources": report.failed_sources + unread.sources,
        "unread_orders": unread.orders,
    }
    log = logger.error if outcome["failed"] or outcome["failed_sources"] or outcome["unread_orders"] else logger.info
    log("swept", extra=outcome)
    return outcome
