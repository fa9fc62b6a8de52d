"""How orders are spread over the shards of an index."""

from datetime import datetime
from zlib import crc32

# The number of shards over which new orders are spread.
SHARDS = 8
# The most that another release, before or after this one, spreads orders over: an order stays in its shard.
SHARDS_ELSEWHERE = 8


def shard_of(order_id: str) -> str:
    """The index shard of an order, evenly spread; it never changes."""
    return str(crc32(order_id.encode()) % SHARDS)


def all_shards() -> tuple[str, ...]:
    """All shards in which there may be orders."""
    return tuple(map(str, range(max(SHARDS, SHARDS_ELSEWHERE))))


def shards_by_turn(timestamp: datetime) -> tuple[str, ...]:
    """All shards, beginning with another one each minute: a run that stops early does not always skip the same."""
    shards = all_shards()
    first = int(timestamp.timestamp()) // 60 % len(shards)
    return shards[first:] + shards[:first]
