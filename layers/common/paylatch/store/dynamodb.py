"""Orders in DynamoDB: each transition is one conditional UpdateItem of the head; a refusal returns the head."""

from collections.abc import Iterator, Mapping, Sequence
from datetime import datetime, timedelta
from functools import partial
from typing import Any

from paylatch.domain.documents import content_document
from paylatch.domain.errors import PaylatchError, StoreUnavailable
from paylatch.domain.listing import Listing, Position
from paylatch.domain.order import Content, Order
from paylatch.domain.recorded_events import RecordedEvent, recorded_event_document
from paylatch.domain.shards import all_shards, shards_by_turn
from paylatch.domain.timestamps import as_text, from_text
from paylatch.domain.tombstone import is_tombstone
from paylatch.domain.transitions import Transition
from paylatch.ports import (
    LARGEST_PAGE,
    Applied,
    ContentKey,
    Contents,
    DueSource,
    Heads,
    HistoryPage,
    Index,
    ListingPage,
    Rejected,
    Timer,
    TimerSource,
    heads_of,
)
from paylatch.store.connection import ConditionFailed, TableConnection
from paylatch.store.content_items import attributes_of
from paylatch.store.content_keys import content_keys_query
from paylatch.store.expressions import actions_of, condition_of
from paylatch.store.history_query import history_query
from paylatch.store.items import document_of, item_of
from paylatch.store.keys import (
    HEAD,
    content_key,
    content_key_of,
    content_sort_key,
    event_key,
    head_key,
    order_id_of_key,
    partition_of,
)
from paylatch.store.listings import entries_query, entry_key, items_request, next_text, reference_query
from paylatch.store.questions import question_put
from paylatch.store.records import (
    content_of,
    existing_order_of,
    head_in,
    history_page_of,
    is_written_by,
    order_of,
    readable_content_of,
)

PAGE = 50
_NEW = "attribute_not_exists(pk)"


class DynamoOrderStore:
    """Implements `OrderStore` on one table: head, content, events; three sparse indexes, and three of all orders."""

    def __init__(self, table: TableConnection) -> None:
        self.table = table

    def apply(self, order_id: str, transition: Transition) -> Applied | Rejected:
        """Write first; when refused, the old item shows the head, and whether this same write made it."""
        kwargs = self.table.kwargs(
            partition_of(order_id),
            HEAD,
            actions=actions_of(transition.changes),
            condition=condition_of(transition.guard),
            return_values="ALL_NEW",
            return_values_on_condition_failure="ALL_OLD",
        )
        try:
            answer = self.table.send("UpdateItem", kwargs)
        except ConditionFailed as refusal:
            return _judge(order_id, refusal, transition)
        return Applied(partial(_order, order_id, answer["Attributes"]))

    def read_head(self, order_id: str) -> Order | None:
        """One consistent read."""
        item = self._get(order_id, HEAD)
        return existing_order_of(order_id, document_of(item)) if item else None

    def is_retired(self, order_id: str) -> bool:
        """One consistent read."""
        item = self._get(order_id, HEAD)
        return item is not None and is_tombstone(document_of(item))

    def put_content(self, order_id: str, content_id: str, content: Content) -> bool:
        """One conditional put; a refused one that was sent before counts as stored."""
        item = {**item_of(content_key(order_id, content_id)), **attributes_of(content_document(content))}
        try:
            self.table.send("PutItem", {"TableName": self.table.table, "Item": item, "ConditionExpression": _NEW})
        except ConditionFailed as refusal:
            return refusal.retried
        return True

    def read_content(self, order_id: str, content_id: str) -> Content:
        """One consistent read."""
        item = self._get(order_id, content_sort_key(content_id))
        if item is None:
            raise LookupError(f"content {content_id} of order {order_id} is missing")
        return content_of(order_id, content_id, document_of(item))

    def remove_content(self, order_id: str, content_id: str) -> None:
        """One delete; deleting missing content is not an error."""
        kwargs = self.table.kwargs(partition_of(order_id), content_sort_key(content_id))
        self.table.send("DeleteItem", kwargs)

    def content_ids(self, order_id: str, after: str = "") -> tuple[str, ...]:
        """One query, of the keys alone; DynamoDB may end it earlier, after a megabyte of contents."""
        items = self.table.send("Query", content_keys_query(self.table.table, order_id, after))["Items"]
        return tuple(content_key_of(item)[1] for item in items)

    def claim_question(self, order_id: str, now: datetime, lasts: timedelta) -> bool:
        """One conditional put; a refused one that was sent before counts as made."""
        try:
            self.table.send("PutItem", question_put(self.table.table, partition_of(order_id), now, lasts))
        except ConditionFailed as refusal:
            return refusal.retried
        return True

    def read_history(self, order_id: str, after: int = 0, limit: int = LARGEST_PAGE) -> HistoryPage:
        """One query, for one event more than the page holds; DynamoDB may end it earlier, after a megabyte."""
        answer = self.table.send("Query", history_query(self.table.table, order_id, after, limit + 1))
        return history_page_of(answer, limit)

    def record_events(self, events: Sequence[RecordedEvent]) -> Mapping[str, PaylatchError]:
        """One batch of puts; the keys are the `seq`s, so the same event again overwrites itself."""
        puts = [{"PutRequest": {"Item": _event_item(event)}} for event in events]
        answer = self.table.send("BatchWriteItem", {"RequestItems": {self.table.table: puts}})
        left = answer.get("UnprocessedItems", {}).get(self.table.table, [])
        unprocessed = StoreUnavailable("BatchWriteItem: the database did not process the event")
        return {order_id_of_key(request["PutRequest"]["Item"]): unprocessed for request in left}

    def list_entries(self, listing: Listing, after: Position | None, limit: int) -> ListingPage:
        """One query, for one entry more than the page holds; its start is rebuilt from the listing's own key."""
        start = entry_key(listing, after, head_key(after.order_id)) if after else None
        query = {"TableName": self.table.table, **entries_query(listing, start, limit + 1)}
        items = self.table.send("Query", query)["Items"]
        found = [Position(from_text(item["created_at"]["S"]), order_id_of_key(item)) for item in items]
        return ListingPage(tuple(found[:limit]), len(found) > limit)

    def find_reference(self, seller_id: str, reference: str, limit: int) -> tuple[str, ...]:
        """One query."""
        query = {"TableName": self.table.table, **reference_query(seller_id, reference, limit)}
        return tuple(map(order_id_of_key, self.table.send("Query", query)["Items"]))

    def read_heads(self, order_ids: Sequence[str]) -> Heads:
        """One consistent batch read."""
        if not order_ids:
            return Heads({})
        items, left = self._read_items(list(map(head_key, order_ids)))
        documents = {order_id_of_key(item): document_of(item) for item in items}
        read = {order_id: head_in(order_id, document) for order_id, document in documents.items()}
        return heads_of(read, tuple(map(order_id_of_key, left)))

    def read_contents(self, keys: Sequence[ContentKey]) -> Contents:
        """One consistent batch read."""
        items, left = self._read_items([content_key(*key) for key in keys])
        read = {content_key_of(item): readable_content_of(*content_key_of(item), document_of(item)) for item in items}
        found = {key: content for key, content in read.items() if content is not None}
        return Contents(found, tuple(map(content_key_of, left)))

    def due(self, index: Index, until: datetime) -> tuple[DueSource, ...]:
        """One source for each shard: one query, and more only where more is due."""
        return tuple(
            DueSource(f"{index.value}/{shard}", partial(self._due_in, index, shard, until))
            for shard in shards_by_turn(until)
        )

    def timers_in(self, index: Index) -> tuple[TimerSource, ...]:
        """One source for each shard: one query, and more only where a page is full."""
        return tuple(
            TimerSource(f"{index.value}/{shard}", partial(self._timers_in, index, shard)) for shard in all_shards()
        )

    def _due_in(self, index: Index, shard: str, until: datetime) -> Iterator[str]:
        condition, values = f"{index.value}_at <= :until", {":until": as_text(until)}
        for item in self._indexed(index, shard, condition, values):
            yield order_id_of_key(item)

    def _timers_in(self, index: Index, shard: str, after: datetime | None, until: datetime) -> Iterator[Timer]:
        time = f"{index.value}_at"
        condition, values = f"{time} <= :until", {":until": as_text(until)}
        if after is not None and after >= until:
            # DynamoDB takes no bounds in reverse.
            return
        if after is not None:
            condition, values = f"{time} BETWEEN :first AND :until", {":first": next_text(after), **values}
        for item in self._indexed(index, shard, condition, values):
            yield Timer(order_id_of_key(item), from_text(item[time]["S"]))

    def _indexed(self, index: Index, shard: str, condition: str, values: dict[str, str]) -> Iterator[dict[str, Any]]:
        return self._query(
            {
                "IndexName": index.value,
                "KeyConditionExpression": f"#shard = :shard AND {condition}",
                # `shard` is a reserved word of DynamoDB, which some emulators accept.
                "ExpressionAttributeNames": {"#shard": "shard"},
                "ExpressionAttributeValues": item_of({":shard": shard, **values}),
                "Limit": PAGE,
            }
        )

    def _get(self, order_id: str, sort_key: str) -> dict[str, Any] | None:
        kwargs = self.table.kwargs(partition_of(order_id), sort_key, consistent_read=True)
        item: dict[str, Any] | None = self.table.send("GetItem", kwargs).get("Item")
        return item

    def _read_items(self, keys: Sequence[dict[str, str]]) -> tuple[list[dict[str, Any]], list[dict[str, Any]]]:
        table = self.table.table
        answer = self.table.send("BatchGetItem", items_request(table, keys))
        left = answer.get("UnprocessedKeys", {}).get(table, {}).get("Keys", [])
        return answer.get("Responses", {}).get(table, []), left

    def _query(self, query: dict[str, Any]) -> Iterator[dict[str, Any]]:
        page: dict[str, Any] = {}
        while True:
            answer = self.table.send("Query", {"TableName": self.table.table, **query, **page})
            yield from answer["Items"]
            if "LastEvaluatedKey" not in answer:
                return
            page = {"ExclusiveStartKey": answer["LastEvaluatedKey"]}


def _judge(order_id: str, refusal: ConditionFailed, transition: Transition) -> Applied | Rejected:
    if refusal.item is None:
        return Rejected(None)
    document = document_of(refusal.item)
    if is_tombstone(document):
        return Rejected(None)
    head = partial(order_of, order_id, document)
    return Applied(head) if is_written_by(order_id, document, transition) else Rejected(head)


def _order(order_id: str, item: Mapping[str, Any]) -> Order:
    return order_of(order_id, document_of(item))


def _event_item(event: RecordedEvent) -> dict[str, Any]:
    keys = {"pk": partition_of(event.order_id), "sk": event_key(event.seq)}
    return item_of({**keys, **recorded_event_document(event)})
