"""Others who are faster each time: after eight tries the caller is told to come again, and nothing is lost."""

from collections.abc import Callable

import pytest

from paylatch.domain.backoff import TRIES
from paylatch.domain.errors import Transient
from paylatch.domain.payment import RefundStatus
from paylatch.domain.transitions import Transition
from paylatch.ports import Applied, RefundState, Rejected
from paylatch.store.connection import TableConnection
from paylatch.store.dynamodb import HEAD, DynamoOrderStore
from tests.integration.shop import Answer, Shop
from tests.orders_table import client_of

Crowd = Callable[[int], list[str]]


@pytest.fixture
def crowd(orders_table: TableConnection, monkeypatch: pytest.MonkeyPatch) -> Crowd:
    """Says how many writes are to be overtaken from now on; gives the list of those that were."""
    apply = DynamoOrderStore.apply

    def overtake(times: int) -> list[str]:
        overtaken: list[str] = []

        def overtaken_apply(store: DynamoOrderStore, order_id: str, transition: Transition) -> Applied | Rejected:
            if len(overtaken) < times:
                overtaken.append(transition.name)
                client_of(orders_table).update_item(
                    TableName=orders_table.table,
                    Key={"pk": {"S": f"ORDER#{order_id}"}, "sk": {"S": HEAD}},
                    UpdateExpression="ADD version :one",
                    ConditionExpression="attribute_exists(version)",
                    ExpressionAttributeValues={":one": {"N": "1"}},
                )
            return apply(store, order_id, transition)

        monkeypatch.setattr(DynamoOrderStore, "apply", overtaken_apply)
        return overtaken

    return overtake


def late_money(shop: Shop) -> tuple[str, Callable[[], Answer]]:
    """An order whose money comes too late, and the callback that says so."""
    order_id, attempt_id = shop.locked("old")
    shop.cancel_payment(order_id, attempt_id)
    shop.order_of_three(order_id, 1)
    capture = shop.gateway.take_money(attempt_id)
    return order_id, lambda: shop.callback(shop.gateway.signed("payment.succeeded", attempt_id, capture))


def bounced_refund(shop: Shop) -> tuple[str, Callable[[], Answer]]:
    """An order whose refund bounced, and the callback that says so."""
    return _refund_told_of(shop, RefundState.DONE, "refund.failed", RefundState.FAILED)


def refund_that_is_done(shop: Shop) -> tuple[str, Callable[[], Answer]]:
    """An order whose refund was asked for and is done, and the callback that says so."""
    return _refund_told_of(shop, RefundState.PENDING, "refund.succeeded", RefundState.DONE)


def _refund_told_of(shop: Shop, first: RefundState, kind: str, state: RefundState) -> tuple[str, Callable[[], Answer]]:
    order_id, tell = late_money(shop)
    tell()
    shop.gateway.will("refund", first)
    shop.sweep()
    (refund,) = shop.head(order_id).refunds.values()
    capture = shop.gateway.money[refund.attempt_id]

    def told() -> Answer:
        shop.gateway.will("query_refund", *[state] * TRIES)
        return shop.callback(shop.gateway.signed(kind, refund.attempt_id, capture))

    return order_id, told


def assert_told_to_come_again(answer: Answer) -> None:
    assert (answer.status, answer.code, answer.headers["retry-after"]) == (503, "try-again", "2")


@pytest.mark.parametrize(
    ("situation", "status"),
    [
        (late_money, RefundStatus.DUE),
        (bounced_refund, RefundStatus.DUE),
        (refund_that_is_done, RefundStatus.REFUNDED),
    ],
)
def test_a_callback_that_found_no_place_is_not_acknowledged_and_counts_when_it_comes_again(
    situation: Callable[[Shop], tuple[str, Callable[[], Answer]]], status: RefundStatus, shop: Shop, crowd: Crowd
) -> None:
    order_id, tell = situation(shop)
    before = shop.head(order_id).refunds
    overtaken = crowd(TRIES)
    assert_told_to_come_again(tell())
    assert len(overtaken) == TRIES
    assert shop.head(order_id).refunds == before
    assert tell().status == 204
    (refund,) = shop.head(order_id).refunds.values()
    assert refund.status is status


def test_a_cancellation_that_found_no_place_is_told_so_and_succeeds_when_asked_again(shop: Shop, crowd: Crowd) -> None:
    order_id, attempt_id = shop.locked()
    shop.gateway.will("void", Transient("sandbox", "busy"))
    overtaken = crowd(TRIES)
    assert_told_to_come_again(shop.cancel_payment(order_id, attempt_id))
    assert len(shop.gateway.calls("void")) == 1, "what it answered stands while the attempt does"
    assert overtaken == ["await_release"] * TRIES
    assert shop.status(order_id) == "in_payment"
    assert shop.cancel_payment(order_id, attempt_id).status == 200
    assert shop.status(order_id) == "pending_payment"


def test_fewer_writers_than_that_are_not_even_noticed(shop: Shop, crowd: Crowd) -> None:
    order_id, tell = late_money(shop)
    crowd(TRIES - 1)
    assert tell().status == 204
    assert len(shop.head(order_id).refunds) == 1
