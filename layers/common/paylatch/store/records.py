"""Stored documents as domain objects, and the one error for documents that this release does not understand."""

from collections.abc import Iterable, Iterator, Mapping
from contextlib import contextmanager
from datetime import datetime
from typing import Any

from paylatch.domain.documents import content_from_document, event_from_document, order_from_document
from paylatch.domain.errors import OrderUnreadable
from paylatch.domain.guards import Document
from paylatch.domain.order import Content, Event, Order
from paylatch.domain.recorded_events import (
    EVENT_FIELDS,
    OF_THE_HEAD,
    RecordedEvent,
    event_of_head,
    recorded_event_from,
    writer_of_head,
)
from paylatch.domain.tombstone import is_tombstone, retired_at_of
from paylatch.domain.transitions import Transition
from paylatch.ports import HistoryPage
from paylatch.store.content_items import expanded
from paylatch.store.items import document_of
from paylatch.store.keys import order_id_of_key, seq_of_key

# The errors raised while reading a document of an unexpected shape.
_OF_ANOTHER_SHAPE = (LookupError, TypeError, ValueError, ArithmeticError, AttributeError)


def order_of(order_id: str, document: Document) -> Order:
    """The order that a head describes. Raises `OrderUnreadable`."""
    with _reading(order_id, "head"):
        return order_from_document(document)


def existing_order_of(order_id: str, document: Document) -> Order | None:
    """The order that a head describes; None where it is the tombstone of a retired one. Raises `OrderUnreadable`."""
    return None if is_tombstone(document) else order_of(order_id, document)


def head_in(order_id: str, document: Document) -> Order | OrderUnreadable | datetime:
    """The item in a head's place, read: the order, the error that reading it gives, or when it was retired."""
    try:
        if not is_tombstone(document):
            return order_of(order_id, document)
        with _reading(order_id, "tombstone"):
            return retired_at_of(document)
    except OrderUnreadable as error:
        return error


def is_written_by(order_id: str, document: Document, transition: Transition) -> bool:
    """Whether the head's last write was this transition.

    Raises `OrderUnreadable` where the head has no id of its last write.
    """
    with _reading(order_id, "head"):
        return writer_of_head(document) == transition.event.write_id


def last_event_of(order_id: str, document: Document) -> RecordedEvent:
    """The event of a head's last transition, whatever the rest of the head holds. Raises `OrderUnreadable`."""
    with _reading(order_id, "last event"):
        return event_of_head(order_id, document)


def event_of_image(order_id: str, image: Mapping[str, Any]) -> RecordedEvent:
    """The event of the last transition in a head's item, with the order's parties; nothing else is read.

    Raises `OrderUnreadable`.
    """
    with _reading(order_id, "last event"):
        needed = {name: image[name] for name in EVENT_FIELDS}
        more = {name: image[name] for name in OF_THE_HEAD if name in image}
        return event_of_head(order_id, document_of(needed | more))


def stored_event_of_image(order_id: str, image: Mapping[str, Any]) -> Event:
    """The same event as it is stored, with the time at which its write made the order due. Raises `OrderUnreadable`."""
    with _reading(order_id, "last event"):
        return event_from_document(document_of({"last_event": image["last_event"]})["last_event"])


def content_of(order_id: str, content_id: str, document: Document) -> Content:
    """The content of one revision. Raises `OrderUnreadable`."""
    with _reading(order_id, f"content {content_id}"):
        return content_from_document(expanded(document))


def readable_content_of(order_id: str, content_id: str, document: Document) -> Content | None:
    """The content of one revision; None where this release does not understand it."""
    try:
        return content_of(order_id, content_id, document)
    except OrderUnreadable:
        return None


def events_of(
    items: Iterable[Mapping[str, Any]],
) -> tuple[tuple[RecordedEvent, ...], tuple[OrderUnreadable, ...]]:
    """The events of the history in these items, and an error for each that this release does not understand."""
    events: list[RecordedEvent] = []
    unreadable: list[OrderUnreadable] = []
    for item in items:
        try:
            events.append(_event_of(item))
        except OrderUnreadable as error:
            unreadable.append(error)
    return tuple(events), tuple(unreadable)


def history_page_of(answer: Mapping[str, Any], limit: int) -> HistoryPage:
    """The page of at most `limit` events in the answer to a query for one more."""
    items = answer["Items"][:limit]
    more = len(answer["Items"]) > limit or "LastEvaluatedKey" in answer
    events, unreadable = events_of(items)
    return HistoryPage(events, seq_of_key(items[-1]) if more and items else None, unreadable)


def _event_of(item: Mapping[str, Any]) -> RecordedEvent:
    with _reading(order_id_of_key(item), f"history, {item['sk']['S']}"):
        return recorded_event_from(document_of(item))


@contextmanager
def _reading(order_id: str, what: str) -> Iterator[None]:
    try:
        yield
    except OrderUnreadable as error:
        raise OrderUnreadable(order_id, f"{what}: {error.cause}") from error
    except _OF_ANOTHER_SHAPE as error:
        raise OrderUnreadable(order_id, f"{what}: {type(error).__name__}: {error}") from error
