"""Simulated time: each thread has a clock of its own, and a call takes time only on its caller's clock."""

import threading
from collections.abc import Callable
from datetime import UTC, datetime, timedelta
from typing import Any

EPOCH = datetime(2026, 1, 1, tzinfo=UTC)


class SimulatedClock:
    """Implements `Clock`. `begin` is the time, in seconds, at which the clock of a new thread starts."""

    def __init__(self) -> None:
        self.begin = 0.0
        self._threads = threading.local()

    @property
    def seconds(self) -> float:
        """The thread's own time."""
        seconds: float = getattr(self._threads, "seconds", self.begin)
        return seconds

    @seconds.setter
    def seconds(self, seconds: float) -> None:
        self._threads.seconds = seconds

    def now(self) -> datetime:
        """The thread's own time."""
        return EPOCH + timedelta(seconds=self.seconds)


class Taking:
    """Another object, each call of which takes that many seconds before it has its effect."""

    def __init__(self, inner: object, seconds: float, clock: SimulatedClock) -> None:
        self._inner = inner
        self._seconds = seconds
        self._clock = clock

    def __getattr__(self, name: str) -> Any:
        found = getattr(self._inner, name)
        return self._timed(found) if callable(found) else found

    def _timed(self, call: Callable[..., Any]) -> Callable[..., Any]:
        def timed(*arguments: Any, **named: Any) -> Any:
            self._clock.seconds += self._seconds
            return call(*arguments, **named)

        return timed


def seconds_of(timestamp: datetime) -> float:
    """Seconds since the begin of simulated time."""
    return (timestamp - EPOCH).total_seconds()
