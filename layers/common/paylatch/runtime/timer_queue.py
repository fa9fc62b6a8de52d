"""The queue of timers: one SQS message for each timer, delayed until the order is due."""

import json
from collections.abc import Callable, Mapping, Sequence
from datetime import datetime, timedelta
from math import ceil
from threading import Lock
from typing import Any

from paylatch.botocore_session import botocore_session_for
from paylatch.domain.errors import TimersNotSent
from paylatch.domain.ids import is_order_id
from paylatch.domain.timestamps import as_text, from_text
from paylatch.ports import Timer, batches_of

# Limit of SQS.
LONGEST_DELAY = timedelta(minutes=15)
CONNECT_TIMEOUT_SECONDS = 0.5
READ_TIMEOUT_SECONDS = 1.5
TRIES = 2
# As many as the threads of a sweep that sends timers.
CONNECTIONS = 16


class TimerQueue:
    """Implements `Timers` on the SQS queue at that URL; `now` gives the time."""

    def __init__(self, url: str, now: Callable[[], datetime]) -> None:
        self._url = url
        self._now = now
        self._making = Lock()
        self._made: Any = None

    def send(self, timers: Sequence[Timer]) -> None:
        """One request for each ten timers; an entry that SQS did not take is sent once more."""
        for batch in batches_of(timers):
            refused = self._send(batch)
            if refused and self._send(refused):
                raise TimersNotSent(f"SendMessageBatch: {len(refused)} of {len(timers)} were not taken")

    def waiting(self) -> int:
        """The queue's own approximate figure, without the delayed messages."""
        name = "ApproximateNumberOfMessages"
        answer = self._call("get_queue_attributes", AttributeNames=[name])
        return int(answer["Attributes"][name])

    def make_client(self) -> None:
        """Make the client now; otherwise the first request makes it."""
        _ = self._client

    def _send(self, timers: Sequence[Timer]) -> list[Timer]:
        """Send at most ten; give those that SQS did not take."""
        now = self._now()
        entries = [
            {"Id": str(place), "MessageBody": message_of(timer), "DelaySeconds": _delay(timer, now)}
            for place, timer in enumerate(timers)
        ]
        answer = self._call("send_message_batch", Entries=entries)
        return [timers[int(entry["Id"])] for entry in answer.get("Failed", ())]

    def _call(self, operation: str, **arguments: Any) -> Mapping[str, Any]:
        from botocore.exceptions import BotoCoreError, ClientError

        try:
            answer: Mapping[str, Any] = getattr(self._client, operation)(QueueUrl=self._url, **arguments)
        except (ClientError, BotoCoreError) as error:
            raise TimersNotSent(f"{operation}: {error}") from error
        return answer

    @property
    def _client(self) -> Any:
        # A sweep's threads send at the same time, and each client has a pool of connections of its own.
        with self._making:
            if self._made is None:
                self._made = self._new_client()
            return self._made

    @staticmethod
    def _new_client() -> Any:
        # Imported here, so that a function which seldom sends a timer does not load it at its start.
        from botocore.config import Config

        timeouts = Config(
            connect_timeout=CONNECT_TIMEOUT_SECONDS,
            read_timeout=READ_TIMEOUT_SECONDS,
            retries={"total_max_attempts": TRIES, "mode": "standard"},
            max_pool_connections=CONNECTIONS,
        )
        return botocore_session_for("sqs").create_client("sqs", config=timeouts)


def message_of(timer: Timer) -> str:
    """The body of the timer's message."""
    until = {} if timer.until is None else {"until": as_text(timer.until)}
    return json.dumps({"order_id": timer.order_id, "due_at": as_text(timer.due_at), **until})


def timer_of(record: Mapping[str, Any]) -> Timer:
    """The timer in a record of the queue. Raises `ValueError` for any other message."""
    message = json.loads(record["body"])
    if not isinstance(message, Mapping) or not is_order_id(str(message.get("order_id"))):
        raise ValueError("a message in the queue of timers names no order")
    due_at, until = message.get("due_at"), message.get("until")
    if not isinstance(due_at, str) or not isinstance(until, str | None):
        raise ValueError("a message in the queue of timers has no time")
    return Timer(message["order_id"], from_text(due_at), from_text(until) if until is not None else None)


def _delay(timer: Timer, now: datetime) -> int:
    """Whole seconds, rounded up: a message that comes before its time has to be sent again."""
    rest = min(max(timer.due_at - now, timedelta(0)), LONGEST_DELAY)
    return ceil(rest.total_seconds())
