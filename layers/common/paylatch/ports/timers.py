"""Timers: messages that call for an order at the moment it is due."""

from collections.abc import Iterable, Iterator, Sequence
from datetime import datetime
from itertools import islice
from typing import Protocol

from paylatch.domain.frozen_dataclass import dataclass

# So many timers are sent by one request.
LARGEST_BATCH = 10


@dataclass(frozen=True, slots=True)
class Timer:
    """A hint that an order is due at that time. Only the order's head decides whether it is.

    `until` is in a timer that was postponed: it is not postponed beyond that time, because by then a sweep has sent
    another one.
    """

    order_id: str
    due_at: datetime
    until: datetime | None = None


class Timers(Protocol):
    """The queue of timers. It may deliver a timer early, late, several times or never."""

    def send(self, timers: Sequence[Timer]) -> None:
        """Have each timer delivered at its time, or at once where that has passed.

        A timer that is due in more than 15 minutes is delivered after 15 minutes. Raises `TimersNotSent` where some
        of them were not sent.
        """
        ...

    def waiting(self) -> int:
        """About how many timers could be delivered now and are not yet. Raises `TimersNotSent`."""
        ...


def batches_of(timers: Iterable[Timer]) -> Iterator[list[Timer]]:
    """The timers as batches of which each is one request; they are read as the batches are."""
    remaining = iter(timers)
    while batch := list(islice(remaining, LARGEST_BATCH)):
        yield batch
