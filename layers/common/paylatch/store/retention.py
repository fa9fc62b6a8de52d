"""Retention in DynamoDB: an item that expires beside the head, and a tombstone in the place of a retired one."""

from collections.abc import Mapping, Sequence
from datetime import datetime
from math import ceil
from typing import Any

from paylatch.domain.errors import PaylatchError, StoreUnavailable
from paylatch.domain.order import Order
from paylatch.domain.tombstone import is_tombstone, tombstone
from paylatch.ports import LARGEST_WRITE
from paylatch.store.connection import ConditionFailed, TableConnection
from paylatch.store.items import document_of, item_of
from paylatch.store.keys import EXPIRY, HEAD, head_key, order_id_of_key, partition_of

_KEPT = frozenset({HEAD, EXPIRY})


class DynamoRetentionStore:
    """Implements `RetentionStore` on the table of orders."""

    def __init__(self, table: TableConnection) -> None:
        self._table = table

    def schedule(self, times: Mapping[str, datetime]) -> Mapping[str, PaylatchError]:
        """One batch of puts; the table deletes each item some time after its `ttl`, which its stream reports."""
        left = self._write([{"PutRequest": {"Item": _expiry(*each)}} for each in times.items()])
        unprocessed = StoreUnavailable("BatchWriteItem: the database did not process the order's expiry")
        return {order_id_of_key(request["PutRequest"]["Item"]): unprocessed for request in left}

    def retire(self, order: Order, now: datetime) -> bool:
        """One conditional put; a refused one shows what is there."""
        put = {
            "TableName": self._table.table,
            "Item": item_of({**head_key(order.order_id), **tombstone(order, now)}),
            "ConditionExpression": "version = :version AND last_event.write_id = :write_id",
            "ExpressionAttributeValues": item_of({":version": order.version, ":write_id": order.last_event.write_id}),
            "ReturnValuesOnConditionCheckFailure": "ALL_OLD",
        }
        try:
            self._table.send("PutItem", put)
        except ConditionFailed as refusal:
            return refusal.item is not None and is_tombstone(document_of(refusal.item))
        return True

    def remains(self, order_id: str) -> tuple[str, ...]:
        """One consistent query for keys; the two that stay leave the page that much smaller."""
        query = {
            "TableName": self._table.table,
            "KeyConditionExpression": "pk = :pk",
            "ExpressionAttributeValues": item_of({":pk": partition_of(order_id)}),
            "ProjectionExpression": "pk, sk",
            "ConsistentRead": True,
            "Limit": LARGEST_WRITE + len(_KEPT),
        }
        found = (item["sk"]["S"] for item in self._table.send("Query", query)["Items"])
        return tuple(key for key in found if key not in _KEPT)[:LARGEST_WRITE]

    def remove(self, order_id: str, keys: Sequence[str]) -> None:
        """One batch of deletes; deleting a missing item is not an error."""
        partition = partition_of(order_id)
        if self._write([{"DeleteRequest": {"Key": item_of({"pk": partition, "sk": key})}} for key in keys]):
            raise StoreUnavailable("BatchWriteItem: the database did not delete all items of the order")

    def _write(self, requests: list[dict[str, Any]]) -> list[dict[str, Any]]:
        """Those of the requests that the database did not process."""
        table = self._table.table
        answer = self._table.send("BatchWriteItem", {"RequestItems": {table: requests}})
        left: list[dict[str, Any]] = answer.get("UnprocessedItems", {}).get(table, [])
        return left


def _expiry(order_id: str, time: datetime) -> dict[str, Any]:
    return item_of({"pk": partition_of(order_id), "sk": EXPIRY, "ttl": ceil(time.timestamp())})
