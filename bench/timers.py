"""`make bench-timers`: 200 locks whose deadlines lie a second apart, on a deployed local stack.

Beside each lock a message is sent for the same second to a function that does nothing, on a queue of its own: the
echo. What counts is the lock's delay less the echo's, so that neither the machine nor the queue counts. At most 4 of
200 may be above two seconds.
"""

import argparse
import math
import sys
import time
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime

from bench.echo import Echo
from bench.printed_pages import with_table
from bench.punctuality import heading, row
from bench.width import PAGE
from local.arguments import at_least_one
from local.example_orders import PAYMENT, tea_order
from local.stack import Stack, temporary

LOCKS = 200
# The first deadline lies this long ahead, so that all locks are there before it.
LEAD_SECONDS = 150
PATIENCE_SECONDS = 30
MOST_SECONDS = 2.0
# The part of the locks that may be later than that.
MOST_LATE = 0.02


@dataclass(frozen=True, slots=True)
class Lock:
    """A locked order and its deadline, in seconds since 1970."""

    order_id: str
    due_at: float


def run(locks: int) -> list[tuple[float, float]]:
    """For each lock, the seconds from its deadline to the write that unlocked it, and the echo's delay."""
    with temporary() as stack:
        echo = Echo(stack.aws_endpoint_url)
        echo.deploy()
        begin = time.time() + LEAD_SECONDS
        locked = [_lock(stack, echo, number, begin + number) for number in range(locks)]
        _wait_until(locked[-1].due_at + PATIENCE_SECONDS)
        return _pairs(stack, locked, echo.delays())


def _lock(stack: Stack, echo: Echo, number: int, wanted: float) -> Lock:
    order = tea_order(f"bench-{number}", stack.buyer_id, stack.seller_id)
    order_id = str(stack.client("service").create_order(order).expect(201)["order_id"])
    wish = {**PAYMENT, "expires_in": int(wanted - time.time())}
    payment = stack.client("buyer").request_payment(order_id, wish, key=order_id).expect(201)
    due_at = datetime.fromisoformat(payment["expires_at"]).timestamp()
    echo.send(number, due_at)
    return Lock(order_id, due_at)


def _wait_until(timestamp: float) -> None:
    while (rest := timestamp - time.time()) > 0:
        time.sleep(min(rest, 1.0))


def _pairs(stack: Stack, locked: Sequence[Lock], echoes: Mapping[int, float]) -> list[tuple[float, float]]:
    return [(_unlocked_at(stack, lock) - lock.due_at, echoes[number]) for number, lock in enumerate(locked)]


def _unlocked_at(stack: Stack, lock: Lock) -> float:
    """When the order was unlocked; infinity where it is still locked."""
    events = stack.client("buyer").read_history(lock.order_id).expect(200)["events"]
    times = [event["at"] for event in events if event["type"] == "OrderUnlocked"]
    return datetime.fromisoformat(times[0]).timestamp() if times else math.inf


def table_of(pairs: Sequence[tuple[float, float]]) -> str:
    """The delays of locks and echoes, and their differences, as a table."""
    locks, echoes = [lock for lock, _ in pairs], [echo for _, echo in pairs]
    return heading() + row("lock", locks) + row("echo", echoes) + row("lock less echo", _differences(pairs))


def late_of(pairs: Sequence[tuple[float, float]]) -> int:
    """How many locks were more than two seconds later than their echo."""
    return sum(difference > MOST_SECONDS for difference in _differences(pairs))


def _differences(pairs: Sequence[tuple[float, float]]) -> list[float]:
    return [lock - echo for lock, echo in pairs]


def main() -> int:
    """Measure, print into `docs/performance.md`, and fail where too many locks are late."""
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--locks", type=at_least_one, default=LOCKS)
    arguments = parser.parse_args()
    print(__doc__)
    pairs = run(arguments.locks)
    table = table_of(pairs)
    print(f"{table}\n{late_of(pairs)} of {len(pairs)} locks were more than {MOST_SECONDS:g} s later than their echo.")
    PAGE.write_text(with_table(PAGE.read_text(), table, "timers"))
    return 0 if late_of(pairs) <= MOST_LATE * len(pairs) else 1


if __name__ == "__main__":
    sys.exit(main())
