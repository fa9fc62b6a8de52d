"""Orders as the use cases see them."""

from collections.abc import Callable, Iterable
from dataclasses import dataclass
from datetime import datetime
from enum import StrEnum
from functools import cached_property
from typing import Generic, Protocol, TypeVar

from paylatch.domain.order import Content, Order
from paylatch.domain.recorded_events import RecordedEvent
from paylatch.domain.transitions import Transition

LARGEST_PAGE = 100
# A `seq` has eight digits at most.
LAST_SEQ = 99_999_999
Head = TypeVar("Head", bound=Order | None)


class _Outcome(Generic[Head]):
    """A head, or how to read it: it is read only where it is asked for, as what was written stands either way."""

    def __init__(self, head: Head | Callable[[], Head]) -> None:
        self._head = head

    @cached_property
    def order(self) -> Head:
        """The head. Raises `OrderUnreadable` for one that this release does not understand."""
        return self._head() if callable(self._head) else self._head

    def __eq__(self, other: object) -> bool:
        return type(other) is type(self) and other.order == self.order

    def __repr__(self) -> str:
        return f"{type(self).__name__}({self.order!r})"


class Applied(_Outcome[Order]):
    """The write took effect (now, or earlier with its answer lost); `order` is the head after it."""


class Rejected(_Outcome[Order | None]):
    """The guard did not hold; `order` is the head that refused it, None where there is none."""


class Index(StrEnum):
    """The sparse indexes: locks and releases that fall due, debts to follow up, and what a person should see."""

    DUE = "due"
    FOLLOW_UP = "follow_up"
    ATTENTION = "attention"


@dataclass(frozen=True, slots=True)
class DueSource:
    """One part of an index, which is read, and fails, by itself. `name` is the index and its shard, as in "due/3".

    `read` gives the ids of orders, the oldest first; it reads on demand, and may raise `StoreUnavailable` or
    `StoreRefused` at any of them.
    """

    name: str
    read: Callable[[], Iterable[str]]


@dataclass(frozen=True, slots=True)
class HistoryPage:
    """Some events of an order by `seq`. `next_after` is the `after` of the next page, None where there is no more."""

    events: tuple[RecordedEvent, ...]
    next_after: int | None


class OrderStore(Protocol):
    """Orders as the use cases see them.

    Every call may raise `StoreUnavailable` (its outcome is not known), `StoreRefused` (not executed, until a person
    acts) and `OrderUnreadable` (what is stored is not understood); those that write, `OrderTooLarge`.
    """

    def apply(self, order_id: str, transition: Transition) -> Applied | Rejected:
        """Make one transition, by one conditional write. Own success is recognised even when its answer was lost.

        Raises `OrderUnreadable` for a refusal by a head that does not say who wrote it last.
        """
        ...

    def read_head(self, order_id: str) -> Order | None:
        """The head, strongly consistent."""
        ...

    def put_content(self, order_id: str, content_id: str, content: Content) -> None:
        """Store the content of a revision to come, under an id never used before."""
        ...

    def read_content(self, order_id: str, content_id: str) -> Content:
        """The content that a head names. Raises `LookupError` for content that is not there."""
        ...

    def remove_content(self, order_id: str, content_id: str) -> None:
        """Remove content that no head ever named."""
        ...

    def read_history(self, order_id: str, after: int = 0, limit: int = LARGEST_PAGE) -> HistoryPage:
        """The events recorded so far whose `seq` is above `after`, by `seq`: one page of at most `limit` of them."""
        ...

    def record_event(self, event: RecordedEvent) -> None:
        """Keep one event of the history; the same event again changes nothing."""
        ...

    def due(self, index: Index, until: datetime) -> tuple[DueSource, ...]:
        """Orders whose entry in that index is at or before `until`, by source. Reads nothing yet. A hint."""
        ...
