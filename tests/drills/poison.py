"""`make drill-poison`: one fault at a time, and the locks of all other orders end as punctually as without it.

The faults: a throttled shard of an index; a gateway that is silent; an order that cannot be read; records of the stream
that cannot be read. Beside each lock a message is sent for the same second to a function that does nothing (its echo),
so that neither the machine nor the queue counts. The figure to beat is that of the locks beside no fault.
"""

import math
import statistics
import sys
import time
from collections.abc import Iterator, Mapping, Sequence
from contextlib import contextmanager
from pathlib import Path

from bench.echo import Echo
from local import ports
from local.stack import Stack, StackPlan, running
from local.throttling_proxy import ThrottlingProxy
from paylatch.domain.shards import shard_of
from tests.drills.alarms import raises
from tests.drills.deadlines import Deadlines, Delays, wait_until
from tests.drills.drill import Promise, run, say
from tests.drills.functions import log_lines, set_variables
from tests.drills.poison_faults import Beside, Faults, warm_up
from tests.drills.silent_alipay import secret, silent_alipay

# An order may be unlocked so much later than the latest one beside no fault, each less its echo, in seconds.
MOST_SECONDS = 2.0
# How late an order beside the silent gateway may be for its delay to be measured.
MEASURED_FOR = 30.0
# The next sweep begins within a minute and sends timers for what the throttled shard kept back.
NEXT_SWEEP = 75.0


def drill(folder: Path) -> list[Promise]:
    """One stack; one fault after the other."""
    with silent_alipay() as alipay, _stack(folder, secret(alipay)) as stack, _throttled_sweeps(stack) as proxy:
        echo = Echo(stack.aws_endpoint_url)
        echo.deploy()
        deadlines = Deadlines(stack, echo)
        warm_up(deadlines)
        faults = Faults(stack, deadlines, time.time())
        throttled = faults.throttled_shard(proxy)
        say(throttled.fault)
        silent, none = faults.silent_gateway(shard_of(throttled.hit[0].order_id)), faults.none()
        unreadable, poisoned = faults.unreadable_order(), faults.poisoned_stream()
        say("all orders are locked")
        recovery = _recovery(throttled, proxy, deadlines)
        wait_until(silent.last_deadline)
        deadlines.wait_until_unlocked(silent.others, MEASURED_FOR)
        beside_nothing = deadlines.delays(none.others)
        return [
            undisturbed(beside_nothing),
            *(
                on_time(each.fault, deadlines.delays(each.others), beside_nothing)
                for each in (throttled, unreadable, poisoned, silent)
            ),
            *recovery,
            _unreadable_is_untouched(unreadable, deadlines),
            _poison_was_met(stack),
            _gateway_was_asked(len(alipay.asked)),
            raises(stack, "ReadsFailing", "OrdersUnreadable", "EventsUnreadable"),
        ]


def undisturbed(delays: Sequence[Delays]) -> Promise:
    """The orders beside no fault end; how late is what the others are compared with."""
    latest = _latest(delays)
    return Promise(f"no fault: {len(delays)} orders end", _seen(delays), math.isfinite(latest))


def on_time(fault: str, delays: Sequence[Delays], beside_nothing: Sequence[Delays]) -> Promise:
    """None of these orders is, less its echo, over two seconds later than the latest beside no fault."""
    return Promise(
        f"{fault}: {len(delays)} other orders end at most {MOST_SECONDS:g} s later than without",
        _seen(delays),
        _latest(delays) - _latest(beside_nothing) <= MOST_SECONDS,
    )


def _latest(delays: Sequence[Delays]) -> float:
    return max(delay.beyond_echo for delay in delays)


def _seen(delays: Sequence[Delays]) -> str:
    median = statistics.median(delay.beyond_echo for delay in delays)
    return f"at most {_latest(delays):.1f} s after their echoes, median {median:.1f} s"


def _recovery(throttled: Beside, proxy: ThrottlingProxy, deadlines: Deadlines) -> list[Promise]:
    """Let the throttled shard recover after the deadlines, and wait until its orders end."""
    wait_until(throttled.last_deadline + MOST_SECONDS + 1)
    waiting, recovered = len(deadlines.locked(throttled.hit)), time.monotonic()
    proxy.throttled = None
    say(f"the shard recovers after {proxy.refused} throttled queries; {waiting} of its orders wait")
    ended = deadlines.wait_until_unlocked(throttled.hit, NEXT_SWEEP)
    return [
        Promise(
            "the throttled shard's own orders stay locked meanwhile",
            f"{waiting} of {len(throttled.hit)}, {proxy.refused} queries throttled",
            waiting == len(throttled.hit) > 0,
        ),
        Promise(
            f"they end within {NEXT_SWEEP:g} s of its recovery, by the next sweep",
            f"the last after {time.monotonic() - recovered:.0f} s",
            ended,
        ),
    ]


def _gateway_was_asked(requests: int) -> Promise:
    return Promise("the silent gateway was asked", f"{requests} requests without an answer", requests > 0)


def _unreadable_is_untouched(unreadable: Beside, deadlines: Deadlines) -> Promise:
    locked = len(deadlines.locked(unreadable.hit))
    return Promise("nothing is decided about the order that cannot be read", f"{locked} still locked", locked == 1)


def _poison_was_met(stack: Stack) -> Promise:
    met = sum(line.get("message") == "EventUnreadable" for line in log_lines(stack, "due_events"))
    return Promise("the log names the records that cannot be read", f"{met} lines `EventUnreadable`", met > 0)


@contextmanager
def _stack(folder: Path, alipay: Mapping[str, object]) -> Iterator[Stack]:
    plan = StackPlan(ports.claim(0, 0, 0), folder, gateways="sandbox,alipay", secrets={"alipay": alipay})
    with running(plan) as (stack, _):
        yield stack


@contextmanager
def _throttled_sweeps(stack: Stack) -> Iterator[ThrottlingProxy]:
    """The sweep reads the table through the proxy; no other function reads an index of what is due."""
    with ThrottlingProxy(stack.aws_endpoint_url) as proxy:
        set_variables(stack, "TimeoutSweepsFunction", {"AWS_ENDPOINT_URL_DYNAMODB": proxy.url})
        yield proxy


if __name__ == "__main__":
    sys.exit(run("poison", __doc__ or "", drill))
