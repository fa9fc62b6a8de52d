"""`make drill-replay`: a receiver of webhooks was down, and then loses what it had; so does a subscriber of the bus.

What failed while the receiver was down comes again by itself. What was lost is published again from the history, and is
the same as the first time.
"""

import sys
import time
from collections.abc import Mapping
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import Any

from local import ports
from local.stack import Stack, StackPlan, running
from tests.drills.alarms import raises
from tests.drills.drill import Promise, run, say
from tests.drills.secrets import read_secret
from tests.drills.shop import Shop, until
from tests.drills.subscriber import Subscriber
from tests.drills.webhook_receiver import WebhookReceiver

ORDERS = 6
# Created, locked, opened, paid.
EVENTS = 4
# The second retry comes a minute after the first.
ARRIVED_WITHIN = 90.0


def drill(folder: Path) -> list[Promise]:
    """One stack with a receiver and a subscriber."""
    receiver = WebhookReceiver()
    with receiver.running() as url:
        plan = StackPlan(ports.claim(0, 0, 0), folder, parameters={"WebhookUrl": url, "WebhookLocal": "true"})
        with running(plan) as (stack, _):
            receiver.key = read_secret(stack, "webhooks")["key"]
            subscriber = Subscriber(stack)
            subscriber.subscribe()
            begin = datetime.now(UTC)
            promises = [*_outage(stack, receiver), *_loss(stack, receiver, subscriber, begin)]
            return [*promises, raises(stack, "WebhooksFailing")]


def _outage(stack: Stack, receiver: WebhookReceiver) -> list[Promise]:
    """Sell while the receiver is down; each event reaches it by a later try."""
    receiver.is_down = True
    shop = Shop(stack)
    for _ in range(ORDERS):
        shop.pay(shop.lock(shop.place()))
    until(lambda: receiver.failed >= ORDERS * EVENTS, ARRIVED_WITHIN)
    receiver.is_down = False
    say(f"the receiver is back after {receiver.failed} failed tries")
    begin = time.monotonic()
    arrived = until(lambda: len(receiver.ids) >= ORDERS * EVENTS, ARRIVED_WITHIN)
    return [
        Promise(
            "what failed while the receiver was down comes again by itself",
            f"{len(receiver.ids)} of {ORDERS * EVENTS} events after {time.monotonic() - begin:.0f} s, "
            f"{receiver.failed} failed tries before",
            arrived and receiver.failed > 0,
        )
    ]


def _loss(stack: Stack, receiver: WebhookReceiver, subscriber: Subscriber, begin: datetime) -> list[Promise]:
    """Lose everything on both sides, have it published again, and compare."""
    first = {_key(event): event for event in subscriber.take()}
    subscriber.taken.clear()
    lost = dict(receiver.lose_all())
    asked = time.monotonic()
    published, calls = replayed(stack, begin)
    returned = until(lambda: receiver.ids >= set(lost), ARRIVED_WITHIN)
    took = time.monotonic() - asked
    until(lambda: {_key(event) for event in subscriber.take()} >= set(first), ARRIVED_WITHIN)
    again = {_key(event): event for event in subscriber.taken}
    return [
        Promise(
            "what both lost is published again",
            f"{published} events by {calls} call{'s' if calls > 1 else ''}; the receiver had all after {took:.0f} s",
            returned and published >= len(lost) > 0,
        ),
        Promise(
            "each webhook has the id and the body of the first time",
            f"{sum(lost.get(name) == body for name, body in receiver.taken)} of {len(receiver.taken)}",
            all(lost.get(name) == body for name, body in receiver.taken),
        ),
        Promise(
            "each event on the bus is the same, with the same `seq`",
            f"{sum(again.get(key) == event for key, event in first.items())} of {len(first)}",
            again == first,
        ),
    ]


def _key(event: Mapping[str, Any]) -> tuple[str, int]:
    return str(event["order_id"]), int(event["seq"])


def replayed(stack: Stack, begin: datetime) -> tuple[int, int]:
    """How many events were published again, and by how many calls."""
    span = {"from": _text(begin - timedelta(seconds=5)), "to": _text(datetime.now(UTC) + timedelta(seconds=5))}
    operator, published, calls, cursor = stack.client("operator"), 0, 0, None
    while calls == 0 or cursor:
        wanted = {**span, "cursor": cursor} if cursor else span
        report = operator.call("POST", "/operations/replay", wanted).expect(200)
        published, calls, cursor = published + report["published"], calls + 1, report["next_cursor"]
    return published, calls


def _text(moment: datetime) -> str:
    return moment.strftime("%Y-%m-%dT%H:%M:%SZ")


if __name__ == "__main__":
    sys.exit(run("replay", __doc__ or "", drill))
