"""The two stores, with direct access to the stored heads, past the contract."""

from typing import Any, Protocol

from paylatch.ports import OrderStore
from paylatch.store.connection import TableConnection
from paylatch.store.dynamodb import DynamoOrderStore
from paylatch.store.items import document_of, item_of
from tests.fakes.memory_order_store import MemoryOrderStore
from tests.orders_table import client_of


class StoreDriver(Protocol):
    """A store under test, and its stored items."""

    @property
    def store(self) -> OrderStore:
        """The store."""
        ...

    def put_head(self, order_id: str, head: dict[str, Any]) -> None:
        """Make this the order's head, whatever it was."""
        ...

    def head(self, order_id: str) -> dict[str, Any] | None:
        """The head as stored, without keys."""
        ...


class MemoryStoreDriver:
    """The store in memory."""

    def __init__(self) -> None:
        self.store = MemoryOrderStore()

    def put_head(self, order_id: str, head: dict[str, Any]) -> None:
        self.store.heads[order_id] = head

    def head(self, order_id: str) -> dict[str, Any] | None:
        return self.store.heads.get(order_id)


class DynamoStoreDriver:
    """The store on a table."""

    def __init__(self, table: TableConnection) -> None:
        self.store = DynamoOrderStore(table)
        self._table = table
        self._client = client_of(table)

    def put_head(self, order_id: str, head: dict[str, Any]) -> None:
        self.put(order_id, "HEAD", head)

    def put(self, order_id: str, sort_key: str, document: dict[str, Any]) -> None:
        """Make this one of the order's items."""
        keys = {"pk": f"ORDER#{order_id}", "sk": sort_key}
        self._client.put_item(TableName=self._table.table, Item=item_of({**keys, **document}))

    def head(self, order_id: str) -> dict[str, Any] | None:
        return self.document(order_id, "HEAD")

    def document(self, order_id: str, sort_key: str) -> dict[str, Any] | None:
        """One of the order's items as stored, without keys."""
        key = item_of({"pk": f"ORDER#{order_id}", "sk": sort_key})
        item = self._client.get_item(TableName=self._table.table, Key=key).get("Item")
        if item is None:
            return None
        return {name: value for name, value in document_of(item).items() if name not in ("pk", "sk")}
