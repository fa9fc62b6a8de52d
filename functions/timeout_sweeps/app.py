"""Timeout sweeps: on a schedule, make progress on everything that is due."""

from typing import Any

from aws_lambda_powertools.utilities.typing import LambdaContext

from paylatch.runtime.observability import logger, metrics
from paylatch.runtime.time_budget import SLOWEST_ORDER_SECONDS, ending_in_time
from paylatch.runtime.wiring import ports
from paylatch.use_cases.measure_attention import measure_attention
from paylatch.use_cases.sweep_timeouts import sweep_timeouts


@metrics.log_metrics
@logger.inject_lambda_context(clear_state=True)
@ending_in_time
def handler(event: dict[str, Any], context: LambdaContext) -> dict[str, Any]:  # noqa: ARG001
    report = sweep_timeouts(lambda: context.get_remaining_time_in_millis() > SLOWEST_ORDER_SECONDS * 1000, ports())
    if not report.stopped_early:
        measure_attention(ports())
    outcome = {"handled": report.handled, "failed": report.failed, "stopped_early": report.stopped_early}
    logger.info("swept", extra=outcome)
    return outcome
