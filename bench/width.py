"""`make bench-width`: 100,000 locks that are due at one second, released by timers under a simulated clock.

The sweep, the timers and the use cases are the product's; orders are in memory. A request to the store takes 6 ms, to
the queue 10 ms, to the gateway 400 ms, and no gateway has a rate. The queue's pollers come as AWS documents it. The
floor has the same pollers, and their threads never wait: one gateway call, one read and one write for each order.
"""

import argparse
import sys
import tracemalloc
from collections import Counter
from collections.abc import Iterator, Sequence
from dataclasses import dataclass, replace
from datetime import datetime, timedelta

from bench.printed_pages import with_table
from bench.simulated_queue import BATCH, Pollers, SimulatedQueue, soonest_end
from bench.simulated_shop import GATEWAY_SECONDS, STORE_SECONDS, SimulatedShop
from bench.simulated_time import EPOCH
from local.arguments import at_least_one
from paylatch.ports import Index, Timer, TimerSource
from paylatch.runtime.threads import WIDTH
from paylatch.runtime.time_budget import SLOWEST_ORDER_SECONDS
from paylatch.use_cases.run_timer import run_timer
from paylatch.use_cases.send_timers import SOURCES, send_timers
from tests.fakes.memory_order_store import MemoryOrderStore
from tests.orders_table import ROOT, template

PAGE = ROOT / "docs" / "performance.md"
LOCKS = 100_000
# The most that Lambda allows for a mapping's MaximumConcurrency.
POLLERS = 1_000
LOCK_SECONDS = 900.0
RUN_SECONDS = float(template()["Resources"]["TimeoutSweepsFunction"]["Properties"]["Timeout"])
# The last sweep that sees the locks coming begins this long before they are due.
SWEEP_BEFORE_SECONDS = 15.0
# While nothing is left for the sweep to handle itself, it sends timers until it must not begin anything more.
SENDING_SECONDS = RUN_SECONDS - SLOWEST_ORDER_SECONDS
ORDER_SECONDS = GATEWAY_SECONDS + 2 * STORE_SECONDS
LONGEST_SECONDS = 60.0
LEAST_OF_FLOOR = 0.8
FEW_ENTRIES, MANY_ENTRIES = 1_000, 30_000
MOST_BYTES_AN_ENTRY = 1.0


@dataclass(frozen=True)
class Result:
    """Times in seconds after the locks' due time; `sending` is how long the sweep sent timers."""

    locks: int
    sending: float
    first: float
    median: float
    last: float
    floor: float
    released_twice: int
    locked_still: int

    @property
    def of_floor(self) -> float:
        """The part of the possible speed that was reached."""
        return self.floor / self.last

    @property
    def holds(self) -> bool:
        """Whether all locks were released in time, once, and near the floor."""
        in_time = self.last <= LONGEST_SECONDS and self.of_floor >= LEAST_OF_FLOOR
        return in_time and not self.released_twice and not self.locked_still


def measure(locks: int, most_pollers: int) -> Result:
    """Release that many locks with at most that many pollers."""
    shop, pollers = SimulatedShop(), Pollers(most_pollers, WIDTH)
    orders = [shop.lock(0.0, LOCK_SECONDS) for _ in range(locks)]
    due_at = shop.due_at(orders[0])
    queue = sent_by_sweep(shop, due_at - SWEEP_BEFORE_SECONDS)
    ends = sorted(_deliver(queue, pollers, shop, due_at))
    threads = [begin for begin in pollers.begins(due_at) for _ in range(pollers.threads)]
    return Result(
        locks=locks,
        sending=max(message.sent_at for message in queue.messages) - due_at + SWEEP_BEFORE_SECONDS,
        first=ends[0] - due_at,
        median=ends[len(ends) // 2] - due_at,
        last=ends[-1] - due_at,
        floor=soonest_end(locks, ORDER_SECONDS, threads) - due_at,
        released_twice=sum(count > 1 for count in Counter(shop.orders.releases).values()),
        locked_still=shop.locked(),
    )


def sent_by_sweep(shop: SimulatedShop, begin: float) -> SimulatedQueue:
    """Run a sweep's look-ahead that begins at that time; the queue with what it sent."""
    shop.clock.begin = shop.clock.seconds = begin
    queue = SimulatedQueue(shop.clock)
    send_timers(queue, fail, lambda: shop.clock.seconds - begin < SENDING_SECONDS, shop.ports)
    return queue


def _deliver(queue: SimulatedQueue, pollers: Pollers, shop: SimulatedShop, due_at: float) -> list[float]:
    ends: list[float] = []

    def work(order_id: str, begins: float) -> float:
        shop.clock.seconds = begins
        run_timer(Timer(order_id, EPOCH + timedelta(seconds=due_at)), queue, lambda: True, shop.ports)
        ends.append(shop.clock.seconds)
        return shop.clock.seconds

    pollers.deliver(queue.messages, work, pollers.begins(due_at))
    return ends


def fail(source: str, error: Exception) -> None:
    """End the measurement: no part of an index fails in it."""
    raise RuntimeError(source) from error


class _Endless(MemoryOrderStore):
    """A store with that many entries in each source, which exist only while they are read."""

    def __init__(self, entries: int) -> None:
        super().__init__()
        self._entries = entries

    def timers_in(self, index: Index) -> tuple[TimerSource, ...]:
        return tuple(replace(source, read=self._read) for source in super().timers_in(index))

    def _read(self, _: datetime | None, until: datetime) -> Iterator[Timer]:
        return (Timer(f"{number:016d}", until) for number in range(self._entries))


class _Forgetful:
    """Implements `Timers`; keeps nothing."""

    def send(self, timers: Sequence[Timer]) -> None:
        if len(timers) > BATCH:
            raise ValueError(timers)

    def waiting(self) -> int:
        return 0


def bytes_an_entry() -> float:
    """How much the largest memory in use grows with each further entry for which a timer is sent."""
    _memory_of_sending(FEW_ENTRIES)
    grown = _memory_of_sending(MANY_ENTRIES) - _memory_of_sending(FEW_ENTRIES)
    return grown / (MANY_ENTRIES - FEW_ENTRIES) / len(_Endless(0).timers_in(Index.DUE)) / len(SOURCES)


def _memory_of_sending(entries: int) -> int:
    """The largest memory, in bytes, that sending timers for that many entries of each source took."""
    ports = replace(SimulatedShop().ports, store=_Endless(entries))
    tracemalloc.start()
    send_timers(_Forgetful(), fail, lambda: True, ports)
    _, peak = tracemalloc.get_traced_memory()
    tracemalloc.stop()
    return peak


def table_of(result: Result, memory: float) -> str:
    """The figures as a table."""
    times = (result.sending, result.first, result.median, result.last, result.floor)
    cells = " | ".join(f"{seconds:.1f} s" for seconds in times)
    counts = f"{result.of_floor:.0%} | {result.released_twice} | {result.locked_still} | {memory:.1f} bytes"
    return (
        "| locks | sending | first | median | last | floor | of the floor's speed | released twice | still locked "
        "| memory a lock |\n" + "|---" * 10 + f"|\n| {result.locks:,} | {cells} | {counts} |\n"
    )


def main() -> int:
    """Measure, print into `docs/performance.md`, and fail where a bound does not hold."""
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--locks", type=at_least_one, default=LOCKS)
    parser.add_argument("--pollers", type=at_least_one, default=POLLERS, help="MaximumConcurrency of the queue")
    arguments = parser.parse_args()
    print(__doc__)
    result, memory = measure(arguments.locks, arguments.pollers), bytes_an_entry()
    table = table_of(result, memory)
    print(table)
    PAGE.write_text(with_table(PAGE.read_text(), table, "width"))
    return 0 if result.holds and memory <= MOST_BYTES_AN_ENTRY else 1


if __name__ == "__main__":
    sys.exit(main())
