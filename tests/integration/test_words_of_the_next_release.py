"""Enumeration values of a later release: this release handles an order that has them safely."""

from collections.abc import Mapping
from datetime import timedelta
from typing import Any

import pytest

from paylatch.ports import RefundState, VoidAnswer, VoidKind
from paylatch.store.connection import TableConnection
from tests.integration.head_edits import edit_head, head_of_order
from tests.integration.shop import TTL, Shop


def _with_attempt(head: Mapping[str, Any], **fields: str) -> dict[str, Any]:
    return {**head, "attempt": {**head["attempt"], **fields}}


def test_a_release_because_the_order_expired_ends_the_attempt_by_time(
    shop: Shop, orders_table: TableConnection
) -> None:
    order_id, attempt_id = shop.locked()
    shop.gateway.answer_with("void", VoidAnswer(VoidKind.IN_PROGRESS))
    shop.cancel_payment(order_id, attempt_id)
    edit_head(orders_table, order_id, lambda head: _with_attempt(head, reason="expired"))
    shop.clock.advance(TTL)
    shop.sweep()
    assert shop.head(order_id).past_attempts[attempt_id].status == "timed_out"
    assert (shop.head(order_id).last_event.detail or {})["reason"] == "expired"


def test_a_refund_that_was_asked_for_under_an_id_of_its_own_is_made_under_it(
    shop: Shop, orders_table: TableConnection
) -> None:
    order_id, attempt_id = shop.locked()
    shop.money(attempt_id)
    refund_id, now = f"{order_id}_S0123456789AB", shop.clock.now().isoformat(timespec="milliseconds")
    timestamp = now.replace("+00:00", "Z")

    def asked_for(head: Mapping[str, Any]) -> dict[str, Any]:
        refund = {
            "payment_id": head["attempt"]["captured_payment"],
            "amount": 100,
            "status": "due",
            "reason": "a cup was broken",
            "since": timestamp,
            "next_at": timestamp,
            "tries": 0,
        }
        return {**head, "refunds": {refund_id: refund}, "follow_up_at": timestamp}

    edit_head(orders_table, order_id, asked_for)
    shop.gateway.answer_with("refund", RefundState.DONE)
    shop.sweep()
    assert [refund.refund_id for refund in shop.gateway.calls("refund")] == [refund_id]
    stored = head_of_order(orders_table, order_id)
    assert {key: refund["status"] for key, refund in stored["refunds"].items()} == {refund_id: "refunded"}
    assert shop.status(order_id) == "paid"


@pytest.mark.parametrize("found", [0, 2, 10**6])
def test_an_order_in_another_format_is_refused_by_name_and_nothing_is_written(
    shop: Shop, orders_table: TableConnection, found: int
) -> None:
    order_id, attempt_id = shop.locked()
    other, _ = shop.locked("another")
    edit_head(orders_table, order_id, lambda head: {**head, "format": found})
    before = head_of_order(orders_table, order_id)
    answers = [
        shop.read(order_id),
        shop.pay(order_id),
        shop.pay(order_id, "once-more"),
        shop.edit_to_three_packets(order_id, 1),
        shop.cancel_payment(order_id, attempt_id),
        shop.call("order_cancel", order_id),
        shop.operator("recheck", order_id, attempt_id),
    ]
    assert {answer.code for answer in answers} == {"order-unreadable"}
    shop.money(attempt_id)
    shop.clock.advance(TTL + timedelta(minutes=1))
    shop.sweep()
    assert head_of_order(orders_table, order_id) == before
    assert shop.status(other) == "pending_payment", "and no other order waits for it"
