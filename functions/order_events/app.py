"""Order events: the table's stream becomes the history, and events on the stack's bus."""

import time
from collections.abc import Mapping, Sequence
from functools import partial
from typing import Any

from paylatch.domain.errors import EventNotPublished, EventRefused, OrderUnreadable, StoreUnavailable
from paylatch.domain.recorded_events import RecordedEvent
from paylatch.ports import LARGEST_WRITE, HasTime, Metric
from paylatch.runtime.event_bus import LARGEST_PUBLICATION, PUBLICATION_SECONDS, publish
from paylatch.runtime.lambda_context import LambdaContext
from paylatch.runtime.time_budget import STORE_REQUEST_SECONDS, time_for, time_within
from paylatch.runtime.wiring import entry, ports, retention
from paylatch.store.stream import event_of_record, expired_order_of
from paylatch.use_cases.finish_erasure import record_and_erase
from paylatch.use_cases.record_events import Receiver, Send, record_events

# The history leaves half of the function's time to the bus, so that a slow database does not stop all progress.
BUS_SECONDS = 30
# Many orders may expire at once: the events of the next batch wait no longer for them.
RETIREMENT_SECONDS = 5
# To schedule, retire and remove the items of the order that was begun last.
RESERVED_SECONDS = 5 * STORE_REQUEST_SECONDS


@entry.stream_batch
def handler(records: Sequence[dict[str, Any]], context: LambdaContext) -> Mapping[int, Exception]:
    events, failures = _events_of(records)
    expired = _expired_in(records[: min(failures, default=len(records))])
    places = [*events]
    failed = record_events([*events.values()], ports().store.read_contents, _history(context), _bus(context))
    for number, error in failed.items():
        if isinstance(error, EventRefused):
            _report_refusal(error, events[places[number]])
        else:
            failures[places[number]] = error
    # The events come first: nobody waits for the end of an order.
    return {**failures, **_retired(expired, context)} if expired else failures


def _report_refusal(error: EventRefused, event: RecordedEvent) -> None:
    # A retry would fail in the same way, so nothing waits for it. The history has the event.
    entry.report(error, Metric.EVENT_REFUSED, order_id=event.order_id, seq=str(event.seq))


def _history(context: LambdaContext) -> Receiver:
    late = StoreUnavailable("no time was left to store the event")
    has_time = time_for(BUS_SECONDS, context)
    return Receiver(_recording(has_time), LARGEST_WRITE, has_time, late, time.sleep)


def _recording(has_time: HasTime) -> Send:
    record = partial(record_and_erase, has_time=has_time, ports=ports())
    keep = ports().rules.keep
    if keep is None:
        return record
    # Not at the function's start: most stacks keep every order.
    from paylatch.use_cases.retire_orders import record_and_schedule

    return partial(record_and_schedule, record=record, keep=keep, store=retention().store)


def _retired(expired: Mapping[str, int], context: LambdaContext) -> dict[int, Exception]:
    from paylatch.use_cases.retire_orders import retire_orders

    has_time = time_within(RETIREMENT_SECONDS, RESERVED_SECONDS, context)
    try:
        errors: Mapping[str, Exception] = retire_orders([*expired], retention(), has_time, ports())
    except Exception as error:
        errors = {next(iter(expired)): error}
    return {expired[order_id]: error for order_id, error in errors.items()}


def _expired_in(records: Sequence[dict[str, Any]]) -> dict[str, int]:
    """The orders whose expiry was deleted, each with the place of the first record that says so."""
    places: dict[str, int] = {}
    for place, record in enumerate(records):
        order_id = expired_order_of(record)
        if order_id is not None:
            places.setdefault(order_id, place)
    return places


def _bus(context: LambdaContext) -> Receiver:
    late = EventNotPublished("no time was left to publish the event")
    return Receiver(publish, LARGEST_PUBLICATION, time_for(PUBLICATION_SECONDS, context), late, time.sleep)


def _events_of(records: Sequence[dict[str, Any]]) -> tuple[dict[int, RecordedEvent], dict[int, Exception]]:
    """The events by the places of their records, up to a record that is not one of a table: that is an error."""
    events: dict[int, RecordedEvent] = {}
    for place, record in enumerate(records):
        try:
            event = _event_of(record)
        except Exception as error:
            return events, {place: error}
        if event is not None:
            events[place] = event
    return events, {}


def _event_of(record: dict[str, Any]) -> RecordedEvent | None:
    try:
        return event_of_record(record)
    except OrderUnreadable as error:
        # A retry would fail in the same way, so nothing waits for it. The stream keeps the record for a day.
        number = record["dynamodb"]["SequenceNumber"]
        entry.report(error, Metric.EVENT_UNREADABLE, sequence_number=number)
        return None
