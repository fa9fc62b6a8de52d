"""Money that comes late, on the deployed stack: every row of the late-money table, compared with the sandbox's ledger.
All orders run side by side, so that one or two sweeps refund all of them.
"""

import time
from collections.abc import Callable, Mapping
from dataclasses import dataclass

import pytest

from local.stack import Stack
from tests.e2e.late_money_shop import TOO_LITTLE, TOTAL, LateMoneyShop, Link

# Two minutes' schedules, and the delay of a busy machine.
GIVEN_BACK_WITHIN = 130.0


@dataclass(frozen=True, slots=True)
class EndedOrder:
    """One order after its lifecycle, its buyer's links, and the reason of each refund in its history."""

    order_id: str
    links: tuple[Link, ...]


@dataclass(frozen=True, slots=True)
class Ending:
    """The expected end: the status, and for each link the captured and the returned sum."""

    status: str
    ledger: tuple[tuple[int, int], ...]
    reasons: tuple[str, ...] = ()


Case = Callable[[LateMoneyShop, str], tuple[Link, ...]]


def _same_revision(shop: LateMoneyShop, order_id: str) -> tuple[Link, ...]:
    late = shop.live_link(order_id)
    shop.pay(late)
    return (late,)


def _edited_since(shop: LateMoneyShop, order_id: str) -> tuple[Link, ...]:
    late = shop.live_link(order_id)
    shop.edit(order_id)
    shop.pay(late)
    return (late,)


def _newer_attempt(shop: LateMoneyShop, order_id: str) -> tuple[Link, ...]:
    late = shop.live_link(order_id)
    newer = shop.request_payment(order_id)
    shop.pay(late)
    assert shop.order(order_id)["payment_status"] == "in_payment"
    shop.pay(newer)
    return late, newer


def _paid_already(shop: LateMoneyShop, order_id: str) -> tuple[Link, ...]:
    late = shop.live_link(order_id)
    newer = shop.request_payment(order_id)
    shop.pay(newer)
    shop.until_status(order_id, "paid")
    shop.pay(late)
    return late, newer


def _cancelled(shop: LateMoneyShop, order_id: str) -> tuple[Link, ...]:
    late = shop.live_link(order_id)
    shop.cancel(order_id)
    shop.pay(late)
    return (late,)


def _under_review(shop: LateMoneyShop, order_id: str) -> tuple[Link, ...]:
    late = shop.live_link(order_id)
    newer = _reviewed(shop, order_id)
    shop.pay(late)
    assert shop.order(order_id)["payment_status"] == "review"
    shop.resolve(order_id, newer, "refund")
    return late, newer


def _late_and_different(shop: LateMoneyShop, order_id: str) -> tuple[Link, ...]:
    late = shop.live_link(order_id, TOO_LITTLE)
    shop.pay(late)
    return (late,)


def _review_settled(shop: LateMoneyShop, order_id: str) -> tuple[Link, ...]:
    link = _reviewed(shop, order_id)
    shop.resolve(order_id, link, "settle")
    return (link,)


def _review_refunded(shop: LateMoneyShop, order_id: str) -> tuple[Link, ...]:
    link = _reviewed(shop, order_id)
    shop.resolve(order_id, link, "refund")
    return (link,)


def _reviewed(shop: LateMoneyShop, order_id: str) -> Link:
    link = shop.request_payment(order_id, TOO_LITTLE)
    shop.pay(link)
    shop.until_status(order_id, "review")
    return link


KEPT, GIVEN_BACK = (TOTAL, 0), (TOTAL, TOTAL)
LITTLE_KEPT, LITTLE_GIVEN_BACK = (1, 0), (1, 1)
ENDINGS: Mapping[Case, Ending] = {
    _same_revision: Ending("paid", (KEPT,)),
    _edited_since: Ending("pending_payment", (GIVEN_BACK,), ("pending payment, edited since",)),
    _newer_attempt: Ending("paid", (GIVEN_BACK, KEPT), ("locked by another attempt",)),
    _paid_already: Ending("paid", (GIVEN_BACK, KEPT), ("paid already",)),
    _cancelled: Ending("cancelled", (GIVEN_BACK,), ("cancelled",)),
    _under_review: Ending("pending_payment", (GIVEN_BACK, LITTLE_GIVEN_BACK), ("under review",)),
    _late_and_different: Ending(
        "pending_payment", (LITTLE_GIVEN_BACK,), ("pending payment; amount or currency differs from the attempt's",)
    ),
    _review_settled: Ending("paid", (LITTLE_KEPT,)),
    _review_refunded: Ending("pending_payment", (LITTLE_GIVEN_BACK,)),
}


@pytest.fixture(scope="module")
def shop(stack: Stack) -> LateMoneyShop:
    return LateMoneyShop(stack)


@pytest.fixture(scope="module")
def prepared(shop: LateMoneyShop) -> Mapping[Case, EndedOrder]:
    """Run every lifecycle, then the sweeps that refund what is owed."""
    orders: dict[Case, EndedOrder] = {}
    for case in ENDINGS:
        order_id = shop.create()
        orders[case] = EndedOrder(order_id, case(shop, order_id))
    deadline = time.monotonic() + GIVEN_BACK_WITHIN
    while not all(_ended(shop, order, ENDINGS[case]) for case, order in orders.items()):
        if time.monotonic() > deadline:
            break  # each test reports what is missing for its own order
        time.sleep(1)
    return orders


def _ended(shop: LateMoneyShop, order: EndedOrder, ending: Ending) -> bool:
    events = [event["type"] for event in shop.history(order.order_id)]
    ledger = tuple(shop.ledger(link) for link in order.links)
    return ledger == ending.ledger and events.count("RefundIssued") == sum(refunded > 0 for _, refunded in ledger)


@pytest.mark.parametrize("case", ENDINGS, ids=lambda case: case.__name__.strip("_"))
def test_late_money_ends_as_the_settlement_or_as_a_refund(
    shop: LateMoneyShop, prepared: Mapping[Case, EndedOrder], case: Case
) -> None:
    order, ending = prepared[case], ENDINGS[case]
    assert tuple(shop.ledger(link) for link in order.links) == ending.ledger

    seen = shop.order(order.order_id)
    assert (seen["payment_status"], seen["lock"]) == (ending.status, None)
    kept = [
        link.attempt_id
        for link, (captured, refunded) in zip(order.links, ending.ledger, strict=True)
        if captured != refunded
    ]
    assert kept == ([seen["payment"]["attempt_id"]] if ending.status == "paid" else [])


@pytest.mark.parametrize("case", ENDINGS, ids=lambda case: case.__name__.strip("_"))
def test_the_history_has_every_reason_without_a_gap(
    shop: LateMoneyShop, prepared: Mapping[Case, EndedOrder], case: Case
) -> None:
    events = shop.history(prepared[case].order_id)
    assert [event["seq"] for event in events] == list(range(1, len(events) + 1))
    types = [event["type"] for event in events]
    assert types.count("OrderPaid") == (ENDINGS[case].status == "paid")
    reasons = [event["detail"]["reason"] for event in events if event["type"] == "RefundDue"]
    assert tuple(reasons) == ENDINGS[case].reasons
