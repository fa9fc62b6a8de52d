"""A step at the order desk: the order as it is shown against the API, then one of the actions that are offered."""

import re
from collections.abc import Iterator
from dataclasses import dataclass
from random import Random

from playwright.sync_api import Error

from tests.walk.desk_tab import DeskTab, why_not
from tests.walk.oracle import AROUND_THE_END, COUNTDOWN_IS_OFF_BY, OrderReading
from tests.walk.shown_desk import ShownDesk
from tests.walk.walked_orders import Shop, WalkedOrder

_BADGES = {
    "pending_payment": "Awaiting payment",
    "in_payment": "Being paid",
    "releasing": "Releasing",
    "paid": "Paid",
    "cancelled": "Cancelled",
    "review": "In review",
}
_REFUNDED = {"partial": "Partly refunded", "full": "Refunded"}
# What a seller is offered in each status; money can add to it.
_OFFERED = {
    "pending_payment": {"edit", "settle", "pay_link", "cancel"},
    "in_payment": {"stop", "stop_and_change", "recheck", "pay_link"},
    "releasing": {"stop_and_change", "recheck", "pay_link"},
    "paid": {"pay_link"},
    "cancelled": {"pay_link"},
    "review": {"pay_link"},
}
_WITH_MONEY = {"recheck", "refund"}
_RARELY = {"cancel": 1, "settle": 1, "pay_link": 1}
_USUALLY = 4
# Refusals of the caller's own request: of an action that is offered they are possible only where the order changed.
_REFUSED = re.compile(r"Code: (?!gateway|order-contended|order-unreadable|store|unavailable)([a-z-]+)")


@dataclass(frozen=True, slots=True)
class DeskStep:
    """What was done, and what is wrong."""

    name: str
    state: str
    findings: tuple[str, ...]


def desk_step(tab: DeskTab, shop: Shop, walked: WalkedOrder, random: Random) -> DeskStep:
    """Look at the order, then do something with it."""
    tab.complaints.clear()
    before = shop.read(walked)
    try:
        shown = tab.show(walked.order_id, before.order["reference"])
        same = shop.read(walked)
        findings = list(_wrong_view(before, same, shown))
        if findings or not shown.actions:
            return DeskStep("look", before.order["payment_status"], (*findings, *tab.complaints))
        weights = [_RARELY.get(action, _USUALLY) for action in shown.actions]
        (action,) = random.choices(shown.actions, weights)
        findings = list(_carried_out(action, tab, shop, walked, same, random))
        return DeskStep(action, before.order["payment_status"], (*findings, *tab.complaints))
    except Error as error:
        return DeskStep("look", before.order["payment_status"], (why_not(error), *tab.complaints))


def _wrong_view(before: OrderReading, after: OrderReading, shown: ShownDesk) -> Iterator[str]:
    if shown.overflow > 0:
        yield f"the desk is {shown.overflow} pixels wider than its screen"
    if before.version == after.version:
        yield from desk_contradictions(after, shown)


def desk_contradictions(reading: OrderReading, shown: ShownDesk) -> Iterator[str]:
    """What the desk says to the order's seller that is not so; it read the order at this version."""
    badges = _badges(reading)
    if set(shown.badges) != badges:
        yield f"the desk shows {sorted(shown.badges)}, the order is {sorted(badges)}"
        return
    if shown.total != reading.order["total"]:
        yield f"the desk shows the total {shown.total}, the order's is {reading.order['total']}"
    due, possible = _due_actions(reading)
    if not due <= set(shown.actions) <= due | possible:
        yield f"the desk offers {sorted(set(shown.actions))}, possible are {sorted(due)}"
    left = reading.seconds_left(shown.read_at)
    if shown.left is not None and (left is None or abs(shown.left - left) > COUNTDOWN_IS_OFF_BY):
        yield f"the desk counts {shown.left} s to the end of the lock, of which {left} s are left"
    if shown.left is None and "Being paid" in badges and left is not None and left > AROUND_THE_END:
        yield f"the desk does not count the {left:.0f} s to the end of the lock"


def _badges(reading: OrderReading) -> set[str]:
    status = reading.order["payment_status"]
    processing = status == "in_payment" and reading.attempt["status"] == "processing"
    words = {"Processing" if processing else _BADGES[status]}
    refunded = _REFUNDED.get(reading.order["refund_status"])
    return words | ({refunded} if refunded else set()) | ({"Disputed"} if reading.order["disputed"] else set())


def _due_actions(reading: OrderReading) -> tuple[set[str], set[str]]:
    """The actions that must be offered, and those that may be."""
    due = set(_OFFERED[reading.order["payment_status"]])
    if reading.order["payment_status"] == "in_payment" and reading.attempt["status"] == "processing":
        due -= {"stop", "stop_and_change"}
    paid = reading.order["payment_status"] == "paid"
    return due, _WITH_MONEY if paid else {"recheck"}


def _carried_out(
    action: str, tab: DeskTab, shop: Shop, walked: WalkedOrder, before: OrderReading, random: Random
) -> Iterator[str]:
    shown = tab.act(action, random)
    after = shop.read(walked)
    refusal = _REFUSED.search(shown.problem)
    left = before.seconds_left(before.read_at)
    if refusal and after.version == before.version and (left is None or left > AROUND_THE_END):
        yield f"{action} was offered, and is refused: {shown.problem}"
    if len(after.order["refunds"]) > len(before.order["refunds"]) + 1:
        yield "one dialog made two refunds"
    tab.leave()
