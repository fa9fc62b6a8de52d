"""The contract of `OrderStore`, for the store in memory and the one on DynamoDB."""

from collections.abc import Callable
from dataclasses import replace
from datetime import timedelta

import pytest

from paylatch.domain.changes import changed
from paylatch.domain.documents import order_from_document
from paylatch.domain.errors import OrderUnreadable
from paylatch.domain.guards import broken_clauses
from paylatch.domain.order import Order
from paylatch.domain.payment import RefundStatus
from paylatch.domain.transitions import STATE_TABLE, owe_refund, refunded, settle
from paylatch.ports import Applied, Rejected
from tests.contract.store_drivers import StoreDriver
from tests.transition_cases import (
    EXACT,
    ORDER_ID,
    START,
    STATES,
    aimed_at,
    entry_of,
    fitting,
    head_of,
    paid_back,
    refund_of,
    write_context,
)
from tests.unsatisfied_clauses import CLAUSES, clause_id, falsified

PAIRS = [(row, state) for row in STATE_TABLE for state in STATES]
# A gateway's payment id may be any text.
ODD_NAMES = ["a.b", "a:b", "#0", ":0", "a b", "pay-1/2", "支付", "a[0]", "[0]", "a]b", '"', "'", "x" * 200]


@pytest.mark.parametrize(("row", "state"), PAIRS)
def test_a_transition_has_the_same_outcome_as_its_guard_and_changes_say(
    store_driver: StoreDriver, row: str, state: str
) -> None:
    head, transition = head_of(state), aimed_at(row, state)
    if head:
        store_driver.put_head(ORDER_ID, head)
    outcome = store_driver.store.apply(ORDER_ID, transition)
    if broken_clauses(transition.guard, head):
        assert outcome == Rejected(order_from_document(head) if head else None)
        assert (store_driver.head(ORDER_ID) or {}) == head
    else:
        after = changed(head, transition.changes)
        assert outcome == Applied(order_from_document(after))
        assert store_driver.head(ORDER_ID) == after
    assert store_driver.store.read_head(ORDER_ID) == outcome.order


def as_read(read: Callable[[], Order | None]) -> Order | str | None:
    """What is read, or whose order it is that cannot be: another storage format refuses, and is not understood."""
    try:
        return read()
    except OrderUnreadable as error:
        return f"unreadable: {error.order_id}"


@pytest.mark.parametrize(("row", "number"), CLAUSES, ids=[clause_id(*case) for case in CLAUSES])
def test_a_head_that_breaks_one_clause_refuses_and_is_handed_over(
    store_driver: StoreDriver, row: str, number: int
) -> None:
    head, transition = fitting(row)
    broken = falsified(head, transition.guard[number])
    if broken:
        store_driver.put_head(ORDER_ID, broken)
    outcome = store_driver.store.apply(ORDER_ID, transition)
    assert isinstance(outcome, Rejected)
    assert as_read(lambda: outcome.order) == as_read(lambda: order_from_document(broken) if broken else None)
    assert (store_driver.head(ORDER_ID) or {}) == broken


@pytest.mark.parametrize("row", STATE_TABLE)
def test_a_write_whose_answer_was_lost_is_recognised_as_the_writers_own(store_driver: StoreDriver, row: str) -> None:
    head, transition = fitting(row)
    if head:
        store_driver.put_head(ORDER_ID, head)
    first = store_driver.store.apply(ORDER_ID, transition)
    assert isinstance(first, Applied)
    assert store_driver.store.apply(ORDER_ID, transition) == first
    assert first.order.version == (head.get("version", 0) + 1)


def test_the_same_intent_of_another_writer_is_not_taken_for_ones_own(store_driver: StoreDriver) -> None:
    store_driver.put_head(ORDER_ID, head_of("open"))
    mine = fitting("settle")[1]
    theirs = settle(entry_of(EXACT), None, write_context("gateway:sandbox"))
    assert isinstance(store_driver.store.apply(ORDER_ID, theirs), Applied)
    refused = store_driver.store.apply(ORDER_ID, mine)
    assert isinstance(refused, Rejected)
    assert refused.order is not None
    assert refused.order.last_event.write_id == theirs.event.write_id


def test_there_is_no_head_before_an_order_is_created(store_driver: StoreDriver) -> None:
    assert store_driver.store.read_head(ORDER_ID) is None


@pytest.mark.parametrize("payment_id", ODD_NAMES)
def test_money_under_any_name_finds_its_place(store_driver: StoreDriver, payment_id: str) -> None:
    store_driver.put_head(ORDER_ID, head_of("pending"))
    order = order_from_document(head_of("pending"))
    owed = store_driver.store.apply(
        ORDER_ID, owe_refund(order, paid_back(payment_id), refund_of(payment_id), write_context())
    )
    assert isinstance(owed, Applied)
    assert owed.order.payments[payment_id] == paid_back(payment_id)
    refund = owed.order.refunds[refund_of(payment_id).refund_id]
    done = store_driver.store.apply(ORDER_ID, refunded(owed.order, refund, write_context()))
    assert isinstance(done, Applied)
    assert done.order.refunds[refund.refund_id] == replace(refund, status=RefundStatus.REFUNDED)
    assert done.order.payments[payment_id].returned == 2500


def test_a_timestamp_is_stored_to_the_millisecond(store_driver: StoreDriver) -> None:
    store_driver.put_head(ORDER_ID, head_of("new"))
    order = store_driver.store.read_head(ORDER_ID)
    assert order is not None
    assert order.created_at == START
    assert order.created_at.utcoffset() == timedelta(0)
