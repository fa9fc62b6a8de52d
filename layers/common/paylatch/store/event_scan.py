"""The events of all orders in a span of time: pages of a scan, because no index has events."""

from collections.abc import Mapping
from datetime import datetime
from typing import Any

from paylatch.domain.timestamps import as_text
from paylatch.ports.event_scan import ScannedPage, ScanPosition
from paylatch.store.connection import TableConnection
from paylatch.store.items import item_of
from paylatch.store.keys import EVENT
from paylatch.store.records import events_of

# How many items a page goes through; their orders' heads are one batch read.
LARGEST_SCAN = 100


class DynamoEventScan:
    """Implements `EventScan` on the orders' table."""

    def __init__(self, table: TableConnection) -> None:
        self._table = table

    def events_between(self, first: datetime, until: datetime, after: ScanPosition | None) -> ScannedPage:
        """One request."""
        answer = self._table.send("Scan", self._scan(first, until, after))
        return ScannedPage(*events_of(answer["Items"]), _position_of(answer.get("LastEvaluatedKey")))

    def _scan(self, first: datetime, until: datetime, after: ScanPosition | None) -> dict[str, Any]:
        values = {":event": EVENT, ":first": as_text(first), ":until": as_text(until)}
        start = {"ExclusiveStartKey": item_of({"pk": after[0], "sk": after[1]})} if after else {}
        return {
            "TableName": self._table.table,
            "FilterExpression": "begins_with(sk, :event) AND #at >= :first AND #at < :until",
            # `at` may be a reserved word of an emulator.
            "ExpressionAttributeNames": {"#at": "at"},
            "ExpressionAttributeValues": item_of(values),
            "ConsistentRead": True,
            "Limit": LARGEST_SCAN,
            **start,
        }


def _position_of(key: Mapping[str, Any] | None) -> ScanPosition | None:
    return (key["pk"]["S"], key["sk"]["S"]) if key else None
