"""Orders in memory: the product's transitions, interpreted in Python."""

from collections.abc import Mapping, Sequence
from datetime import datetime, timedelta
from functools import partial
from operator import attrgetter
from typing import Any

from paylatch.domain.changes import changed
from paylatch.domain.documents import content_document
from paylatch.domain.errors import PaylatchError
from paylatch.domain.guards import broken_clauses
from paylatch.domain.listing import Listing, ListingIndex, Position
from paylatch.domain.order import Content, Order
from paylatch.domain.recorded_events import RecordedEvent
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
from paylatch.store.records import content_of, existing_order_of, head_in, is_written_by, last_event_of, order_of
from tests.recorded_events import without_head


class MemoryOrderStore:
    """Implements `OrderStore`.

    `outbox` holds the events of all transitions in order, as the table's stream would.
    """

    def __init__(self) -> None:
        self.heads: dict[str, dict[str, Any]] = {}
        self.contents: dict[tuple[str, str], dict[str, Any]] = {}
        self.history: dict[str, dict[int, RecordedEvent]] = {}
        self.outbox: list[RecordedEvent] = []
        self.questions: dict[str, datetime] = {}

    def apply(self, order_id: str, transition: Transition) -> Applied | Rejected:
        """Check the guard and make the changes in one step."""
        document = self.heads.get(order_id, {})
        if broken_clauses(transition.guard, document):
            return self._judge(document, transition)
        after = changed(document, transition.changes)
        self.heads[order_id] = after
        self.outbox.append(last_event_of(order_id, after))
        return Applied(partial(order_of, order_id, after))

    def read_head(self, order_id: str) -> Order | None:
        document = self.heads.get(order_id)
        return existing_order_of(order_id, document) if document else None

    def is_retired(self, order_id: str) -> bool:
        return is_tombstone(self.heads.get(order_id, {}))

    def put_content(self, order_id: str, content_id: str, content: Content) -> bool:
        if (order_id, content_id) in self.contents:
            return False
        self.contents[order_id, content_id] = content_document(content)
        return True

    def read_content(self, order_id: str, content_id: str) -> Content:
        document = self.contents.get((order_id, content_id))
        if document is None:
            raise LookupError(f"content {content_id} of order {order_id} is missing")
        return content_of(order_id, content_id, document)

    def remove_content(self, order_id: str, content_id: str) -> None:
        self.contents.pop((order_id, content_id), None)

    def content_ids(self, order_id: str, after: str = "") -> tuple[str, ...]:
        ids = sorted(content_id for found, content_id in self.contents if found == order_id and content_id > after)
        return tuple(ids[:LARGEST_PAGE])

    def claim_question(self, order_id: str, now: datetime, lasts: timedelta) -> bool:
        asked_at = self.questions.get(order_id)
        if asked_at is not None and asked_at > now - lasts:
            return False
        self.questions[order_id] = now
        return True

    def read_history(self, order_id: str, after: int = 0, limit: int = LARGEST_PAGE) -> HistoryPage:
        events = self.history.get(order_id, {})
        seqs = [seq for seq in sorted(events) if seq > after]
        page = tuple(events[seq] for seq in seqs[:limit])
        return HistoryPage(page, seqs[limit - 1] if len(seqs) > limit else None)

    def record_events(self, events: Sequence[RecordedEvent]) -> Mapping[str, PaylatchError]:
        for event in events:
            stored = without_head(event)
            self.history.setdefault(event.order_id, {})[event.seq] = stored
        return {}

    def list_entries(self, listing: Listing, after: Position | None, limit: int) -> ListingPage:
        name = {ListingIndex.BY_SELLER: "seller_id", ListingIndex.BY_BUYER: "buyer_id"}[listing.index]
        listed = [
            Position(from_text(document["created_at"]), order_id)
            for order_id, document in self.heads.items()
            if document.get(name) == listing.key
        ]
        older = [entry for entry in listed if after is None or entry.age_rank < after.age_rank]
        found = sorted(older, key=attrgetter("age_rank"), reverse=True)
        return ListingPage(tuple(found[:limit]), len(found) > limit)

    def find_reference(self, seller_id: str, reference: str, limit: int) -> tuple[str, ...]:
        wanted = (seller_id, reference)
        listed = self.heads.items()
        found = [name for name, head in listed if (head.get("seller_id"), head.get("reference")) == wanted]
        return tuple(found[:limit])

    def read_heads(self, order_ids: Sequence[str]) -> Heads:
        found = (order_id for order_id in order_ids if order_id in self.heads)
        return heads_of({order_id: head_in(order_id, self.heads[order_id]) for order_id in found})

    def read_contents(self, keys: Sequence[ContentKey]) -> Contents:
        return Contents({key: self.read_content(*key) for key in keys if key in self.contents})

    def due(self, index: Index, until: datetime) -> tuple[DueSource, ...]:
        return tuple(
            DueSource(f"{index.value}/{shard}", partial(self._due_in, index, shard, until))
            for shard in shards_by_turn(until)
        )

    def timers_in(self, index: Index) -> tuple[TimerSource, ...]:
        return tuple(
            TimerSource(f"{index.value}/{shard}", partial(self._timers_in, index, shard)) for shard in all_shards()
        )

    def _due_in(self, index: Index, shard: str, until: datetime) -> list[str]:
        return [timer.order_id for timer in self._timers_in(index, shard, None, until)]

    def _timers_in(self, index: Index, shard: str, after: datetime | None, until: datetime) -> list[Timer]:
        name = f"{index.value}_at"
        found = sorted(
            (document[name], order_id)
            for order_id, document in self.heads.items()
            if document.get("shard") == shard and name in document and document[name] <= as_text(until)
        )
        return [Timer(order_id, from_text(time)) for time, order_id in found if after is None or time > as_text(after)]

    @staticmethod
    def _judge(document: dict[str, Any], transition: Transition) -> Applied | Rejected:
        if not document or is_tombstone(document):
            return Rejected(None)
        order_id = str(document.get("order_id"))
        head = partial(order_of, order_id, document)
        return Applied(head) if is_written_by(order_id, document, transition) else Rejected(head)
