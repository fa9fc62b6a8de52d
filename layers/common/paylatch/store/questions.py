"""The item that bounds how often callers have a gateway asked about one order."""

from datetime import datetime, timedelta
from typing import Any

from paylatch.domain.timestamps import as_milliseconds
from paylatch.store.items import item_of

# After the item has no effect any more; DynamoDB deletes it some time later.
KEPT = timedelta(hours=1)


def question_put(table: str, partition: str, now: datetime, lasts: timedelta) -> dict[str, Any]:
    """The put of the item, on condition that the last query is that long ago."""
    item = {"pk": partition, "sk": "LOOK#", "asked_at": as_milliseconds(now), "ttl": int((now + KEPT).timestamp())}
    return {
        "TableName": table,
        "Item": item_of(item),
        "ConditionExpression": "attribute_not_exists(pk) OR asked_at <= :before",
        "ExpressionAttributeValues": item_of({":before": as_milliseconds(now - lasts)}),
    }
