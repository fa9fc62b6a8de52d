"""What a webhook carries, when it is sent again, and for how long."""

import json
from collections.abc import Mapping
from datetime import timedelta
from typing import Any

from paylatch.domain.frozen_dataclass import dataclass
from paylatch.domain.ids import is_order_id

# After the first, second … try that failed. SQS hides a message for 12 hours at most.
WAITS = (
    timedelta(seconds=5),
    timedelta(minutes=1),
    timedelta(minutes=5),
    timedelta(minutes=30),
    timedelta(hours=1),
    timedelta(hours=2),
    timedelta(hours=4),
    timedelta(hours=8),
    *[timedelta(hours=11, minutes=30)] * 5,
)
# The queue's `maxReceiveCount`: what was received so often is a dead letter.
MOST_TRIES = len(WAITS) + 1


@dataclass(frozen=True, slots=True)
class Webhook:
    """One event for the operator's receiver; `webhook_id` and `body` are the same however often it is sent."""

    webhook_id: str
    body: bytes


def webhook_of(event: Mapping[str, Any]) -> Webhook:
    """The webhook of an event as it is published. Raises `ValueError` for anything else."""
    order_id, seq, at, kind = (event.get(name) for name in ("order_id", "seq", "at", "type"))
    if not is_order_id(str(order_id)) or type(seq) is not int or not isinstance(at, str) or not isinstance(kind, str):
        raise ValueError("not an event of an order")
    body = {"type": kind, "timestamp": at, "data": event}
    text = json.dumps(body, ensure_ascii=False, separators=(",", ":"))
    return Webhook(f"evt_{order_id}_{seq}", text.encode("utf-8", "replace"))


def redelivery_wait(tries: int) -> timedelta:
    """The wait before the next try after that many failed ones; zero after the last, which becomes a dead letter."""
    return WAITS[max(tries, 1) - 1] if tries < MOST_TRIES else timedelta(0)
