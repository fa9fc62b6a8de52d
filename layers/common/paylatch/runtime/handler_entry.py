"""The one entry of every function: each exception ends in one log line, a metric, and the right response."""

import json
from collections.abc import Callable, Mapping, Sequence
from datetime import datetime
from functools import partial, wraps
from math import ceil
from typing import Any

from paylatch.domain.errors import OrderLocked
from paylatch.domain.ids import is_order_id, order_id_of
from paylatch.ports import Metric, Metrics
from paylatch.runtime.json_text import PROBLEM_JSON, json_text
from paylatch.runtime.lambda_context import LambdaContext
from paylatch.runtime.observability import EmfMetrics, logger, write_metrics
from paylatch.runtime.problems import NO_STORE, problem_document, problem_headers
from paylatch.runtime.threads import at_once
from paylatch.runtime.time_budget import Handler, ending_in_time

Answer = dict[str, Any]
Record = dict[str, Any]
HandleBatch = Callable[[Sequence[Record], LambdaContext], Mapping[int, Exception]]
HandleMessage = Callable[[Record, LambdaContext], None]


class HandlerEntry:
    """Makes Lambda handlers of functions; it calls `metrics` and `now` when it needs them."""

    def __init__(self, metrics: Callable[[], Metrics], now: Callable[[], datetime]) -> None:
        self._metrics = metrics
        self._now = now

    def http(self, handle: Handler) -> Handler:
        """A handler of HTTP API events: every exception becomes a response with its problem document."""
        return self.pages(handle, lambda _, error: self._problem(error))

    def pages(self, handle: Handler, failed: Callable[[dict[str, Any], Exception], Answer]) -> Handler:
        """A handler of HTTP API events: every exception becomes the response that `failed` gives for it."""

        @wraps(handle)
        def answering(event: dict[str, Any], context: LambdaContext) -> Answer:
            try:
                return _sendable(handle(event, context))
            except Exception as error:
                self.report(error, None, **_ids_in_path(event))
                return _sendable(failed(event, error))

        return _observed(answering)

    def scheduled(self, handle: Handler) -> Handler:
        """A handler of scheduled events: every exception is raised, so that Lambda counts it as an error."""

        @wraps(handle)
        def failing(event: dict[str, Any], context: LambdaContext) -> Answer:
            try:
                return handle(event, context)
            except Exception as error:
                self.report(error)
                raise

        return _observed(failing)

    def stream_batch(self, handle: HandleBatch) -> Handler:
        """A handler of a table's stream: `handle` takes a batch, and gives the errors by the place of their records.

        The first record with an error and everything behind it are delivered again. An event without records, or a
        record without a sequence number, raises an error, so that the whole batch is delivered again.
        """

        @wraps(handle)
        def batch(event: dict[str, Any], context: LambdaContext) -> Answer:
            records = event["Records"]
            numbers = [record["dynamodb"]["SequenceNumber"] for record in records]
            failures = _failures_of(handle, records, context)
            for place, error in _different(failures):
                self.report(error, None, sequence_number=numbers[place], **_ids_in_key(records[place]))
            return {"batchItemFailures": [{"itemIdentifier": numbers[place]} for place in sorted(failures)[:1]]}

        return self.scheduled(batch)

    def queue(self, handle: HandleMessage) -> Handler:
        """A handler of an SQS queue: `handle` takes one message, beside the others of its batch; each fails alone.

        An event without records, or a record without an id, raises an error, so that the whole batch is delivered
        again.
        """
        return self._queue(handle, _message_id)

    def queue_of_hints(self, handle: HandleMessage) -> Handler:
        """As `queue`, for messages of which repeated ones do nothing: equal ones of a batch are handled as one."""
        return self._queue(handle, lambda record: str(record.get("body")))

    def _queue(self, handle: HandleMessage, subject: Callable[[Record], str]) -> Handler:
        """A handler of a queue, whose messages with the same subject are handled once and end alike."""

        def failed(record: Record, context: LambdaContext) -> bool:
            try:
                handle(record, context)
            except Exception as error:
                self.report(error, None, message_id=_message_id(record), **_ids_in_message(record))
                return True
            return False

        @wraps(handle)
        def batch(event: dict[str, Any], context: LambdaContext) -> Answer:
            numbers = [(_message_id(record), subject(record)) for record in event["Records"]]
            different = {subject(record): record for record in reversed(event["Records"])}
            outcomes = at_once([partial(failed, record, context) for record in different.values()])
            have_failed = dict(zip(different, outcomes, strict=True))
            return {"batchItemFailures": [{"itemIdentifier": number} for number, of in numbers if have_failed[of]]}

        return self.scheduled(batch)

    def report(self, error: Exception, metric: Metric | None = None, **details: str) -> None:
        """Log a handled error and count it, under the metric or the error's own."""
        try:
            metrics = self._metrics()
        except Exception:
            # The error may be invalid settings: then there are no ports either.
            metrics = EmfMetrics()
        metrics.fail(error, metric, **details)

    def _problem(self, error: Exception) -> Answer:
        document = problem_document(error)
        headers = problem_headers(error, self._seconds_locked(error))
        return {
            "statusCode": document["status"],
            "headers": {"Content-Type": PROBLEM_JSON, **NO_STORE, **headers},
            # A response can contain text of the caller that cannot be encoded.
            "body": json_text(document).encode("utf-8", "replace").decode(),
            "isBase64Encoded": False,
        }

    def _seconds_locked(self, error: Exception) -> int | None:
        if isinstance(error, OrderLocked) and error.retry_at is not None:
            return ceil((error.retry_at - self._now()).total_seconds())
        return None


def _message_id(record: Record) -> str:
    return str(record["messageId"])


def _observed(handle: Handler) -> Handler:
    logged = logger.inject_lambda_context(ending_in_time(handle), clear_state=True)

    @wraps(handle)
    def observed(event: dict[str, Any], context: LambdaContext) -> Answer:
        try:
            return logged(event, context)
        finally:
            write_metrics()

    return observed


def _failures_of(handle: HandleBatch, records: list[Record], context: LambdaContext) -> Mapping[int, Exception]:
    try:
        return handle(records, context) if records else {}
    except Exception as error:
        return {0: error}


def _different(failures: Mapping[int, Exception]) -> list[tuple[int, Exception]]:
    """The first of each error: what fails a request fails up to 25 records in the same way."""
    first = {(type(failures[place]), str(failures[place])): place for place in sorted(failures, reverse=True)}
    return [(place, failures[place]) for place in sorted(first.values())]


def _sendable(answer: Answer) -> Answer:
    # Lambda sends UTF-8, and fails the invocation where encoding fails.
    (answer.get("body") or "").encode()
    return answer


def _ids_in_path(event: object) -> dict[str, str]:
    """The ids in the path that have the form of ours; a path holds whatever a caller wrote."""
    found = event.get("pathParameters") if isinstance(event, Mapping) else None
    path = found if isinstance(found, Mapping) else {}
    order_id, attempt_id, gateway = (str(path.get(name) or "") for name in ("order_id", "attempt_id", "gateway"))
    ids = {
        "order_id": order_id if is_order_id(order_id) else "",
        "attempt_id": attempt_id if order_id_of(attempt_id) else "",
        "gateway": gateway,
    }
    return {name: value for name, value in ids.items() if value}


def _ids_in_key(record: Record) -> dict[str, str]:
    try:
        order_id = str(record["dynamodb"]["Keys"]["pk"]["S"]).removeprefix("ORDER#")
    except (LookupError, TypeError):
        return {}
    return {"order_id": order_id} if is_order_id(order_id) else {}


def _ids_in_message(record: Record) -> dict[str, str]:
    try:
        message = json.loads(record["body"])
        # Of a timer, or of an event of the bus.
        order_id = str(message.get("detail", message)["order_id"])
    except (LookupError, TypeError, ValueError, AttributeError, RecursionError):
        return {}
    return {"order_id": order_id} if is_order_id(order_id) else {}
