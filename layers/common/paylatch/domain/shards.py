"""How orders are spread over the shards of an index."""

from datetime import datetime
from zlib import crc32

SHARDS = 8


def shard_of(order_id: str) -> str:
    """The index shard of an order, evenly spread and for ever the same."""
    return str(crc32(order_id.encode()) % SHARDS)


def shards_by_turn(timestamp: datetime) -> tuple[str, ...]:
    """All shards, beginning with another one each minute: a run that stops early does not always skip the same."""
    first = int(timestamp.timestamp()) // 60
    return tuple(str((first + turn) % SHARDS) for turn in range(SHARDS))
