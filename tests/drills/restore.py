"""`make drill-restore`: the table goes back in time, and orders, money and events are put in order again.

Orders are placed, locked and paid before and after the point to which the table is restored. Then the stack is deployed
onto the restored table, and works: on what is overdue, on callbacks that come again, on the gateway's statement.
"""

import sys
import time
from dataclasses import dataclass
from datetime import UTC, datetime
from pathlib import Path

from local import ports
from local.stack import StackPlan, running
from tests.drills.alarms import raises
from tests.drills.drill import Promise, run, say
from tests.drills.functions import log_lines, set_variables, stopped
from tests.drills.restored_stack import back_up, deploy_onto, restore
from tests.drills.sandbox_proxy import later_statement
from tests.drills.shop import Attempt, Shop, until
from tests.drills.subscriber import Subscriber
from tests.orders_table import template
from tests.template.policies import functions_that_change_orders

# Overdue when the stack works again.
LOCK_SECONDS = 60
# The sweep begins each minute, and timers do what it finds.
SETTLED_WITHIN = 150.0
CREATION_KEY = "placed-after-the-point"


@dataclass(frozen=True, slots=True)
class Purchases:
    """The attempts of the drill's orders, named for what happened before and after the restore point."""

    paid_before: Attempt
    locked_before_paid_after: Attempt
    locked_before_edited_after: Attempt
    placed_before_paid_after: Attempt
    all_after: Attempt


def drill(folder: Path) -> list[Promise]:
    """One stack, deployed twice."""
    plan = StackPlan(ports.claim(0, 0, 0), folder)
    with running(plan) as (stack, _):
        subscriber = Subscriber(stack)
        subscriber.subscribe()
        backup, purchases = _trade(Shop(stack), subscriber)
        lost_at = time.monotonic()
        with stopped(stack, functions_that_change_orders(template()["Resources"])):
            status = stack.client("service").read_order(purchases.paid_before.order_id).status
            restored = deploy_onto(restore(backup, stack), plan, stack)
        took = time.monotonic() - lost_at
        say(f"restored and deployed in {took:.0f} s")
        shop = Shop(restored)
        return [
            Promise("no call reaches an order meanwhile", f"{status}", status in (429, 503)),
            Promise("the stack works on the restored table", f"after {took:.0f} s", restored.table != stack.table),
            *_overdue_locks(purchases, shop),
            *_lost_orders(purchases, shop),
            *_money(purchases, shop),
            *_events(purchases, shop, subscriber),
            raises(restored, "PaymentsUnknown", "StatementsDiffer"),
        ]


def _trade(shop: Shop, subscriber: Subscriber) -> tuple[str, Purchases]:
    """Sell before and after the restore point; the backup of that point, and the attempts."""
    paid = shop.lock(shop.place())
    shop.pay(paid)
    locked, edited = (shop.lock(shop.place(), LOCK_SECONDS) for _ in range(2))
    placed = shop.place()
    shop.has_status(paid.order_id, "paid", within=15)
    backup = back_up(shop.stack)
    say("the restore point; what follows is lost")
    shop.pay(locked)
    shop.stop_and_edit(edited, "Ring twice")
    after = shop.lock(placed)
    shop.pay(after)
    new = shop.lock(shop.place(CREATION_KEY))
    shop.pay(new)
    purchases = Purchases(paid, locked, edited, after, new)
    until(lambda: _paid_in(subscriber) >= {each.order_id for each in (paid, locked, after, new)}, within=30)
    return backup, purchases


def _paid_in(subscriber: Subscriber) -> set[str]:
    return {event["order_id"] for event in subscriber.take() if event["type"] == "OrderPaid"}


def _overdue_locks(purchases: Purchases, shop: Shop) -> list[Promise]:
    """Locks of before the point: the sweep asks the gateway what became of them."""
    begin = time.monotonic()
    paid, edited = purchases.locked_before_paid_after, purchases.locked_before_edited_after
    is_paid = shop.has_status(paid.order_id, "paid", SETTLED_WITHIN)
    paid_after = time.monotonic() - begin
    is_free = shop.has_status(edited.order_id, "pending_payment", SETTLED_WITHIN)
    note = shop.order(edited.order_id).get("note", "")
    return [
        Promise(
            "locked before, paid after: paid again, by asking the gateway",
            f"after {paid_after:.0f} s, captured and refunded {shop.ledger(paid)}",
            is_paid and shop.ledger(paid)[1] == 0,
        ),
        Promise(
            "locked before, stopped and edited after: unlocked again, without the edit",
            f"after {time.monotonic() - begin:.0f} s, revision {shop.order(edited.order_id)['revision']}",
            is_free and not note,
        ),
        Promise(
            "paid before: paid as it was",
            shop.status(purchases.paid_before.order_id),
            shop.status(purchases.paid_before.order_id) == "paid",
        ),
    ]


def _lost_orders(purchases: Purchases, shop: Shop) -> list[Promise]:
    """An order of after the point: unknown until the shop places it again."""
    lost = purchases.all_after
    code = shop.status(lost.order_id)
    shop.repeat_callbacks(lost)
    named = until(lambda: _unknown_payments(shop) > 0, within=15)
    again = shop.place(CREATION_KEY)
    return [
        Promise(
            "placed after: gone, and a callback about it raises `PaymentsUnknown`",
            f"`{code}`, {_unknown_payments(shop)} lines `UnknownPayment`",
            code == "order-not-found" and named,
        ),
        Promise("placed again with its key, it has its id again", again, again == lost.order_id),
    ]


def _unknown_payments(shop: Shop) -> int:
    return sum(line.get("message") == "UnknownPayment" for line in log_lines(shop.stack, "gateway_callbacks"))


def _money(purchases: Purchases, shop: Shop) -> list[Promise]:
    """Money of attempts that no order has: the gateway's statement names it, and it goes back."""
    attempts = (purchases.placed_before_paid_after, purchases.all_after)
    with later_statement(shop.stack.sandbox_url) as sandbox:
        set_variables(shop.stack, "OperationsFunction", {"PAYLATCH_SANDBOX_URL": sandbox.url})
        begin, found = time.monotonic(), _reconciled(shop)
        returned = until(lambda: all(_is_returned(each, shop) for each in attempts), SETTLED_WITHIN)
    sums = ", ".join(str(shop.ledger(each)) for each in attempts)
    statuses = {shop.status(each.order_id) for each in attempts}
    return [
        Promise(
            "reconciliation names the payments whose attempts are lost",
            ", ".join(f"`{name}`" for name in sorted(found)) or "none",
            "unknown_attempt" in found,
        ),
        Promise(
            "their money goes back, and their orders can be paid again",
            f"captured and refunded {sums} after {time.monotonic() - begin:.0f} s; {', '.join(sorted(statuses))}",
            returned and statuses == {"pending_payment"},
        ),
    ]


def _is_returned(attempt: Attempt, shop: Shop) -> bool:
    captured, refunded = shop.ledger(attempt)
    return captured == refunded > 0


def _reconciled(shop: Shop) -> set[str]:
    """The discrepancies that today's statement has."""
    day, operator = datetime.now(UTC).date().isoformat(), shop.stack.client("operator")
    while not (report := operator.reconcile(day).expect(200))["done"]:
        say("the statement goes on")
    return {finding["discrepancy"] for finding in report["findings"]}


def _events(purchases: Purchases, shop: Shop, subscriber: Subscriber) -> list[Promise]:
    """What a subscriber gets: numbers that it had already, with other events; and all that is new."""
    new = shop.lock(shop.place())
    shop.pay(new)
    arrived = until(lambda: new.order_id in _paid_in(subscriber), within=30)
    seen: dict[tuple[str, int], set[str]] = {}
    for event in subscriber.take():
        seen.setdefault((event["order_id"], event["seq"]), set()).add(event["at"])
    reused = [key for key, times in seen.items() if len(times) > 1]
    return [
        Promise("a new order is sold, and its events are published", shop.status(new.order_id), arrived),
        Promise(
            "numbers of events are used again, which subscribers see by a later `at`",
            f"{len(reused)} of {len(seen)}, in {len({order for order, _ in reused})} orders",
            bool(reused),
        ),
    ]


if __name__ == "__main__":
    sys.exit(run("restore", __doc__ or "", drill))
