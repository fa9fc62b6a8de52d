"""The requests for lists of orders: queries of the three indexes of all orders, and the batch read of items."""

from collections.abc import Sequence
from datetime import datetime, timedelta
from typing import Any

from paylatch.domain.listing import Listing, ListingIndex, Position
from paylatch.domain.timestamps import as_text
from paylatch.store.items import item_of

# The range key is `created_at`.
_LISTED_BY = {ListingIndex.BY_SELLER: "seller_id", ListingIndex.BY_BUYER: "buyer_id"}


def entries_query(listing: Listing, after: dict[str, str] | None, limit: int) -> dict[str, Any]:
    """A query for the newest `limit` entries, or for those after that entry's key."""
    name = _LISTED_BY[listing.index]
    return {
        "IndexName": listing.index.value,
        "KeyConditionExpression": f"{name} = :key",
        "ExpressionAttributeValues": item_of({":key": listing.key}),
        "ScanIndexForward": False,
        "Limit": limit,
        **({"ExclusiveStartKey": item_of(after)} if after else {}),
    }


def entry_key(listing: Listing, entry: Position, key: dict[str, str]) -> dict[str, str]:
    """The key of an entry in its index: the head's own, and the keys of the listing and the entry."""
    return {**key, _LISTED_BY[listing.index]: listing.key, "created_at": as_text(entry.created_at)}


def reference_query(seller_id: str, reference: str, limit: int) -> dict[str, Any]:
    """A query for at most `limit` orders of that seller with that reference."""
    return {
        "IndexName": ListingIndex.BY_REFERENCE.value,
        "KeyConditionExpression": "seller_id = :seller AND #reference = :reference",
        # A reserved word of DynamoDB, which some emulators accept.
        "ExpressionAttributeNames": {"#reference": "reference"},
        "ExpressionAttributeValues": item_of({":seller": seller_id, ":reference": reference}),
        "Limit": limit,
    }


def items_request(table: str, keys: Sequence[dict[str, str]]) -> dict[str, Any]:
    """A consistent batch read of the items with these keys."""
    return {"RequestItems": {table: {"Keys": [item_of(key) for key in keys], "ConsistentRead": True}}}


def next_text(timestamp: datetime) -> str:
    """The next later timestamp that an index can hold."""
    return as_text(timestamp + timedelta(milliseconds=1))
