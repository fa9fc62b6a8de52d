"""`make drill-erasure`: personal data is erased while the stream is behind, records come twice, and others write.

Afterwards the whole table, what the bus and the webhooks bring from then on, and every log are searched for it.
"""

import json
import sys
import threading
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from datetime import UTC, datetime
from functools import partial
from pathlib import Path
from typing import Any

from local import ports
from local.stack import Stack, StackPlan, running
from tests.drills.drill import Promise, run, say
from tests.drills.functions import raw_log
from tests.drills.personal_orders import PersonalOrders, contents_of, orders_with_texts, texts_in
from tests.drills.replay import replayed
from tests.drills.secrets import read_secret
from tests.drills.shop import Shop, until
from tests.drills.subscriber import Subscriber
from tests.drills.table_stream import TableStream
from tests.drills.webhook_receiver import WebhookReceiver

OF_EACH_KIND = 4
# Cancelled, settled and refunded ones; and those that are edited or refunded while they are erased.
KINDS = 5
ARRIVED_WITHIN = 90.0
# What an erasure leaves as it was.
KEPT = ("status", "payment_status", "revision", "total", "currency", "lines", "payments", "paid_at", "cancelled")


@dataclass(frozen=True, slots=True)
class Erasure:
    """One run."""

    stack: Stack
    receiver: WebhookReceiver
    subscriber: Subscriber
    orders: PersonalOrders

    @property
    def shop(self) -> Shop:
        return self.orders.shop

    def erase(self, order_id: str) -> str:
        """Erase the order as its service does; `erased`, or the code of the problem."""
        response = self.stack.client("service").erase(order_id)
        return "erased" if response.status == 200 else str(response.document.get("code", response.status))

    def history(self, order_id: str) -> Sequence[Mapping[str, Any]]:
        """The order's events."""
        events: Sequence[Mapping[str, Any]]
        events = self.stack.client("operator").read_history(order_id).expect(200)["events"]
        return events


def drill(folder: Path) -> list[Promise]:
    """One stack with a receiver of webhooks and a subscriber of the bus."""
    receiver = WebhookReceiver()
    with receiver.running() as url:
        plan = StackPlan(ports.claim(0, 0, 0), folder, parameters={"WebhookUrl": url, "WebhookLocal": "true"})
        with running(plan) as (stack, _):
            receiver.key = str(read_secret(stack, "webhooks")["key"])
            subscriber, begin = Subscriber(stack), datetime.now(UTC)
            subscriber.subscribe()
            return _erased(Erasure(stack, receiver, subscriber, PersonalOrders(Shop(stack))), begin)


def _erased(erasure: Erasure, begin: datetime) -> list[Promise]:
    orders, stream = erasure.orders, TableStream(erasure.stack)
    refunded = [orders.refunded() for _ in range(OF_EACH_KIND)]
    with stream.held_back():
        over = [each() for each in (orders.cancelled, orders.settled) for _ in range(OF_EACH_KIND)] + refunded
        before = {order_id: erasure.shop.order(order_id) for order_id in over}
        texts = len(orders_with_texts(erasure.shop, over))
        first = [erasure.erase(order_id) for order_id in over]
        behind = [order_id for order_id in over if not _has_its_erasure(erasure, order_id)]
        raced = _raced(erasure)
        refused = _refused(erasure)
    say(f"{len(over)} orders are erased, {len(behind)} of them before the stream brought their events")
    until(partial(_all_stored, erasure, [*over, *raced]), ARRIVED_WITHIN)
    again = stream.deliver_again()
    say(f"{again} records of the stream were delivered again")
    return [
        Promise(
            "orders that are over are erased, also while the stream is behind",
            f"{first.count('erased')} of {len(over)}, {texts} of which had personal data in the table; "
            f"{len(behind)} before the stream brought their events",
            first.count("erased") == texts == len(over) and bool(behind),
        ),
        refused,
        _nothing_in_the_table(erasure, [*over, *raced], again),
        _money_is_as_before(erasure, before),
        _history_is_whole(erasure, [*over, *raced]),
        *_nothing_is_published(erasure, {*over, *raced}, begin),
        _nothing_is_logged(erasure),
    ]


def _has_its_erasure(erasure: Erasure, order_id: str) -> bool:
    """Whether the history has all events to the last erasure."""
    return [event["type"] for event in erasure.history(order_id)[-1:]] == ["PersonalDataErased"]


def _raced(erasure: Erasure) -> list[str]:
    """Erase orders while a seller edits them, or refunds them; then erase what the refunds brought since."""
    orders, seller = erasure.orders, erasure.stack.client("seller")
    edited, refunded = [orders.edited() for _ in range(OF_EACH_KIND)], [orders.settled() for _ in range(OF_EACH_KIND)]
    for order_id in edited:
        edits = [partial(seller.edit_order, order_id, {"note": f"Lord Byron, floor {n}"}, 3) for n in range(3)]
        _at_once([*edits, partial(_cancel_and_erase, erasure, order_id)])
    for order_id in refunded:
        _at_once([partial(erasure.erase, order_id), partial(orders.refund, order_id)])
    return [
        order_id for order_id in [*edited, *refunded] if until(partial(_is_erased, erasure, order_id), ARRIVED_WITHIN)
    ]


def _cancel_and_erase(erasure: Erasure, order_id: str) -> None:
    erasure.stack.client("service").cancel_order(order_id).expect(200)
    erasure.erase(order_id)


def _is_erased(erasure: Erasure, order_id: str) -> bool:
    return erasure.erase(order_id) == "erased"


def _at_once(calls: Sequence[Callable[[], object]]) -> None:
    threads = [threading.Thread(target=call) for call in calls]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()


def _refused(erasure: Erasure) -> Promise:
    """What is not over is not erased, and keeps its content."""
    orders = erasure.orders
    kinds = {"order-not-finished": orders.edited(), "order-locked": orders.locked().order_id}
    kinds["money-outstanding"] = orders.owed()
    answers = [erasure.erase(order_id) for order_id in kinds.values()]
    kept = [order_id for order_id in kinds.values() if erasure.shop.order(order_id)["email"]]
    return Promise(
        "an order that is pending, locked or owes a refund is not erased",
        ", ".join(f"`{answer}`" for answer in answers),
        answers == [*kinds] and len(kept) == len(kinds),
    )


def _all_stored(erasure: Erasure, order_ids: Sequence[str]) -> bool:
    return all(_has_its_erasure(erasure, order_id) for order_id in order_ids)


def _nothing_in_the_table(erasure: Erasure, order_ids: Sequence[str], again: int) -> Promise:
    left = orders_with_texts(erasure.shop, order_ids)
    contents = sum(len(contents_of(erasure.shop, order_id)) for order_id in order_ids)
    return Promise(
        "no item of the table has personal data of theirs, after edits and refunds at the same time",
        f"{len(left)} of {len(order_ids)} orders have; {contents} contents; {again} records delivered twice",
        not left and contents == len(order_ids) == KINDS * OF_EACH_KIND and again > 0,
    )


def _money_is_as_before(erasure: Erasure, before: Mapping[str, Mapping[str, Any]]) -> Promise:
    same = [order_id for order_id, order in before.items() if _kept(erasure.shop.order(order_id)) == _kept(order)]
    return Promise(
        "lines, sums, payments and refunds stay", f"{len(same)} of {len(before)} orders", len(same) == len(before)
    )


def _kept(order: Mapping[str, Any]) -> list[Any]:
    refunds = [{**refund, "reason": None} for refund in order["refunds"]]
    return [*(order.get(name) for name in KEPT), refunds]


def _history_is_whole(erasure: Erasure, order_ids: Sequence[str]) -> Promise:
    histories = [[event["seq"] for event in erasure.history(order_id)] for order_id in order_ids]
    whole = [seqs for seqs in histories if seqs == [*range(1, len(seqs) + 1)] != []]
    return Promise(
        "the histories have no gaps", f"{len(whole)} of {len(histories)} orders", len(whole) == len(histories)
    )


def _nothing_is_published(erasure: Erasure, erased: set[str], begin: datetime) -> list[Promise]:
    """After the erasure's own event, and in what is published again from the history."""
    published = [event for event in erasure.subscriber.take() if event["order_id"] in erased]
    late = [event for place, event in enumerate(published) if texts_in(event) and is_over(published, place)]
    erasure.subscriber.taken.clear()
    erasure.receiver.lose_all()
    count, _ = replayed(erasure.stack, begin)
    until(lambda: len(erasure.subscriber.take()) >= count and len(erasure.receiver.ids) >= count, ARRIVED_WITHIN)
    on_bus = [event for event in erasure.subscriber.taken if event["order_id"] in erased and texts_in(event)]
    webhooks = erasure.receiver.taken
    posted = [
        body for _, body in webhooks if json.loads(body)["data"]["order_id"] in erased and texts_in(body.decode())
    ]
    return [
        Promise(
            "on the bus, an erased order's events with personal data all come before its `PersonalDataErased`",
            f"{len(late)} of {len(published)} events",
            not late and bool(published),
        ),
        Promise(
            "what is published again has none, on the bus and as webhooks",
            f"{len(on_bus)} of {len(erasure.subscriber.taken)} events, {len(posted)} of {len(webhooks)} webhooks",
            not on_bus and not posted and min(len(erasure.subscriber.taken), len(webhooks)) >= count > 0,
        ),
    ]


def is_over(published: Sequence[Mapping[str, Any]], place: int) -> bool:
    """Whether no erasure of the event's order comes after it."""
    after = published[place + 1 :]
    order_id = published[place]["order_id"]
    return not any((each["order_id"], each["type"]) == (order_id, "PersonalDataErased") for each in after)


def _nothing_is_logged(erasure: Erasure) -> Promise:
    log = raw_log(erasure.stack)
    found = texts_in(log)
    return Promise(
        "no log has any", f"{len(found)} texts in {len(log.splitlines()):,} lines", not found and "message" in log
    )


if __name__ == "__main__":
    sys.exit(run("erasure", __doc__ or "", drill))
