"""After the walk: every order comes to rest, its history is gapless, and its money is where the API says."""

import time
from collections.abc import Iterator, Mapping, Sequence
from typing import Any

from tests.kill.gateway_ledger import ledger_of
from tests.walk.walked_orders import Shop, WalkedOrder

# In seconds: the longest that an order may still need, by the minute's sweep and the gateway's schedule.
AT_REST_WITHIN = 200.0
_PAUSE = 2.0
_HELD = ("in_payment", "releasing")


def audit(shop: Shop, orders: list[WalkedOrder]) -> list[str]:
    """What is wrong in the end; waits for orders that still have something to do."""
    for walked in orders:
        _end_faults(shop, walked)
    end, open_findings = time.monotonic() + AT_REST_WITHIN, dict[str, list[str]]()
    waiting = list(orders)
    while waiting and time.monotonic() < end:
        open_findings = {walked.order_id: list(_findings(shop, walked)) for walked in waiting}
        waiting = [walked for walked in waiting if open_findings[walked.order_id]]
        time.sleep(_PAUSE if waiting else 0)
    return [f"{walked.order_id}: {finding}" for walked in waiting for finding in open_findings[walked.order_id]]


def _end_faults(shop: Shop, walked: WalkedOrder) -> None:
    """The gateway has no faults any more, and repeats what it has to report."""
    reading = shop.read(walked)
    for attempt_id in _attempts_in(_history(shop, walked)):
        shop.sandbox.set_faults(attempt_id, {})
        shop.sandbox.repeat_callbacks(attempt_id)
    if reading.order["payment_status"] in _HELD:
        shop.client("seller").cancel_payment(walked.order_id, reading.attempt["attempt_id"])


def _findings(shop: Shop, walked: WalkedOrder) -> Iterator[str]:
    reading, history = shop.read(walked), _history(shop, walked)
    order = reading.order
    if [event["seq"] for event in history] != list(range(1, reading.version + 1)):
        yield f"at version {reading.version} its history has {len(history)} events"
    if order["payment_status"] in _HELD and reading.attempt["status"] != "processing":
        yield f"it is still {order['payment_status']}"
    yield from double_effects(history)
    yield from _misplaced_money(shop, order, history)


def double_effects(history: Sequence[Mapping[str, Any]]) -> Iterator[str]:
    """A payment that began while another one held the order, and a second success."""
    holder = ""
    for event in history:
        if event["type"] == "OrderLocked":
            if holder:
                yield f"{event['attempt_id']} locked the order, which {holder} held"
            holder = event["attempt_id"]
        elif event["payment_status"] not in (*_HELD, "review"):
            holder = ""
    if sum(event["type"] == "OrderPaid" for event in history) > 1:
        yield "it was paid more than once"


def _misplaced_money(shop: Shop, order: Mapping[str, Any], history: Sequence[Mapping[str, Any]]) -> Iterator[str]:
    """What the gateway captured and still holds is what the API shows as captured and kept."""
    ledgers = [ledger_of(shop.stack.sandbox_url, attempt_id) for attempt_id in _attempts_in(history)]
    captured = sum(ledger["captured"] for ledger in ledgers)
    held = captured - sum(ledger["refunded"] + ledger.get("lost", 0) for ledger in ledgers)
    shown = order["ledger"]
    if any(payment["status"] == "claimed" for payment in order["unapplied"]):
        yield "a payment is still claimed"
    if (order["payment"] or {}).get("gateway") == "manual":
        captured, held = captured + order["total"], held + order["total"] - order["refunded"]
    if (shown["captured"], shown["kept"] + shown["owed"]) != (captured, held):
        yield f"captured are {captured}, of which {held} are held; the order shows {shown}"
    if shown["owed"] and order["payment_status"] != "review":
        yield f"{shown['owed']} are still owed"


def _attempts_in(history: Sequence[Mapping[str, Any]]) -> list[str]:
    return list(dict.fromkeys(event["attempt_id"] for event in history if event["type"] == "OrderLocked"))


def _history(shop: Shop, walked: WalkedOrder) -> list[Mapping[str, Any]]:
    events: list[Mapping[str, Any]] = []
    after: int | None = 0
    while after is not None:
        page = shop.client("operator").read_history(walked.order_id, after).expect(200)
        events += page["events"]
        after = page["next_after"]
    return events
