"""Eight competing writes in a row: the caller is asked to try again, and nothing is lost."""

from collections.abc import Callable
from dataclasses import replace

import pytest

from local.api_client import ApiResponse
from paylatch.domain.errors import Transient
from paylatch.domain.limits import TRIES
from paylatch.domain.payment import RefundStatus
from paylatch.domain.transitions import Transition
from paylatch.ports import Applied, RefundState, Rejected
from paylatch.store.connection import TableConnection
from paylatch.store.dynamodb import DynamoOrderStore
from paylatch.store.keys import HEAD
from tests.integration.personal_orders import erase
from tests.integration.shop import Shop
from tests.orders_table import client_of

CompetingWrites = Callable[[int], list[str]]


@pytest.fixture
def competing_writes(orders_table: TableConnection, monkeypatch: pytest.MonkeyPatch) -> CompetingWrites:
    """Sets how many writes a competing write precedes; returns the list of them."""
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


def late_money(shop: Shop) -> tuple[str, Callable[[], ApiResponse]]:
    """An order whose money comes too late, and the callback that reports it."""
    order_id, attempt_id = shop.locked("old")
    shop.cancel_payment(order_id, attempt_id)
    shop.edit_to_three_packets(order_id, 1)
    capture = shop.gateway.capture_payment(attempt_id)
    return order_id, lambda: shop.callback(shop.gateway.signed("payment.succeeded", attempt_id, capture))


def failed_refund(shop: Shop) -> tuple[str, Callable[[], ApiResponse]]:
    """An order whose refund failed, and the callback that reports it."""
    return _refund_with_callback(shop, RefundState.DONE, "refund.failed", RefundState.FAILED)


def refund_that_is_done(shop: Shop) -> tuple[str, Callable[[], ApiResponse]]:
    """An order whose requested refund succeeded, and the callback that reports it."""
    return _refund_with_callback(shop, RefundState.PENDING, "refund.succeeded", RefundState.DONE)


def _refund_with_callback(
    shop: Shop, first: RefundState, kind: str, state: RefundState
) -> tuple[str, Callable[[], ApiResponse]]:
    order_id, send_callback = late_money(shop)
    send_callback()
    shop.gateway.answer_with("refund", first)
    shop.sweep()
    (refund,) = shop.head(order_id).refunds.values()
    capture = shop.gateway.money[refund.attempt_id]

    def callback() -> ApiResponse:
        shop.gateway.answer_with("query_refund", *[state] * TRIES)
        return shop.callback(shop.gateway.signed(kind, refund.attempt_id, capture))

    return order_id, callback


def assert_retry_requested(answer: ApiResponse) -> None:
    assert (answer.status, answer.code, answer.headers["retry-after"]) == (503, "try-again", "2")


@pytest.mark.parametrize(
    ("situation", "status"),
    [
        (late_money, RefundStatus.DUE),
        (failed_refund, RefundStatus.DUE),
        (refund_that_is_done, RefundStatus.REFUNDED),
    ],
)
def test_a_callback_that_loses_every_write_is_not_acknowledged_and_works_on_redelivery(
    situation: Callable[[Shop], tuple[str, Callable[[], ApiResponse]]],
    status: RefundStatus,
    shop: Shop,
    competing_writes: CompetingWrites,
) -> None:
    order_id, send_callback = situation(shop)
    before = shop.head(order_id).refunds
    overtaken = competing_writes(TRIES)
    assert_retry_requested(send_callback())
    assert len(overtaken) == TRIES
    assert shop.head(order_id).refunds == before
    assert send_callback().status == 204
    (refund,) = shop.head(order_id).refunds.values()
    assert refund.status is status


def test_a_cancellation_that_loses_every_write_is_503_and_succeeds_on_retry(
    shop: Shop, competing_writes: CompetingWrites
) -> None:
    order_id, attempt_id = shop.locked()
    shop.gateway.answer_with("void", Transient("sandbox", "busy"))
    overtaken = competing_writes(TRIES)
    assert_retry_requested(shop.cancel_payment(order_id, attempt_id))
    assert len(shop.gateway.calls("void")) == 1, "what it answered stands while the attempt does"
    assert overtaken == ["await_release"] * TRIES
    assert shop.status(order_id) == "in_payment"
    assert shop.cancel_payment(order_id, attempt_id).status == 200
    assert shop.status(order_id) == "pending_payment"


def test_fewer_competing_writes_have_no_visible_effect(shop: Shop, competing_writes: CompetingWrites) -> None:
    order_id, send_callback = late_money(shop)
    competing_writes(TRIES - 1)
    assert send_callback().status == 204
    assert len(shop.head(order_id).refunds) == 1


def contents(shop: Shop, table: TableConnection, order_id: str) -> list[str]:
    """The contents that the order's items hold."""
    found = client_of(table).query(
        TableName=table.table,
        KeyConditionExpression="pk = :pk AND begins_with(sk, :content)",
        ExpressionAttributeValues={":pk": {"S": f"ORDER#{order_id}"}, ":content": {"S": "CONTENT#"}},
    )
    return [item["sk"]["S"].removeprefix("CONTENT#") for item in found["Items"]]


def test_an_edit_that_loses_every_write_is_503_and_leaves_no_content(
    shop: Shop, competing_writes: CompetingWrites, orders_table: TableConnection
) -> None:
    order_id = shop.create()
    competing_writes(TRIES)
    assert_retry_requested(shop.edit_to_three_packets(order_id, 1))
    assert contents(shop, orders_table, order_id) == [shop.head(order_id).content_id]
    assert shop.edit_to_three_packets(order_id, 1).status == 200


def test_a_stop_and_change_that_loses_every_write_is_503_and_leaves_no_content(
    shop: Shop, competing_writes: CompetingWrites, orders_table: TableConnection
) -> None:
    order_id, attempt_id = shop.locked()
    competing_writes(TRIES)
    assert_retry_requested(shop.stop_and_change(order_id, attempt_id))
    assert contents(shop, orders_table, order_id) == [shop.head(order_id).content_id]
    assert shop.stop_and_change(order_id, attempt_id).status == 200


def over(shop: Shop) -> str:
    """An order that may be erased."""
    order_id = shop.create()
    shop.call("order_cancel", order_id)
    return order_id


def test_an_erasure_that_loses_every_write_is_503_and_leaves_no_content(
    shop: Shop, competing_writes: CompetingWrites, orders_table: TableConnection
) -> None:
    order_id = over(shop)
    competing_writes(TRIES)
    assert_retry_requested(erase(shop, order_id))
    assert contents(shop, orders_table, order_id) == [shop.head(order_id).content_id]
    assert erase(shop, order_id).status == 200


def test_content_of_an_erasure_whose_tries_may_still_take_effect_is_kept(
    shop: Shop, orders_table: TableConnection, monkeypatch: pytest.MonkeyPatch
) -> None:
    order_id = over(shop)
    head = shop.head(order_id)
    with monkeypatch.context() as patch:
        patch.setattr(DynamoOrderStore, "apply", lambda *_: Rejected(head))
        assert_retry_requested(erase(shop, order_id))
    assert len(contents(shop, orders_table, order_id)) == 2


def test_content_of_an_edit_whose_tries_may_still_take_effect_is_kept(
    shop: Shop, orders_table: TableConnection, monkeypatch: pytest.MonkeyPatch
) -> None:
    order_id = shop.create()
    head = shop.head(order_id)
    with monkeypatch.context() as patch:
        patch.setattr(DynamoOrderStore, "apply", lambda *_: Rejected(head))
        assert_retry_requested(shop.edit_to_three_packets(order_id, 1))
    assert len(contents(shop, orders_table, order_id)) == 2


def test_the_last_of_eight_tries_counts_though_its_response_was_lost_and_another_write_followed(
    shop: Shop, competing_writes: CompetingWrites, monkeypatch: pytest.MonkeyPatch
) -> None:
    order_id = shop.create()
    competing_writes(TRIES - 1)
    apply, tries = DynamoOrderStore.apply, []

    def with_the_last_response_lost(store: DynamoOrderStore, order: str, planned: Transition) -> Applied | Rejected:
        tries.append(planned.name)
        outcome = apply(store, order, planned)
        if len(tries) == TRIES:
            head = shop.head(order_id)
            return Rejected(replace(head, version=head.version + 1))
        return outcome

    monkeypatch.setattr(DynamoOrderStore, "apply", with_the_last_response_lost)
    assert shop.edit_to_three_packets(order_id, 1).status == 200
    assert tries == ["edit"] * TRIES
