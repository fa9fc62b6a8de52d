"""Due events: the table's stream becomes timers for what is due before a sweep would see it coming."""

from typing import Any

from paylatch.domain.errors import OrderUnreadable
from paylatch.ports import Metric, Timer
from paylatch.runtime.wiring import entry, timer_queue
from paylatch.store.stream import timer_of_record


@entry.stream
def handler(record: dict[str, Any]) -> None:
    timer = _timer_of(record)
    if timer is not None:
        timer_queue().send((timer,))


def _timer_of(record: dict[str, Any]) -> Timer | None:
    try:
        return timer_of_record(record)
    except OrderUnreadable as error:
        # A retry would fail in the same way, so nothing waits for it. The sweep finds the order in the index.
        number = record["dynamodb"]["SequenceNumber"]
        entry.report(error, Metric.EVENT_UNREADABLE, sequence_number=number)
        return None
