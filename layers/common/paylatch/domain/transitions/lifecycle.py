"""An order from its making to its cancellation, payment aside."""

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import datetime
from zlib import crc32

from paylatch.domain import guards
from paylatch.domain.caller import Caller
from paylatch.domain.changes import Set
from paylatch.domain.order import Order
from paylatch.domain.stored_fields import STORAGE_FORMAT
from paylatch.domain.timestamps import as_text
from paylatch.domain.transitions.transition import Transition, WriteContext, transition

SHARDS = 8


@dataclass(frozen=True, slots=True, kw_only=True)
class NewOrder:
    """What an order's head starts with."""

    order_id: str
    reference: str
    buyer_id: str
    seller_id: str
    content_id: str
    total: int
    currency: str
    fingerprint: str


def create(order: NewOrder, write_context: WriteContext) -> Transition:
    """The order comes into being, unlocked, at revision 1."""
    fields: dict[str, str | int | Mapping[str, object]] = {
        "format": STORAGE_FORMAT,
        "order_id": order.order_id,
        "reference": order.reference,
        "buyer_id": order.buyer_id,
        "seller_id": order.seller_id,
        "content_id": order.content_id,
        "total": order.total,
        "currency": order.currency,
        "fingerprint": order.fingerprint,
        "created_at": as_text(write_context.at),
        "shard": shard_of(order.order_id),
        "version": 1,
        "revision": 1,
        "attempts_made": 0,
        "past_attempts": {},
        "payments": {},
        "refunds": {},
        "disputes": {},
    }
    return transition(
        "create",
        write_context,
        (),
        tuple(Set((name,), value) for name, value in fields.items()),
    )


def edit(order: Order, caller: Caller, content_id: str, total: int, write_context: WriteContext) -> Transition:
    """The head moves from the revision that was read to new content and the next revision."""
    revision = order.revision + 1
    return transition(
        "edit",
        write_context,
        (guards.caller_owns_it(caller), guards.revision_is(order.revision), guards.version_is(order.version)),
        (
            Set(("content_id",), content_id),
            Set(("previous_content_id",), order.content_id),
            Set(("total",), total),
            Set(("revision",), revision),
        ),
        detail={"revision": revision, "total": total},
    )


def cancel_order(order: Order, caller: Caller, write_context: WriteContext) -> Transition:
    """The order ends unpaid, for good."""
    return transition(
        "cancel_order", write_context, (guards.caller_owns_it(caller), guards.version_is(order.version)), ()
    )


def shard_of(order_id: str) -> str:
    """The index shard of an order, evenly spread and for ever the same."""
    return str(crc32(order_id.encode()) % SHARDS)


def all_shards() -> tuple[str, ...]:
    """All shards that a stored order may be in."""
    return tuple(map(str, range(SHARDS)))


def shards_by_turn(timestamp: datetime) -> tuple[str, ...]:
    """All shards, beginning with another one each minute: a run that stops early does not always skip the same."""
    first = int(timestamp.timestamp()) // 60
    return tuple(str((first + turn) % SHARDS) for turn in range(SHARDS))
