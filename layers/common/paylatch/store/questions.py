"""The item that bounds how often callers have a gateway asked about one order."""

from datetime import datetime, timedelta
from typing import Any

from paylatch.domain.timestamps import as_milliseconds
from paylatch.store.items import item_of

# After the item has no effect any more; DynamoDB deletes it some time later.
KEPT = timedelta(hours=1)


def question_put(now: datetime, lasts: timedelta) -> tuple[dict[str, Any], dict[str, Any]]:
    """The item's attributes without its key, and the condition of its put: no question was asked for so long."""
    attributes = {"asked_at": as_milliseconds(now), "ttl": int((now + KEPT).timestamp())}
    condition = {
        "ConditionExpression": "attribute_not_exists(pk) OR asked_at <= :before",
        "ExpressionAttributeValues": item_of({":before": as_milliseconds(now - lasts)}),
    }
    return item_of(attributes), condition
