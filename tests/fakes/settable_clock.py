"""A clock that stands still until it is told to move."""

from datetime import datetime, timedelta


class SettableClock:
    def __init__(self, now: datetime) -> None:
        self._now = now

    def now(self) -> datetime:
        return self._now

    def advance(self, step: timedelta) -> None:
        self._now += step
