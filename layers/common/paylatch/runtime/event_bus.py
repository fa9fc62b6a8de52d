"""Publication of events: one EventBridge event for each event of an order, at least once."""

import json
from collections.abc import Mapping, Sequence
from functools import cache
from typing import Any

from botocore.config import Config
from botocore.exceptions import BotoCoreError, ClientError

from paylatch.botocore_session import botocore_session_for
from paylatch.domain.errors import EventNotPublished, EventRefused, PaylatchError
from paylatch.domain.recorded_events import RecordedEvent, shown_event_document
from paylatch.runtime.settings import settings_from

SOURCE = "paylatch.orders"
# PutEvents takes no more entries.
LARGEST_PUBLICATION = 10
CONNECT_TIMEOUT_SECONDS = 1.0
READ_TIMEOUT_SECONDS = 3.0
TRIES = 2
# The error codes of an entry that is itself at fault. Other codes that AWS does not retry name a missing permission: a
# person corrects that, so those events are tried again.
_FOR_GOOD = frozenset({"InvalidArgument", "MalformedDetail", "RedactionFailure"})
# The SDK waits at most a second before its second try.
PUBLICATION_SECONDS = 1 + TRIES * (CONNECT_TIMEOUT_SECONDS + READ_TIMEOUT_SECONDS)


def publish(events: Sequence[RecordedEvent]) -> Mapping[str, PaylatchError]:
    """Put at most ten events on the stack's bus; subscribers recognise repeats by order and `seq`.

    Each event is of another order. Gives the error of each event that the bus did not take, by its order:
    `EventRefused` where it never will. Raises `EventNotPublished` where it is not known to have taken any, and
    `EventRefused` where the events together are too large.
    """
    bus = settings_from().event_bus
    try:
        result = _client().put_events(Entries=[_entry(event, bus) for event in events])
    except ClientError as error:
        raise (EventRefused if _is_too_large(error) else EventNotPublished)(str(error)) from error
    except BotoCoreError as error:
        raise EventNotPublished(str(error)) from error
    answers = zip(events, result["Entries"], strict=True)
    return {event.order_id: _refusal(answer) for event, answer in answers if "ErrorCode" in answer}


def _entry(event: RecordedEvent, bus: str) -> dict[str, Any]:
    return {
        "Source": SOURCE,
        "DetailType": event.type,
        "Detail": json.dumps(shown_event_document(event)),
        "EventBusName": bus,
        "Time": event.at,
    }


def _refusal(answer: Mapping[str, str]) -> EventNotPublished:
    kind = EventRefused if answer["ErrorCode"] in _FOR_GOOD else EventNotPublished
    return kind(f"{answer['ErrorCode']}: {answer.get('ErrorMessage', '')}")


def _is_too_large(error: ClientError) -> bool:
    # EventBridge has no separate code for this: the message is "Total size of the entries in the request is over the
    # limit." Another ValidationException can be a mistake in the name of the bus.
    found = error.response.get("Error", {})
    return found.get("Code") == "ValidationException" and "size" in (found.get("Message") or "")


@cache
def _client() -> Any:
    timeouts = Config(
        connect_timeout=CONNECT_TIMEOUT_SECONDS,
        read_timeout=READ_TIMEOUT_SECONDS,
        retries={"total_max_attempts": TRIES, "mode": "standard"},
    )
    return botocore_session_for("events").create_client("events", config=timeouts)
