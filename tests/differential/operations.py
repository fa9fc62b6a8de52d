"""Operations on a store as values, and a store's answers in a comparable form."""

from collections.abc import Callable, Iterable
from dataclasses import dataclass
from datetime import datetime
from typing import Any

from paylatch.domain.documents import content_document
from paylatch.domain.errors import StoreUnavailable
from paylatch.domain.listing import Listing
from paylatch.domain.order import Content
from paylatch.domain.recorded_events import RecordedEvent
from paylatch.domain.shards import shard_of
from paylatch.domain.transitions import Transition
from paylatch.ports import Index
from tests.contract.store_drivers import DynamoStoreDriver, MemoryStoreDriver
from tests.due_orders import due_orders

# So few that a walk's lists have many pages.
ENTRIES_OF_A_PAGE = 7
StoreDriver = MemoryStoreDriver | DynamoStoreDriver


@dataclass(frozen=True, slots=True)
class StoreCall:
    """One call of a store. `order_id` is None where the call concerns all orders."""

    kind: str
    order_id: str | None
    description: str
    act: Callable[[StoreDriver], Any]

    def on(self, driver: StoreDriver) -> Any:
        """The store's answer; a failure is an answer too."""
        try:
            return self.act(driver)
        except (LookupError, StoreUnavailable) as error:
            return f"{type(error).__name__}: {error}"


def applied(order_id: str, transition: Transition) -> StoreCall:
    description = f"{transition.name} with write id {transition.event.write_id}"
    return StoreCall("transition", order_id, description, lambda driver: driver.store.apply(order_id, transition))


def head_read(order_id: str) -> StoreCall:
    return StoreCall("head", order_id, "read_head", lambda driver: driver.store.read_head(order_id))


def document_looked_at(order_id: str) -> StoreCall:
    """The item as stored in the table, attribute by attribute."""
    return StoreCall("document", order_id, "the item itself", lambda driver: driver.head(order_id))


def content_put(order_id: str, content_id: str, content: Content) -> StoreCall:
    return StoreCall(
        "content",
        order_id,
        f"put_content {content_id}",
        lambda driver: driver.store.put_content(order_id, content_id, content),
    )


def content_read(order_id: str, content_id: str) -> StoreCall:
    return StoreCall(
        "content",
        order_id,
        f"read_content {content_id}",
        lambda driver: content_document(driver.store.read_content(order_id, content_id)),
    )


def content_removed(order_id: str, content_id: str) -> StoreCall:
    return StoreCall(
        "content",
        order_id,
        f"remove_content {content_id}",
        lambda driver: driver.store.remove_content(order_id, content_id),
    )


def event_recorded(event: RecordedEvent) -> StoreCall:
    return StoreCall(
        "history", event.order_id, f"record_events {event.seq}", lambda driver: driver.store.record_events([event])
    )


def history_read(order_id: str) -> StoreCall:
    return StoreCall("history", order_id, "read_history", lambda driver: driver.store.read_history(order_id))


def listing_read(listing: Listing) -> StoreCall:
    """All pages. Entries of the same moment have no defined order."""

    def read(driver: StoreDriver) -> list[str]:
        page = driver.store.list_entries(listing, None, ENTRIES_OF_A_PAGE)
        found = [*page.entries]
        while page.has_more:
            page = driver.store.list_entries(listing, found[-1], ENTRIES_OF_A_PAGE)
            found += page.entries
        assert [entry.created_at for entry in found] == sorted((entry.created_at for entry in found), reverse=True)
        return sorted(map(str, found))

    return StoreCall("index", None, f"list_entries {listing}", read)


def reference_read(seller_id: str, reference: str) -> StoreCall:
    return StoreCall(
        "index",
        None,
        f"find_reference {reference!r}",
        lambda driver: sorted(driver.store.find_reference(seller_id, reference, 100)),
    )


def due_read(index: Index, until: datetime) -> StoreCall:
    return StoreCall(
        "index",
        None,
        f"due {index} until {until.isoformat()}",
        lambda driver: _by_shard(due_orders(driver.store, index, until)),
    )


def _by_shard(order_ids: Iterable[str]) -> dict[str, list[str]]:
    """Sort the orders of each shard, as those due at the same moment have no defined order."""
    shards: dict[str, list[str]] = {}
    for order_id in order_ids:
        shards.setdefault(shard_of(order_id), []).append(order_id)
    return {shard: sorted(ids) for shard, ids in sorted(shards.items())}
