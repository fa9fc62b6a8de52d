"""Sources of time and randomness."""

from collections.abc import Callable
from datetime import datetime
from typing import Protocol

# Returns whether the function has time for one more step before its end.
HasTime = Callable[[], bool]


class Clock(Protocol):
    """A source of the current time."""

    def now(self) -> datetime:
        """The current time, timezone-aware, in UTC."""
        ...


class IdGenerator(Protocol):
    """A source of random ids."""

    def new_id(self, length: int) -> str:
        """A random text of that many Crockford base32 characters; practically unique."""
        ...
