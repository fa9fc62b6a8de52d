"""Order events: the table's stream becomes the history, and events on the stack's bus."""

from typing import Any

from aws_lambda_powertools.utilities.typing import LambdaContext

from paylatch.domain.errors import OrderUnreadable
from paylatch.domain.recorded_events import RecordedEvent
from paylatch.ports import Metric
from paylatch.runtime.event_bus import publish
from paylatch.runtime.observability import logger, metrics
from paylatch.runtime.wiring import ports
from paylatch.store.stream import event_of_record
from paylatch.use_cases.record_event import record_event


@metrics.log_metrics
@logger.inject_lambda_context(clear_state=True)
def handler(event: dict[str, Any], context: LambdaContext) -> dict[str, Any]:  # noqa: ARG001
    for record in event["Records"]:
        try:
            recorded = _event_of(record)
            if recorded is not None:
                record_event(recorded, publish, ports().store)
        except Exception:
            # The stream is in order: what follows a failure waits for it.
            logger.exception("an event could not be recorded", extra={"event_id": record.get("eventID")})
            return {"batchItemFailures": [{"itemIdentifier": record["dynamodb"]["SequenceNumber"]}]}
    return {"batchItemFailures": []}


def _event_of(record: dict[str, Any]) -> RecordedEvent | None:
    try:
        return event_of_record(record)
    except OrderUnreadable as error:
        # No later try reads it better, so nothing waits for it. The stream keeps the record for a day.
        ports().watch.count(
            Metric.EVENT_UNREADABLE,
            order_id=error.order_id,
            cause=error.cause,
            sequence_number=record["dynamodb"]["SequenceNumber"],
        )
        return None
