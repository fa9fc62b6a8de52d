"""A standard SQS queue with Lambda's pollers, in simulated time.

Documented by AWS for standard queues ("Configuring scaling behavior for SQS event source mappings"): five batches at
a time at first, up to 300 more pollers a minute while messages wait, at most as many as the mapping's
MaximumConcurrency. A delayed message can be received a whole number of seconds after it was sent.
"""

import heapq
import math
from collections.abc import Callable, Iterable, Sequence
from dataclasses import dataclass, field

from bench.simulated_time import SimulatedClock, seconds_of
from paylatch.ports import Timer

QUEUE_SECONDS = 0.01
BATCH = 10
FIRST_POLLERS = 5
MORE_POLLERS_A_SECOND = 300 / 60
# Receiving a batch and invoking the function with it.
RECEIVE_SECONDS = 0.02
# The first invocation of a new poller starts the function.
START_SECONDS = 1.0

# Works on an order from that time on; returns when it ended.
Work = Callable[[str, float], float]


@dataclass(frozen=True, slots=True, order=True)
class Message:
    """A timer in the queue: when it can be received, the order that it names, when it was sent."""

    visible_at: float
    order_id: str
    sent_at: float


@dataclass
class SimulatedQueue:
    """Implements `Timers`; a request takes 10 ms on its sender's clock."""

    clock: SimulatedClock
    messages: list[Message] = field(default_factory=list)

    def send(self, timers: Sequence[Timer]) -> None:
        """Ten timers a request, as SQS takes them."""
        for first in range(0, len(timers), BATCH):
            self.clock.seconds += QUEUE_SECONDS
            self.messages.extend(map(self._message, timers[first : first + BATCH]))

    def waiting(self) -> int:
        """Messages that could be received now."""
        return sum(message.visible_at <= self.clock.seconds for message in self.messages)

    def _message(self, timer: Timer) -> Message:
        now = self.clock.seconds
        return Message(now + max(0, math.ceil(seconds_of(timer.due_at) - now)), timer.order_id, now)


@dataclass(frozen=True)
class Pollers:
    """Lambda's pollers of one queue; an invocation works on `threads` messages at a time."""

    most: int
    threads: int

    def begins(self, first: float) -> list[float]:
        """When each poller is there, with its function started, if messages wait from `first` on."""
        more = range(max(0, self.most - FIRST_POLLERS))
        ramp = [first + (number + 1) / MORE_POLLERS_A_SECOND + START_SECONDS for number in more]
        return [first] * min(self.most, FIRST_POLLERS) + ramp

    def deliver(self, messages: Iterable[Message], work: Work, free: list[float]) -> None:
        """Deliver the messages by their times, in batches of what can be received, until none is left.

        `free` holds the time from which each poller is free, and is kept up.
        """
        waiting = sorted(messages)
        heapq.heapify(free)
        place = 0
        while place < len(waiting):
            begins = max(heapq.heappop(free), waiting[place].visible_at)
            batch = [message for message in waiting[place : place + BATCH] if message.visible_at <= begins]
            place += len(batch)
            heapq.heappush(free, self._invoke(batch, begins + RECEIVE_SECONDS, work))

    def _invoke(self, batch: Sequence[Message], begins: float, work: Work) -> float:
        """Run one invocation's threads; the time at which the last of them ends."""
        threads = [begins] * min(self.threads, len(batch))
        for message in batch:
            heapq.heapreplace(threads, work(message.order_id, threads[0]))
        return max(threads)


def soonest_end(count: int, seconds: float, begins: Iterable[float]) -> float:
    """When the last of that many pieces of work ends, if no thread ever waits: each takes so long."""
    threads = sorted(begins)
    ended = 0.0
    for _ in range(count):
        ended = max(ended, threads[0] + seconds)
        heapq.heapreplace(threads, threads[0] + seconds)
    return ended
