"""Publication of events: one EventBridge event for each event of an order, at least once."""

import json
from functools import cache
from typing import Any

from botocore.config import Config
from botocore.exceptions import BotoCoreError, ClientError

from paylatch.botocore_session import botocore_session_for
from paylatch.domain.errors import EventNotPublished
from paylatch.domain.recorded_events import RecordedEvent, recorded_event_document
from paylatch.runtime.settings import settings_from

SOURCE = "paylatch.orders"


def publish(event: RecordedEvent) -> None:
    """Put the event on the stack's bus; subscribers recognise repeats by order and `seq`.

    Raises `EventNotPublished`.
    """
    entry = {
        "Source": SOURCE,
        "DetailType": event.type,
        "Detail": json.dumps(recorded_event_document(event)),
        "EventBusName": settings_from().event_bus,
        "Time": event.at,
    }
    try:
        result = _client().put_events(Entries=[entry])
    except (ClientError, BotoCoreError) as error:
        raise EventNotPublished(str(error)) from error
    if result["FailedEntryCount"]:
        refusal = result["Entries"][0]
        raise EventNotPublished(f"{refusal.get('ErrorCode')}: {refusal.get('ErrorMessage', '')}")


@cache
def _client() -> Any:
    timeouts = Config(connect_timeout=1, read_timeout=3, retries={"total_max_attempts": 2, "mode": "standard"})
    return botocore_session_for("events").create_client("events", config=timeouts)
