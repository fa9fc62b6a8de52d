"""The product's store, with its requests and write units counted."""

from collections import Counter
from collections.abc import Iterable
from typing import Any

from paylatch.domain.transitions import Transition
from paylatch.ports import Applied, Rejected
from paylatch.store.connection import TableConnection
from paylatch.store.dynamodb import DynamoOrderStore
from tests.integration.item_size import size_of
from tests.recorded_events import event_of

WRITES = frozenset({"UpdateItem", "PutItem", "DeleteItem", "BatchWriteItem"})
# The attributes whose values move an item in an index, and those that have it in a list: only with all of them it is.
INDEXED = (("due_at",), ("follow_up_at",), ("attention_at",))
LISTED = (("seller_id", "created_at"), ("buyer_id", "created_at"), ("seller_id", "reference"))
KILOBYTE = 1024


class MeteredTable(TableConnection):
    """Counts requests, and the write units that DynamoDB charges for items and index entries."""

    def __init__(self, table: str, region: str) -> None:
        super().__init__(table, region)
        self.spent: Counter[str] = Counter()

    def send(self, operation: str, kwargs: dict[str, Any]) -> dict[str, Any]:
        self.spent["requests"] += 1
        if operation not in WRITES:
            answer = super().send(operation, kwargs)
            self.spent["read units"] += _read_units(answer)
            return answer
        keys = self._keys(kwargs)
        before = [self._item(key) for key in keys]
        answer = super().send(operation, kwargs)
        after = [self._item(key) for key in keys]
        self.spent["write units"] += sum(map(write_units, before, after))
        self.spent["index units"] += sum(map(index_units, before, after))
        return answer

    def left(self) -> dict[str, int]:
        """The number of items in the table, and their size."""
        client: Any = self.connection.client
        items = client.scan(TableName=self.table)["Items"]
        return {"items": len(items), "bytes": sum(map(size_of, items))}

    def _keys(self, kwargs: dict[str, Any]) -> list[dict[str, Any]]:
        batch = kwargs.get("RequestItems", {}).get(self.table, [])
        images = [put["PutRequest"]["Item"] for put in batch] or [kwargs.get("Key") or kwargs["Item"]]
        return [{name: image[name] for name in ("pk", "sk")} for image in images]

    def _item(self, key: dict[str, Any]) -> dict[str, Any]:
        client: Any = self.connection.client
        item: dict[str, Any] = client.get_item(TableName=self.table, Key=key).get("Item", {})
        return item


class RecordingStore(DynamoOrderStore):
    """Writes the history at once; in the product the stream's function does so a moment later."""

    def apply(self, order_id: str, transition: Transition) -> Applied | Rejected:
        outcome = super().apply(order_id, transition)
        if isinstance(outcome, Applied):
            self.record_events([event_of(outcome.order)])
        return outcome


def _read_units(answer: dict[str, Any]) -> int:
    """One unit for each four kilobytes begun of a consistent read."""
    read = answer.get("Items") or [answer.get("Item", {})]
    return max(1, -(-sum(map(size_of, read)) // (4 * KILOBYTE)))


def write_units(before: dict[str, Any], after: dict[str, Any]) -> int:
    """The units of one write: one for each kilobyte of the larger image, one for each index entry put or removed."""
    entries = index_units(before, after) + _entries_moved(LISTED, before, after)
    return max(1, -(-max(size_of(before), size_of(after)) // KILOBYTE)) + entries


def index_units(before: dict[str, Any], after: dict[str, Any]) -> int:
    """The part of a write's units that the indexes of what is due cost."""
    return _entries_moved(INDEXED, before, after)


def _entries_moved(indexes: Iterable[tuple[str, ...]], before: dict[str, Any], after: dict[str, Any]) -> int:
    keys = [[_key(names, item) for item in (before, after)] for names in indexes]
    return sum((old is not None) + (new is not None) for old, new in keys if old != new)


def _key(names: tuple[str, ...], item: dict[str, Any]) -> list[Any] | None:
    """The item's key in an index; None where it has no entry."""
    return [item[name] for name in names] if all(name in item for name in names) else None
