"""A backlog at a paced gateway drains at about the gateway's rate, with few messages, whatever process takes which.

Simulated: every process takes ten messages at once, as a Lambda invocation does, with the product's own pace. Messages
go to any free process; a sweep sends one more for each order that is still locked, each minute.
"""

import heapq
from collections.abc import Callable
from dataclasses import dataclass
from itertools import count
from math import ceil
from random import Random

import pytest

from paylatch.domain.errors import CallPostponed
from paylatch.domain.limits import LONGEST_POSTPONEMENT
from paylatch.gateways.pacing import Pace
from paylatch.ports import LARGEST_BATCH

GATEWAY_SECONDS, STORE_SECONDS, SWEEP_SECONDS = 0.4, 0.006, 60.0


@dataclass(frozen=True)
class Message:
    """A timer of an order, and the time until which it may be postponed."""

    order: int
    until: float | None = None


class Backlog:
    """That many orders due at once, each of so many requests, and that many timer processes beside one sweep."""

    def __init__(self, orders: int, rate: int, width: int, requests: int) -> None:
        self.now = self._slept = 0.0
        self._requests = requests
        self._events: list[tuple[float, int, Callable[[], None]]] = []
        self._number = count()
        self._any = Random(1)
        self._paces = [Pace(rate, width + 1, self._sleep, lambda: self.now) for _ in range(width)]
        self._free = list(self._paces)
        self._visible: list[Message] = []
        self.locked = set(range(orders))
        self.sent: list[float] = []
        self.messages = 0
        self._sweep()

    def drain(self) -> float:
        """Run until no order is locked; the seconds that it took."""
        while self.locked:
            self.now, _, event = heapq.heappop(self._events)
            event()
        return self.now

    def _sleep(self, seconds: float) -> None:
        self._slept = seconds

    def _after(self, seconds: float, event: Callable[[], None]) -> None:
        heapq.heappush(self._events, (self.now + seconds, next(self._number), event))

    def _send(self, message: Message, delay: float = 0.0) -> None:
        self.messages += 1

        def appear() -> None:
            self._visible.append(message)
            self._poll()

        self._after(ceil(delay), appear)

    def _sweep(self) -> None:
        for order in sorted(self.locked):
            self._send(Message(order))
        self._after(SWEEP_SECONDS, self._sweep)

    def _poll(self) -> None:
        while self._free and self._visible:
            pace = self._free.pop(self._any.randrange(len(self._free)))
            batch, self._visible = self._visible[:LARGEST_BATCH], self._visible[LARGEST_BATCH:]
            left = list(batch)

            def end(pace: Pace = pace, left: list[Message] = left) -> None:
                left.pop()
                if not left:
                    self._free.append(pace)
                    self._poll()

            for message in batch:
                self._after(STORE_SECONDS, lambda message=message, pace=pace, end=end: self._work(message, pace, end))  # type: ignore[misc]

    def _work(self, message: Message, pace: Pace, end: Callable[[], None]) -> None:
        if message.order not in self.locked:
            end()
            return
        self._slept = 0.0
        try:
            pace.begin("stripe")
        except CallPostponed as postponed:
            until = message.until or self.now + LONGEST_POSTPONEMENT.total_seconds()
            if self.now + postponed.seconds <= until:
                self._send(Message(message.order, until), postponed.seconds)
            end()
        else:
            self._after(self._slept, lambda: self._request(message.order, pace, 1, end))

    def _request(self, order: int, pace: Pace, number: int, end: Callable[[], None]) -> None:
        self.sent.append(self.now)

        def answered() -> None:
            if number < self._requests:
                self._slept = 0.0
                pace.go_on()
                self._after(self._slept, lambda: self._request(order, pace, number + 1, end))
            else:
                self.locked.discard(order)
                end()

        self._after(GATEWAY_SECONDS, answered)


@pytest.mark.parametrize(
    ("orders", "rate", "width", "requests"), [(200, 10, 4, 1), (1000, 25, 10, 1), (1000, 25, 10, 2), (600, 25, 2, 3)]
)
def test_it_drains_in_about_the_time_that_the_rate_allows(orders: int, rate: int, width: int, requests: int) -> None:
    backlog = Backlog(orders, rate, width, requests)
    share = width * (rate // (width + 1))
    assert backlog.drain() <= 1.3 * orders * requests / share + 2
    # One that is sent, one in each minute, and at most two that are postponed.
    assert backlog.messages <= 4 * orders
    assert most_in_a_second(backlog.sent) <= rate


def most_in_a_second(times: list[float]) -> int:
    return max(
        sum(start <= time < start + 1 - 1e-9 for time in times[place : place + 200])
        for place, start in enumerate(times)
    )
