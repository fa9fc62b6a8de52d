"""Webhooks: each event of the bus goes to the operator's receiver, signed."""

from typing import Any

from paylatch.domain.webhook_errors import WebhookNotDelivered
from paylatch.runtime.lambda_context import LambdaContext
from paylatch.runtime.webhook_queue import postpone, webhook_of_record
from paylatch.runtime.webhook_wiring import webhook_queue, webhook_sender
from paylatch.runtime.wiring import entry


@entry.queue
def handler(record: dict[str, Any], _context: LambdaContext) -> None:
    webhook = webhook_of_record(record)
    try:
        webhook_sender().send(webhook)
    except WebhookNotDelivered:
        postpone(webhook_queue(), record)
        raise
