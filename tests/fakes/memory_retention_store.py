"""Retention in memory, beside an order store in memory."""

from collections.abc import Mapping, Sequence
from datetime import datetime

from paylatch.domain.errors import PaylatchError
from paylatch.domain.order import Order
from paylatch.domain.tombstone import is_tombstone, tombstone
from paylatch.ports import LARGEST_WRITE
from tests.fakes.memory_order_store import MemoryOrderStore


class MemoryRetentionStore:
    """Implements `RetentionStore`. `times` has when each order is looked at."""

    def __init__(self, orders: MemoryOrderStore) -> None:
        self._orders = orders
        self.times: dict[str, datetime] = {}

    def schedule(self, times: Mapping[str, datetime]) -> Mapping[str, PaylatchError]:
        self.times |= times
        return {}

    def retire(self, order: Order, now: datetime) -> bool:
        document = self._orders.heads.get(order.order_id, {})
        if not is_tombstone(document) and _is_as_read(document, order):
            document = self._orders.heads[order.order_id] = tombstone(order, now)
        return is_tombstone(document)

    def remains(self, order_id: str) -> tuple[str, ...]:
        contents = (f"CONTENT#{content_id}" for found, content_id in self._orders.contents if found == order_id)
        events = (f"EVENT#{seq:08d}" for seq in self._orders.history.get(order_id, {}))
        return tuple(sorted([*contents, *events])[:LARGEST_WRITE])

    def remove(self, order_id: str, keys: Sequence[str]) -> None:
        for key in keys:
            kind, _, name = key.partition("#")
            if kind == "CONTENT":
                self._orders.contents.pop((order_id, name), None)
            else:
                self._orders.history[order_id].pop(int(name), None)


def _is_as_read(document: Mapping[str, object], order: Order) -> bool:
    last = document.get("last_event")
    written = last.get("write_id") if isinstance(last, Mapping) else None
    return (document.get("version"), written) == (order.version, order.last_event.write_id)
