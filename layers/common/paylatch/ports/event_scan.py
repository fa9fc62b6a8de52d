"""The recorded events of all orders, by time."""

from datetime import datetime
from typing import Protocol

from paylatch.domain.errors import OrderUnreadable
from paylatch.domain.frozen_dataclass import dataclass
from paylatch.domain.recorded_events import RecordedEvent

# The key of the item that a scan goes on after.
ScanPosition = tuple[str, str]


@dataclass(frozen=True, slots=True)
class ScannedPage:
    """Events of at most 100 orders, each order's by `seq`. `next_position` is None where the table ends.

    `unreadable` has an error for each event that this release does not understand.
    """

    events: tuple[RecordedEvent, ...]
    unreadable: tuple[OrderUnreadable, ...]
    next_position: ScanPosition | None


class EventScan(Protocol):
    """Reads the whole table, however few events there are: for a person's request, and not for a request of a buyer."""

    def events_between(self, first: datetime, until: datetime, after: ScanPosition | None) -> ScannedPage:
        """The events at or after the first time and before the second, in one page of the table.

        Raises `StoreUnavailable` and `StoreRefused`.
        """
        ...
