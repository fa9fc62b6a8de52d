"""The keys of an order's items."""

from collections.abc import Mapping
from typing import Any

HEAD = "HEAD"
EXPIRY = "EXPIRY"
EVENT = "EVENT#"
_ORDER, _CONTENT = "ORDER#", "CONTENT#"
# `$` is the character after `#`: above every content's key.
ABOVE_CONTENTS = "CONTENT$"


def order_id_of_key(key: Mapping[str, Any]) -> str:
    """The order that an item belongs to, from its key or from any image with the key."""
    partition: str = key["pk"]["S"]
    return partition.removeprefix(_ORDER)


def content_key_of(key: Mapping[str, Any]) -> tuple[str, str]:
    """The order and the id of a content, from its key or from its item."""
    sort_key: str = key["sk"]["S"]
    return order_id_of_key(key), sort_key.removeprefix(_CONTENT)


def partition_of(order_id: str) -> str:
    """The partition key of all items of an order."""
    return f"{_ORDER}{order_id}"


def head_key(order_id: str) -> dict[str, str]:
    """The key of an order's head."""
    return {"pk": partition_of(order_id), "sk": HEAD}


def content_key(order_id: str, content_id: str) -> dict[str, str]:
    """The key of one content."""
    return {"pk": partition_of(order_id), "sk": content_sort_key(content_id)}


def content_sort_key(content_id: str) -> str:
    """The sort key of one content of an order."""
    return f"{_CONTENT}{content_id}"


def event_key(seq: int) -> str:
    """The sort key of an event."""
    return f"{EVENT}{seq:08d}"


def seq_of_key(key: Mapping[str, Any]) -> int:
    """The number of an event, from its key or from its item."""
    sort_key: str = key["sk"]["S"]
    return int(sort_key.removeprefix(EVENT))
