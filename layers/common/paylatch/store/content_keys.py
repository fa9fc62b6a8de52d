"""The query for the keys of an order's contents."""

from typing import Any

from paylatch.ports import LARGEST_PAGE
from paylatch.store.items import item_of
from paylatch.store.keys import content_key, partition_of

# `$` is the character after `#`: above every content's key.
_ABOVE_ALL = "CONTENT$"


def content_keys_query(table: str, order_id: str, after: str) -> dict[str, Any]:
    """A consistent query for the next keys above that id; no key is a bound itself."""
    first = content_key(order_id, f"{after}#")["sk"]
    return {
        "TableName": table,
        "KeyConditionExpression": "pk = :pk AND sk BETWEEN :first AND :last",
        "ExpressionAttributeValues": item_of({":pk": partition_of(order_id), ":first": first, ":last": _ABOVE_ALL}),
        "ProjectionExpression": "pk, sk",
        "ConsistentRead": True,
        "Limit": LARGEST_PAGE,
    }
