"""A transition: guard, changes and event as one frozen value, applied by one conditional write."""

from collections.abc import Mapping
from datetime import datetime

from paylatch.domain import guards
from paylatch.domain.changes import Change, Increment, Set
from paylatch.domain.documents import event_document
from paylatch.domain.frozen_dataclass import dataclass
from paylatch.domain.guards import Clause, Guard
from paylatch.domain.order import Event
from paylatch.domain.timestamps import from_text
from paylatch.domain.transitions.table import STATE_TABLE

Detail = Mapping[str, str | int]
# What the product acts on by itself once it is due; of `attention_at` people are shown.
_INDEXED = (("due_at",), ("follow_up_at",))


@dataclass(frozen=True, slots=True)
class WriteContext:
    """Who makes a transition and when; `write_id` is that one write's own."""

    write_id: str
    at: datetime
    actor: str


@dataclass(frozen=True, slots=True)
class Transition:
    """A conditional write of an order's head."""

    name: str
    guard: Guard
    changes: tuple[Change, ...]
    event: Event


def transition(
    name: str,
    write_context: WriteContext,
    clauses: tuple[Clause, ...],
    changes: tuple[Change, ...],
    attempt_id: str | None = None,
    detail: Detail | None = None,
) -> Transition:
    rule = STATE_TABLE[name]
    event = Event(
        write_context.write_id,
        rule.event.value,
        write_context.at,
        write_context.actor,
        attempt_id,
        detail,
        _next_due_in(changes),
    )
    came_from = (
        (guards.status_is_one_of(rule.sources), guards.format_is_known()) if rule.sources else (guards.no_such_order(),)
    )
    every_time: list[Change] = [Set(("last_event",), event_document(event))]
    if rule.sources:
        every_time.append(Increment(("version",)))
    if rule.target is not None:
        every_time.append(Set(("payment_status",), rule.target.value))
    return Transition(name, (*came_from, *clauses), (*every_time, *changes), event)


def _next_due_in(changes: tuple[Change, ...]) -> datetime | None:
    timestamps = [change.value for change in changes if isinstance(change, Set) and change.path in _INDEXED]
    return min((from_text(str(timestamp)) for timestamp in timestamps), default=None)
