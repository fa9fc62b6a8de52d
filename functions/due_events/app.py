"""Due events: the table's stream becomes timers for what is due before a sweep would see it coming."""

from collections.abc import Mapping, Sequence
from typing import Any

from paylatch.domain.errors import OrderUnreadable
from paylatch.ports import Metric, Timer
from paylatch.runtime.lambda_context import LambdaContext
from paylatch.runtime.time_budget import TIMER_REQUEST_SECONDS, time_for
from paylatch.runtime.wiring import entry, timer_queue
from paylatch.store.stream import timer_of_record
from paylatch.use_cases.send_due_timers import send_due_timers


@entry.stream_batch
def handler(records: Sequence[dict[str, Any]], context: LambdaContext) -> Mapping[int, Exception]:
    due, failures = _timers_of(records)
    return {**failures, **send_due_timers(due, timer_queue(), time_for(TIMER_REQUEST_SECONDS, context))}


def _timers_of(records: Sequence[dict[str, Any]]) -> tuple[dict[int, Timer], dict[int, Exception]]:
    """The timers, and what no record of a table raises, by the places of their records."""
    due: dict[int, Timer] = {}
    failures: dict[int, Exception] = {}
    for place, record in enumerate(records):
        try:
            timer = _timer_of(record)
        except Exception as error:  # the timers of the others must not wait
            failures[place] = error
        else:
            due |= {place: timer} if timer is not None else {}
    return due, failures


def _timer_of(record: dict[str, Any]) -> Timer | None:
    try:
        return timer_of_record(record)
    except OrderUnreadable as error:
        # A retry would fail in the same way, so nothing waits for it. The sweep finds the order in the index.
        number = record["dynamodb"]["SequenceNumber"]
        entry.report(error, Metric.EVENT_UNREADABLE, sequence_number=number)
        return None
