"""Events out: one EventBridge event for each event of an order, at least once."""

import json
from functools import cache
from typing import Any

from botocore.config import Config

from paylatch.domain.recorded_events import RecordedEvent, recorded_event_document
from paylatch.runtime.settings import settings_from
from paylatch.service_models import session_for

SOURCE = "paylatch.orders"


class EventNotPublished(Exception):
    """The bus did not take the event; it is tried again with the stream record."""


def publish(event: RecordedEvent) -> None:
    """Put the event on the stack's bus. Raises `EventNotPublished`; listeners tell repeats by order and `seq`."""
    entry = {
        "Source": SOURCE,
        "DetailType": event.type,
        "Detail": json.dumps(recorded_event_document(event)),
        "EventBusName": settings_from().event_bus,
        "Time": event.at,
    }
    result = _client().put_events(Entries=[entry])
    if result["FailedEntryCount"]:
        raise EventNotPublished(str(result["Entries"][0]))


@cache
def _client() -> Any:
    timeouts = Config(connect_timeout=1, read_timeout=3, retries={"total_max_attempts": 2, "mode": "standard"})
    return session_for("events").create_client("events", config=timeouts)
