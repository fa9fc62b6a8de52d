"""A stack that keeps finished orders for a time: its consumer of the table's stream, and the expiry of items."""

from dataclasses import replace
from datetime import UTC, datetime, timedelta
from typing import Any

from paylatch.runtime import wiring
from paylatch.store.connection import TableConnection
from paylatch.store.items import item_of
from tests.api.handlers import Context, handler_of
from tests.integration.personal_orders import items
from tests.integration.shop import Shop
from tests.integration.table_stream import TableStream
from tests.orders_table import client_of


class Retiring:
    """The stack with a time to keep orders: what the table's stream and the expiry of items bring."""

    def __init__(self, shop: Shop, table: TableConnection) -> None:
        self.shop = shop
        self.table = table
        self._done = 0

    def consume(self) -> dict[str, Any]:
        """Hand the function the records since the last call, and all of them again where it failed."""
        records = TableStream(self.table).batch()["Records"]
        outcome: dict[str, Any] = handler_of("order_events")({"Records": records[self._done :]}, Context())
        self._done = self._done if outcome["batchItemFailures"] else len(records)
        return outcome

    def remove_expiry(self, order_id: str) -> None:
        """The table deletes the order's expiry."""
        key = item_of({"pk": f"ORDER#{order_id}", "sk": "EXPIRY"})
        client_of(self.table).delete_item(TableName=self.table.table, Key=key)

    def expire(self, order_id: str) -> dict[str, Any]:
        """The table deletes it, and the stream brings that."""
        self.remove_expiry(order_id)
        return self.consume()

    def items(self, order_id: str) -> list[str]:
        """The sort keys of the order's items."""
        return sorted(items(self.table, order_id))

    def expiry(self, order_id: str) -> datetime:
        """When the order is looked at."""
        return datetime.fromtimestamp(items(self.table, order_id)["EXPIRY"]["ttl"], UTC)

    def keep(self, time: timedelta | None) -> None:
        """The stack's parameter changes."""
        ports = wiring.ports()
        changed = replace(ports, rules=replace(ports.rules, keep=time))
        wiring.make_ports = lambda: changed
        wiring.ports.cache_clear()
