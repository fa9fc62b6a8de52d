"""Recorded events of the history, their documents, and their derivation from a head."""

from base64 import b64encode
from collections.abc import Mapping, Sequence
from dataclasses import field, replace
from datetime import datetime
from decimal import Decimal
from typing import Any

from paylatch.domain.actors import ActorRole, answers_by_name, gateway_in, role_of
from paylatch.domain.documents import event_from_document
from paylatch.domain.frozen_dataclass import dataclass
from paylatch.domain.guards import Document
from paylatch.domain.order import Detail
from paylatch.domain.stored_fields import StoredFields
from paylatch.domain.stored_records import record_document, record_from

# What `event_of_head` reads of a head.
EVENT_FIELDS = ("last_event", "version", "payment_status", "revision")
_CONTENTS = ("content_id", "previous_content_id")
# What it adds of the head, where that is there. A hand-over changes the buyer, so that the history stores whose order
# it was; what is the same in all events of an order it does not store.
_UNCHANGING = ("reference", "seller_id")
PARTIES = (*_UNCHANGING, "buyer_id")
# What may be missing.
OF_THE_HEAD = (*PARTIES, *_CONTENTS)


@dataclass(frozen=True, slots=True, kw_only=True)
class RecordedEvent:
    """One event of an order's history; `seq` counts from 1 without a gap.

    `actor` is a caller's subject, `sweep`, or `gateway:` and a name; empty where the reader may not know it. `role` is
    the actor's, where the name does not show it. `reference`, `buyer_id` and `seller_id` are the order's after the
    event; the history stores `buyer_id` of them, and not the ids of an edit's contents. `changes` is what an edit
    changed, None where it is unknown.
    """

    order_id: str
    seq: int
    type: str
    at: datetime
    actor: str
    attempt_id: str | None = None
    payment_status: str
    revision: int
    detail: Detail = field(default_factory=dict)
    role: str | None = None
    changes: Mapping[str, Any] | None = None
    content_id: str | None = None
    previous_content_id: str | None = None
    reference: str | None = None
    buyer_id: str | None = None
    seller_id: str | None = None

    @property
    def edited_contents(self) -> tuple[tuple[str, str], ...]:
        """The keys of the contents before and after an edit; none of other events."""
        if self.previous_content_id is None or self.content_id is None:
            return ()
        return ((self.order_id, self.previous_content_id), (self.order_id, self.content_id))

    @property
    def actor_role(self) -> str:
        """Who made the change: a word of `ActorRole`, or one that a later release stored."""
        return role_of(self.actor, self.role, {"buyer_id": self.buyer_id, "seller_id": self.seller_id}, self.detail)


def without_person(event: RecordedEvent) -> RecordedEvent:
    """The event without its actor's name, where that is a person's or a program's; their role stays."""
    role = event.actor_role
    return event if role in (ActorRole.GATEWAY, ActorRole.SYSTEM) else replace(event, actor="", role=role)


def event_of_head(order_id: str, document: Document) -> RecordedEvent:
    """The event of the last transition, read from a head's document.

    No other part of the document needs to be readable. Raises a `KeyError`, `TypeError` or `ValueError` where the
    event itself is incomplete or malformed.
    """
    last = event_from_document(document["last_event"])
    parties = _texts_of(document, PARTIES)
    contents = _texts_of(document, _CONTENTS) if "revision" in (last.detail or {}) else {}
    return RecordedEvent(
        order_id=order_id,
        seq=int(document["version"]),
        type=_text(last.type),
        at=last.at,
        actor=_text(last.actor),
        attempt_id=last.attempt_id,
        payment_status=_text(document["payment_status"]),
        revision=int(document["revision"]),
        detail={name: _as_json(value) for name, value in (last.detail or {}).items()},
        role=last.role,
        content_id=contents.get("content_id"),
        previous_content_id=contents.get("previous_content_id"),
        reference=parties.get("reference"),
        buyer_id=parties.get("buyer_id"),
        seller_id=parties.get("seller_id"),
    )


def writer_of_head(document: Document) -> str:
    """The id of a head's last write. Raises `KeyError` or `TypeError` where the document has none."""
    write_id: str = document["last_event"]["write_id"]
    return write_id


def recorded_event_document(event: RecordedEvent) -> dict[str, Any]:
    """The document of an event as its history stores it."""
    return record_document(event, *_UNCHANGING, *_CONTENTS)


def shown_event_document(event: RecordedEvent, *, with_names: bool = False) -> dict[str, Any]:
    """The document of an event as published, and returned by the API: with who made the change by their role.

    `with_names`: with the id of a person who answers for the change by name. A gateway always has its name.
    """
    document, role = record_document(event, "role", *_CONTENTS), event.actor_role
    document["actor"] = role
    if role == ActorRole.GATEWAY:
        document["actor_id"] = gateway_in(event.actor)
    elif with_names and event.actor and answers_by_name(role, event.type, event.detail):
        document["actor_id"] = event.actor
    return document


def recorded_event_from(document: Document) -> RecordedEvent:
    """The event that a document describes. Raises `Unreadable` for a missing or malformed field."""
    return record_from(RecordedEvent, StoredFields(document))


def _texts_of(document: Document, names: Sequence[str]) -> dict[str, str]:
    return {name: document[name] for name in names if isinstance(document.get(name), str)}


def _text(value: Any) -> str:
    if not isinstance(value, str):
        raise TypeError(f"{value!r} is not text")
    return value


def _as_json(value: Any) -> Any:
    """The detail as JSON: a later release may store a detail of any type."""
    match value:
        case Mapping():
            return {name: _as_json(inner) for name, inner in value.items()}
        case list():
            return [_as_json(element) for element in value]
        case set():
            return sorted(map(_as_json, value), key=str)
        case bytes():
            return b64encode(value).decode()
        case Decimal():
            return str(value)
    return value
