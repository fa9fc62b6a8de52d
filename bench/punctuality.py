"""`make bench-punctuality`: 100,000 locks with random deadlines, under a simulated clock.

Locks begin over six hours and last one minute to half an hour. A sweep looks ahead each minute; what is due sooner
than it could see is sent by the stream's function, half a second after the write. A lock's delay is the time from its
due time to the end of the write that unlocks it.
"""

import argparse
import math
import random
import sys
from collections.abc import Sequence
from dataclasses import dataclass, field
from datetime import timedelta

from bench.printed_pages import with_table
from bench.simulated_queue import FIRST_POLLERS, Pollers, SimulatedQueue
from bench.simulated_shop import SimulatedShop
from bench.simulated_time import EPOCH
from bench.width import PAGE, fail
from local.arguments import at_least_one
from paylatch.ports import Timer
from paylatch.runtime.threads import WIDTH
from paylatch.store.items import item_of
from paylatch.store.stream import timer_of_record
from paylatch.use_cases.run_timer import run_timer
from paylatch.use_cases.send_timers import send_timers

LOCKS = 100_000
BEGIN_SECONDS = 6 * 3600
SHORTEST_SECONDS, LONGEST_SECONDS = 60, 1800
MINUTE, HOUR = 60.0, 3600.0
STREAM_SECONDS = 0.5
MOST_DELAY = 2.0
PERCENTILES = (50.0, 99.0, 99.9, 100.0)


@dataclass
class Day:
    """The simulated hours: each minute a sweep, then the minute's new locks, then the timers that come in it."""

    shop: SimulatedShop = field(default_factory=SimulatedShop)
    pollers: Pollers = field(default_factory=lambda: Pollers(FIRST_POLLERS, WIDTH))
    delays: list[float] = field(default_factory=list)

    def __post_init__(self) -> None:
        self._queue = SimulatedQueue(self.shop.clock)
        self._free = [0.0] * self.pollers.most
        self._due_at: dict[str, float] = {}

    def run(self, locks: list[tuple[float, float]]) -> None:
        """Run until no lock is left, or one is an hour late; a lock is when it begins and how long it lasts."""
        waiting, minute = sorted(locks, reverse=True), 0.0
        last = max(begin + seconds for begin, seconds in locks) + HOUR
        while (waiting or self._due_at) and minute < last:
            self._sweep(minute)
            minute += MINUTE
            while waiting and waiting[-1][0] < minute:
                self._lock(*waiting.pop())
            self._deliver(minute)

    def _sweep(self, at: float) -> None:
        self.shop.clock.begin = self.shop.clock.seconds = at
        send_timers(self._queue, fail, lambda: True, self.shop.ports)

    def _lock(self, at: float, seconds: float) -> None:
        order_id = self.shop.lock(at, seconds)
        self._due_at[order_id] = self.shop.due_at(order_id)
        head = self.shop.orders.heads[order_id]
        keys = {"pk": f"ORDER#{order_id}", "sk": "HEAD"}
        timer = timer_of_record({"dynamodb": {"Keys": item_of(keys), "NewImage": item_of(head)}})
        if timer is not None:
            self.shop.clock.seconds = at + STREAM_SECONDS
            self._queue.send((timer,))

    def _deliver(self, until: float) -> None:
        messages = sorted(self._queue.messages)
        come = [message for message in messages if message.visible_at < until]
        self._queue.messages = messages[len(come) :]
        self.pollers.deliver(come, self._work, self._free)

    def _work(self, order_id: str, begins: float) -> float:
        clock, due_at = self.shop.clock, self._due_at.get(order_id)
        clock.seconds = begins
        timer = Timer(order_id, EPOCH + timedelta(seconds=due_at or begins))
        run_timer(timer, self._queue, lambda: True, self.shop.ports)
        if due_at is not None and self.shop.is_unlocked(order_id):
            self.delays.append(clock.seconds - due_at)
            del self._due_at[order_id]
        return clock.seconds


def random_locks(count: int, seed: int) -> list[tuple[float, float]]:
    """Begin and length of that many locks."""
    random_source = random.Random(seed)
    return [
        (random_source.uniform(0, BEGIN_SECONDS), random_source.randint(SHORTEST_SECONDS, LONGEST_SECONDS))
        for _ in range(count)
    ]


def percentile(delays: Sequence[float], part: float) -> float:
    """The delay that so many percent of the delays do not exceed."""
    return sorted(delays)[max(0, math.ceil(len(delays) * part / 100) - 1)]


def row(name: str, delays: Sequence[float]) -> str:
    """A row of the table: these delays at each percentile."""
    cells = " | ".join(f"{percentile(delays, part):.2f} s" for part in PERCENTILES)
    return f"| {name} | {len(delays):,} | {cells} |\n"


def heading() -> str:
    """The table's first two lines."""
    parts = " | ".join(f"p{part:g}" for part in PERCENTILES)
    return f"| delay of | count | {parts} |\n" + "|---" * (2 + len(PERCENTILES)) + "|\n"


def main() -> int:
    """Measure, print into `docs/performance.md`, and fail where over one in a thousand locks is two seconds late."""
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--locks", type=at_least_one, default=LOCKS)
    parser.add_argument("--seed", type=int, default=1)
    arguments = parser.parse_args()
    print(__doc__)
    day = Day()
    day.run(random_locks(arguments.locks, arguments.seed))
    table = heading() + row("lock", day.delays)
    print(table)
    PAGE.write_text(with_table(PAGE.read_text(), table, "punctuality"))
    return 0 if len(day.delays) == arguments.locks and percentile(day.delays, 99.9) <= MOST_DELAY else 1


if __name__ == "__main__":
    sys.exit(main())
