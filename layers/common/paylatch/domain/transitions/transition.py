"""A transition: guard, changes and event as one frozen value, applied by one conditional write."""

from datetime import datetime

from paylatch.domain.changes import Change, Increment, Set
from paylatch.domain.clauses import ClauseValues
from paylatch.domain.documents import event_document
from paylatch.domain.frozen_dataclass import dataclass
from paylatch.domain.guards import Guard
from paylatch.domain.order import Detail, Event
from paylatch.domain.timestamps import from_text
from paylatch.domain.transitions.rule import USUAL, Rule

# What the product acts on by itself once it is due; of `attention_at` people are shown.
_INDEXED = (("due_at",), ("follow_up_at",))


@dataclass(frozen=True, slots=True)
class WriteContext:
    """Who makes a transition and when; `write_id` is that one write's own.

    `role` is the actor's, where their name does not show it.
    """

    write_id: str
    at: datetime
    actor: str
    role: str | None = None


@dataclass(frozen=True, slots=True)
class Transition:
    """A conditional write of an order's head."""

    name: str
    guard: Guard
    changes: tuple[Change, ...]
    event: Event


def transition(
    rule: Rule,
    write_context: WriteContext,
    values: ClauseValues,
    changes: tuple[Change, ...],
    attempt_id: str | None = None,
    detail: Detail | None = None,
    form: str = USUAL,
) -> Transition:
    """The transition of that row: its guard for these values, and the changes and event that every one of them has."""
    event = Event(
        write_context.write_id,
        rule.event.value,
        write_context.at,
        write_context.actor,
        attempt_id,
        detail,
        _next_due_in(changes),
        write_context.role,
    )
    every_time: list[Change] = [Set(("last_event",), event_document(event))]
    if rule.sources:
        every_time.append(Increment(("version",)))
    if rule.target is not None:
        every_time.append(Set(("payment_status",), rule.target.value))
    return Transition(rule.name, rule.guard(values, form), (*every_time, *changes), event)


def _next_due_in(changes: tuple[Change, ...]) -> datetime | None:
    timestamps = [change.value for change in changes if isinstance(change, Set) and change.path in _INDEXED]
    return min((from_text(str(timestamp)) for timestamp in timestamps), default=None)
