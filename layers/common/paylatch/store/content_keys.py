"""The query for the keys of an order's contents."""

from typing import Any

from paylatch.ports import LARGEST_PAGE
from paylatch.store.items import item_of
from paylatch.store.keys import ABOVE_CONTENTS, content_sort_key, partition_of


def content_keys_query(table: str, order_id: str, after: str) -> dict[str, Any]:
    """A consistent query for the next keys above that id; no key is a bound itself."""
    first = content_sort_key(f"{after}#")
    return {
        "TableName": table,
        "KeyConditionExpression": "pk = :pk AND sk BETWEEN :first AND :last",
        "ExpressionAttributeValues": item_of({":pk": partition_of(order_id), ":first": first, ":last": ABOVE_CONTENTS}),
        "ProjectionExpression": "pk, sk",
        "ConsistentRead": True,
        "Limit": LARGEST_PAGE,
    }
