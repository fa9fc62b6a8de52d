"""Expiries for orders that finished while the stack kept every order."""

from collections.abc import Callable, Iterator, Sequence
from datetime import datetime
from typing import Any

from paylatch.domain.erasure import FINISHED
from paylatch.ports import LARGEST_WRITE
from paylatch.store.connection import TableConnection
from paylatch.store.items import item_of
from paylatch.store.keys import HEAD, order_id_of_key
from paylatch.store.retention import DynamoRetentionStore

# Items that a page goes through, so that the database answers each in time.
LARGEST_SCAN = 500
# Pauses between the tries of a batch of which the database leaves a part, in seconds.
PAUSES = (0.1, 0.5, 2.0, 5.0)
Pause = Callable[[float], None]


def schedule_finished_orders(table: TableConnection, now: datetime, pause: Pause) -> int:
    """Have each paid or cancelled order looked at from `now` on, and return how many there are.

    Again it does the same: the stack decides when it looks at an order. Raises `StoreUnavailable` where the database
    does not answer, or leaves a part of a batch each time.
    """
    scheduled = 0
    for order_ids in _pages_of_finished_orders(table):
        for first in range(0, len(order_ids), LARGEST_WRITE):
            _schedule(order_ids[first : first + LARGEST_WRITE], table, now, pause)
        scheduled += len(order_ids)
    return scheduled


def _schedule(order_ids: Sequence[str], table: TableConnection, now: datetime, pause: Pause) -> None:
    store, pauses = DynamoRetentionStore(table), iter(PAUSES)
    left = store.schedule(dict.fromkeys(order_ids, now))
    while left:
        seconds = next(pauses, None)
        if seconds is None:
            raise next(iter(left.values()))
        pause(seconds)
        left = store.schedule(dict.fromkeys(left, now))


def _pages_of_finished_orders(table: TableConnection) -> Iterator[list[str]]:
    statuses = {f":{status.value}": status.value for status in FINISHED}
    scan: dict[str, Any] = {
        "TableName": table.table,
        "FilterExpression": f"sk = :head AND payment_status IN ({', '.join(sorted(statuses))})",
        "ExpressionAttributeValues": item_of({":head": HEAD, **statuses}),
        "ProjectionExpression": "pk",
        "Limit": LARGEST_SCAN,
    }
    while True:
        answer = table.send("Scan", scan)
        yield [order_id_of_key(item) for item in answer["Items"]]
        if "LastEvaluatedKey" not in answer:
            return
        scan = {**scan, "ExclusiveStartKey": answer["LastEvaluatedKey"]}
