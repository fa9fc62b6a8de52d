"""Timers: make progress on an order at the moment it is due."""

from typing import Any

from paylatch.runtime.lambda_context import LambdaContext
from paylatch.runtime.time_budget import SLOWEST_ORDER_SECONDS, time_for
from paylatch.runtime.timer_queue import timer_of
from paylatch.runtime.wiring import entry, ports, timer_queue
from paylatch.use_cases.run_timer import run_timer


@entry.queue_of_hints
def handler(record: dict[str, Any], context: LambdaContext) -> None:
    has_time = time_for(SLOWEST_ORDER_SECONDS, context)
    run_timer(timer_of(record), timer_queue(), has_time, ports())
