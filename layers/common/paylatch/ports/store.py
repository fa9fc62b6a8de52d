"""The order store that the use cases depend on."""

from collections.abc import Callable, Iterable, Mapping, Sequence
from dataclasses import field
from datetime import datetime, timedelta
from enum import StrEnum
from functools import cached_property
from typing import Generic, Protocol, TypeVar

from paylatch.domain.errors import OrderUnreadable, PaylatchError
from paylatch.domain.frozen_dataclass import dataclass
from paylatch.domain.listing import Listing, Position
from paylatch.domain.order import Content, Order
from paylatch.domain.recorded_events import RecordedEvent
from paylatch.domain.transitions import Transition
from paylatch.ports.timers import Timer

LARGEST_PAGE = 100
# The most events that one call stores.
LARGEST_WRITE = 25
# A `seq` has at most eight digits.
LAST_SEQ = 99_999_999
Head = TypeVar("Head", bound=Order | None)


class _Outcome(Generic[Head]):
    """A head, or the function that reads it.

    The head is read on access only: the outcome of the write does not depend on it.
    """

    def __init__(self, head: Head | Callable[[], Head]) -> None:
        self._head = head

    @cached_property
    def order(self) -> Head:
        """The head. Raises `OrderUnreadable` where this release does not understand it."""
        return self._head() if callable(self._head) else self._head

    def __eq__(self, other: object) -> bool:
        return type(other) is type(self) and other.order == self.order

    def __repr__(self) -> str:
        return f"{type(self).__name__}({self.order!r})"


class Applied(_Outcome[Order]):
    """The write took effect, now or earlier with a lost response; `order` is the head after it."""


class Rejected(_Outcome[Order | None]):
    """The guard did not hold; `order` is the head at that time, None where there is none."""


class Index(StrEnum):
    """The sparse indexes: due locks and releases, refunds and links to follow up, and orders that need a person."""

    DUE = "due"
    FOLLOW_UP = "follow_up"
    ATTENTION = "attention"


@dataclass(frozen=True, slots=True)
class DueSource:
    """One shard of an index, read independently of the others.

    `name` is the index and its shard, as in "due/3". `read` yields order ids, the oldest first; it reads on demand,
    and each step may raise `StoreUnavailable` or `StoreRefused`.
    """

    name: str
    read: Callable[[], Iterable[str]]


@dataclass(frozen=True, slots=True)
class TimerSource:
    """One shard of an index with the time of each entry; `name` and errors are those of a `DueSource`.

    `read(after, until)` yields the entries after the first time (all earlier ones where it is None) and at or before
    the second, the oldest first.
    """

    name: str
    read: Callable[[datetime | None, datetime], Iterable[Timer]]


@dataclass(frozen=True, slots=True)
class HistoryPage:
    """Events of an order in `seq` order. `next_after` is the `after` of the next page, None on the last one.

    `unreadable` has an error for each event that this release does not understand.
    """

    events: tuple[RecordedEvent, ...]
    next_after: int | None
    unreadable: tuple[OrderUnreadable, ...] = ()


@dataclass(frozen=True, slots=True)
class ListingPage:
    """Entries of a listing, the newest first. `has_more`: there are entries after the last of them."""

    entries: tuple[Position, ...]
    has_more: bool


@dataclass(frozen=True, slots=True)
class Heads:
    """Heads by order id, each as the order or the error that reading it gives; an order that does not exist is missing.

    `unprocessed` are the ids that the database did not get to; `retired` has when each order was retired that is kept
    no longer.
    """

    found: Mapping[str, Order | OrderUnreadable]
    unprocessed: tuple[str, ...] = ()
    retired: Mapping[str, datetime] = field(default_factory=dict)


def heads_of(read: Mapping[str, Order | OrderUnreadable | datetime], unprocessed: tuple[str, ...] = ()) -> Heads:
    """The heads, from what reading the item of each gave: for a retired order, when that was."""
    found = {order_id: head for order_id, head in read.items() if not isinstance(head, datetime)}
    retired = {order_id: head for order_id, head in read.items() if isinstance(head, datetime)}
    return Heads(found, unprocessed, retired)


# The ids of an order and of one of its contents.
ContentKey = tuple[str, str]


@dataclass(frozen=True, slots=True)
class Contents:
    """Contents by their keys; one that does not exist, or that this release does not understand, is missing.

    `unprocessed` are the keys that the database did not get to.
    """

    found: Mapping[ContentKey, Content]
    unprocessed: tuple[ContentKey, ...] = ()


class OrderStore(Protocol):
    """The store of orders.

    Every call may raise `StoreUnavailable` (outcome unknown), `StoreRefused` (not executed, and failing until a
    person acts) and `OrderUnreadable` (the stored data is not understood); calls that write may raise
    `OrderTooLarge`.
    """

    def apply(self, order_id: str, transition: Transition) -> Applied | Rejected:
        """Make one transition by one conditional write.

        The writer's own success is recognised after a lost response. Raises `OrderUnreadable` for a refusing
        head without the id of its last write.
        """
        ...

    def read_head(self, order_id: str) -> Order | None:
        """The head, by a strongly consistent read."""
        ...

    def is_retired(self, order_id: str) -> bool:
        """Whether the order is kept no longer, by a strongly consistent read; False where there never was one."""
        ...

    def put_content(self, order_id: str, content_id: str, content: Content) -> bool:
        """Store the content of a future revision, unless there is content of that id.

        Whether this call stored it, or may have: after a lost response, it cannot be distinguished from an earlier
        call's.
        """
        ...

    def read_content(self, order_id: str, content_id: str) -> Content:
        """The content that a head names. Raises `LookupError` where it does not exist."""
        ...

    def remove_content(self, order_id: str, content_id: str) -> None:
        """Delete content that no head has named."""
        ...

    def content_ids(self, order_id: str, after: str = "") -> tuple[str, ...]:
        """The ids of the order's contents above `after`, in their order: at most `LARGEST_PAGE`, none where it ends."""
        ...

    def claim_question(self, order_id: str, now: datetime, lasts: timedelta) -> bool:
        """Whether the caller may ask a gateway about that order now.

        That is so once in `lasts`, whoever calls; where it is so, the caller counts as having asked. After a lost
        response, it cannot be distinguished from an earlier call of the same caller.
        """
        ...

    def read_history(self, order_id: str, after: int = 0, limit: int = LARGEST_PAGE) -> HistoryPage:
        """The events recorded so far whose `seq` is above `after`, by `seq`: one page of at most `limit` of them."""
        ...

    def record_events(self, events: Sequence[RecordedEvent]) -> Mapping[str, PaylatchError]:
        """Store at most `LARGEST_WRITE` events, each in another order's history; a repetition changes nothing.

        Gives the error of each event that was not stored for now, by its order. Where the call raises, any of the
        events may be stored.
        """
        ...

    def list_entries(self, listing: Listing, after: Position | None, limit: int) -> ListingPage:
        """At most `limit` entries after that one, or from the newest on, of all orders of a seller or of a buyer.

        An entry is a hint: only the head decides.
        """
        ...

    def find_reference(self, seller_id: str, reference: str, limit: int) -> tuple[str, ...]:
        """The ids of at most `limit` orders of that seller with that reference, in no sequence; a hint too."""
        ...

    def read_heads(self, order_ids: Sequence[str]) -> Heads:
        """At most `LARGEST_PAGE` different heads, each by a strongly consistent read."""
        ...

    def read_contents(self, keys: Sequence[ContentKey]) -> Contents:
        """At most `LARGEST_PAGE` different contents, each by a strongly consistent read."""
        ...

    def due(self, index: Index, until: datetime) -> tuple[DueSource, ...]:
        """The sources of an index, limited to entries at or before `until`.

        Calling it reads nothing. An index is a hint: only the head decides.
        """
        ...

    def timers_in(self, index: Index) -> tuple[TimerSource, ...]:
        """The same sources, which give the time of each entry. Calling it reads nothing."""
        ...
