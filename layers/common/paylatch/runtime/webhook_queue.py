"""The queue of webhooks: events as EventBridge puts them there, and the wait before a message comes again."""

import json
from collections.abc import Mapping
from functools import cache
from typing import Any

from paylatch.botocore_session import botocore_session_for
from paylatch.domain.webhook_errors import WebhookNotDelivered
from paylatch.domain.webhooks import Webhook, redelivery_wait, webhook_of

CONNECT_TIMEOUT_SECONDS = 0.5
READ_TIMEOUT_SECONDS = 1.5
TRIES = 2


def webhook_of_record(record: Mapping[str, Any]) -> Webhook:
    """The webhook in a record of the queue. Raises `ValueError` for any other message."""
    message = json.loads(record["body"])
    event = message.get("detail") if isinstance(message, Mapping) else None
    if not isinstance(event, Mapping):
        raise ValueError("a message in the queue of webhooks has no event")
    return webhook_of(event)


def postpone(queue: str, record: Mapping[str, Any]) -> None:
    """Hide the message until its next try is due.

    Raises `WebhookNotDelivered` where SQS does not do it: the message comes again after the queue's own time.
    """
    from botocore.exceptions import BotoCoreError, ClientError

    wait = redelivery_wait(int(record["attributes"]["ApproximateReceiveCount"]))
    try:
        _client().change_message_visibility(
            QueueUrl=queue, ReceiptHandle=record["receiptHandle"], VisibilityTimeout=int(wait.total_seconds())
        )
    except (ClientError, BotoCoreError) as error:
        raise WebhookNotDelivered(f"not delivered, and the queue does not hide it: {error}") from error


@cache
def _client() -> Any:
    # Imported here: only a failed try needs it.
    from botocore.config import Config

    timeouts = Config(
        connect_timeout=CONNECT_TIMEOUT_SECONDS,
        read_timeout=READ_TIMEOUT_SECONDS,
        retries={"total_max_attempts": TRIES, "mode": "standard"},
        # As many as the threads of a batch.
        max_pool_connections=10,
    )
    return botocore_session_for("sqs").create_client("sqs", config=timeouts)
