"""Orders as the use cases see them."""

from collections.abc import Iterable
from dataclasses import dataclass
from datetime import datetime
from enum import StrEnum
from typing import Protocol

from paylatch.domain.order import Content, Order
from paylatch.domain.recorded_events import RecordedEvent
from paylatch.domain.transitions import Transition


@dataclass(frozen=True, slots=True)
class Applied:
    """The write took effect (now, or earlier with its answer lost); `order` is the head after it."""

    order: Order


@dataclass(frozen=True, slots=True)
class Rejected:
    """The guard did not hold; `order` is the head that refused it, None where there is none."""

    order: Order | None


class Index(StrEnum):
    """The sparse indexes: locks and releases that fall due, money that is owed, and what a person should see."""

    DUE = "due"
    OWED = "owed"
    ATTENTION = "attention"


class OrderStore(Protocol):
    """Orders as the use cases see them. Raises `StoreUnavailable` when the outcome of a call is not known."""

    def apply(self, order_id: str, transition: Transition) -> Applied | Rejected:
        """Make one transition, by one conditional write. Own success is recognised even when its answer was lost."""

    def read_head(self, order_id: str) -> Order | None:
        """The head, strongly consistent."""

    def put_content(self, order_id: str, content_id: str, content: Content) -> None:
        """Store the content of a revision to come, under an id never used before."""

    def read_content(self, order_id: str, content_id: str) -> Content:
        """The content that a head names."""

    def remove_content(self, order_id: str, content_id: str) -> None:
        """Remove content that no head ever named."""

    def read_history(self, order_id: str) -> tuple[RecordedEvent, ...]:
        """The events recorded so far, by `seq`."""

    def record_event(self, event: RecordedEvent) -> None:
        """Keep one event of the history; the same event again changes nothing."""

    def due(self, index: Index, until: datetime) -> Iterable[str]:
        """Ids of orders whose entry in that index is at or before `until`, the oldest of each shard first. A hint."""
