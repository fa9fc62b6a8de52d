"""The query for the events of an order, in their sequence."""

from typing import Any

from paylatch.ports import LAST_SEQ
from paylatch.store.items import item_of
from paylatch.store.keys import event_key, partition_of


def history_query(table: str, order_id: str, after: int, limit: int) -> dict[str, Any]:
    """The request for the first `limit` events above the `seq` `after`, read consistently."""
    # The bounds are no event's own keys: the first is above the key of `after`, and the last is never below the first.
    first, last = f"{event_key(after)}#", f"{event_key(LAST_SEQ)}#"
    return {
        "TableName": table,
        "KeyConditionExpression": "pk = :pk AND sk BETWEEN :first AND :last",
        "ExpressionAttributeValues": item_of({":pk": partition_of(order_id), ":first": first, ":last": last}),
        "ConsistentRead": True,
        "Limit": limit,
    }
