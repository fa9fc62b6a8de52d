"""Time and randomness come from outside."""

from datetime import datetime
from typing import Protocol


class Clock(Protocol):
    """Time comes from outside."""

    def now(self) -> datetime:
        """The current moment, aware, in UTC."""
        ...


class IdGenerator(Protocol):
    """Randomness comes from outside."""

    def new_id(self, length: int) -> str:
        """That many characters of Crockford base32, never the same twice."""
        ...
