"""The sender of webhooks, as the function's environment configures it."""

import os
from functools import cache

from paylatch.ports import Metric
from paylatch.runtime.gateway_secrets import GatewaySecret
from paylatch.runtime.observability import EmfMetrics
from paylatch.runtime.wiring import SystemClock
from paylatch.webhooks.sender import WebhookSender

# The secret's name is the prefix and this word.
SECRET = "webhooks"  # noqa: S105


@cache
def webhook_sender() -> WebhookSender:
    """The sender, made once in a Lambda sandbox. Raises `KeyError` without its settings."""
    now = SystemClock().now
    return WebhookSender(
        url=os.environ["PAYLATCH_WEBHOOK_URL"],
        secret=GatewaySecret(SECRET, os.environ["PAYLATCH_WEBHOOK_SECRETS"], now),
        now=now,
        report=_count_unusable_key,
        local=os.environ.get("PAYLATCH_WEBHOOK_LOCAL") == "true",
    )


def _count_unusable_key(fault: str) -> None:
    EmfMetrics().count(Metric.WEBHOOK_FAILED, cause=fault)


def webhook_queue() -> str:
    """The URL of the queue of webhooks. Raises `KeyError` without it."""
    return os.environ["PAYLATCH_WEBHOOK_QUEUE"]
