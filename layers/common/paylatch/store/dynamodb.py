"""Orders in DynamoDB: every transition is one conditional UpdateItem of the head, and its refusal is the read."""

from collections.abc import Iterator
from datetime import datetime
from typing import Any

from paylatch.domain.documents import (
    content_document,
    content_from_document,
    order_from_document,
)
from paylatch.domain.moments import as_text
from paylatch.domain.order import Content, Order
from paylatch.domain.recorded_events import RecordedEvent, recorded_event_document, recorded_event_from
from paylatch.domain.transitions import Transition
from paylatch.domain.transitions.ordering import shards_by_turn
from paylatch.ports import Applied, Index, Rejected
from paylatch.store.connection import ConditionFailed, TableConnection
from paylatch.store.expressions import actions_of, condition_of
from paylatch.store.items import document_of, item_of

HEAD = "HEAD"
PAGE = 50


class DynamoOrderStore:
    """Implements `OrderStore` on one table (design: head, content, events; three sparse indexes)."""

    def __init__(self, table: TableConnection) -> None:
        self._table = table

    def apply(self, order_id: str, transition: Transition) -> Applied | Rejected:
        """Write first; when refused, the old item says who was there, and whether it was this very write."""
        kwargs = self._table.kwargs(
            _partition(order_id),
            HEAD,
            actions=actions_of(transition.changes),
            condition=condition_of(transition.guard),
            return_values="ALL_NEW",
            return_values_on_condition_failure="ALL_OLD",
        )
        try:
            answer = self._table.send("UpdateItem", kwargs)
        except ConditionFailed as refusal:
            return _judge(refusal, transition)
        return Applied(_order(answer["Attributes"]))

    def read_head(self, order_id: str) -> Order | None:
        """One consistent read."""
        item = self._get(order_id, HEAD)
        return _order(item) if item else None

    def put_content(self, order_id: str, content_id: str, content: Content) -> None:
        """One put under a fresh id."""
        self._put(order_id, f"CONTENT#{content_id}", content_document(content))

    def read_content(self, order_id: str, content_id: str) -> Content:
        """One consistent read. Raises LookupError for content that is not there."""
        item = self._get(order_id, f"CONTENT#{content_id}")
        if item is None:
            raise LookupError(f"content {content_id} of order {order_id} is missing")
        return content_from_document(document_of(item))

    def remove_content(self, order_id: str, content_id: str) -> None:
        """One delete; removing what is gone is no error."""
        kwargs = self._table.kwargs(_partition(order_id), f"CONTENT#{content_id}")
        self._table.send("DeleteItem", kwargs)

    def read_history(self, order_id: str) -> tuple[RecordedEvent, ...]:
        """All events by `seq`."""
        query = {
            "KeyConditionExpression": "pk = :pk AND begins_with(sk, :event)",
            "ExpressionAttributeValues": item_of({":pk": _partition(order_id), ":event": "EVENT#"}),
            "ConsistentRead": True,
        }
        return tuple(recorded_event_from(document_of(item)) for item in self._query(query))

    def record_event(self, event: RecordedEvent) -> None:
        """One put; the key is the `seq`, so the same event again overwrites itself."""
        self._put(event.order_id, f"EVENT#{event.seq:08d}", recorded_event_document(event))

    def due(self, index: Index, until: datetime) -> Iterator[str]:
        """One query a shard, more only where more is due."""
        for shard in shards_by_turn(until):
            query = {
                "IndexName": index.value,
                "KeyConditionExpression": f"#shard = :shard AND {index.value}_at <= :until",
                # One of DynamoDB's reserved words, which not every emulator knows.
                "ExpressionAttributeNames": {"#shard": "shard"},
                "ExpressionAttributeValues": item_of({":shard": shard, ":until": as_text(until)}),
                "Limit": PAGE,
            }
            for item in self._query(query):
                yield item["pk"]["S"].removeprefix("ORDER#")

    def _get(self, order_id: str, sort_key: str) -> dict[str, Any] | None:
        kwargs = self._table.kwargs(_partition(order_id), sort_key, consistent_read=True)
        item: dict[str, Any] | None = self._table.send("GetItem", kwargs).get("Item")
        return item

    def _put(self, order_id: str, sort_key: str, document: dict[str, Any]) -> None:
        keys = {"pk": _partition(order_id), "sk": sort_key}
        self._table.send(
            "PutItem",
            {"TableName": self._table.table, "Item": item_of({**keys, **document})},
        )

    def _query(self, query: dict[str, Any]) -> Iterator[dict[str, Any]]:
        page: dict[str, Any] = {}
        while True:
            answer = self._table.send("Query", {"TableName": self._table.table, **query, **page})
            yield from answer["Items"]
            if "LastEvaluatedKey" not in answer:
                return
            page = {"ExclusiveStartKey": answer["LastEvaluatedKey"]}


def _judge(refusal: ConditionFailed, transition: Transition) -> Applied | Rejected:
    if refusal.item is None:
        return Rejected(None)
    order = _order(refusal.item)
    return Applied(order) if order.last_event.token == transition.event.token else Rejected(order)


def _order(item: dict[str, Any] | Any) -> Order:
    return order_from_document(document_of(item))


def _partition(order_id: str) -> str:
    return f"ORDER#{order_id}"
