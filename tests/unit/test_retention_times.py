"""A finished order is kept for a time after its last event, and longer while its money is open."""

from dataclasses import replace
from datetime import timedelta

import pytest

from paylatch.domain.documents import order_from_document
from paylatch.domain.order import Order, PaymentStatus
from paylatch.domain.retention import SHORTEST_KEEP, is_over, next_retirement_check, was_settled
from paylatch.domain.tombstone import is_tombstone, retired_at_of, tombstone
from tests.transition_cases import START, head_of

KEEP = timedelta(days=90)
MOMENT = timedelta(seconds=1)
KEPT_UNTIL = START + KEEP


def order_in(status: PaymentStatus, state: str = "new") -> Order:
    return replace(order_from_document(head_of(state)), status=status)


@pytest.mark.parametrize("status", PaymentStatus)
def test_only_a_paid_or_cancelled_order_is_over(status: PaymentStatus) -> None:
    finished = status in (PaymentStatus.PAID, PaymentStatus.CANCELLED)
    assert is_over(order_in(status), KEEP, KEPT_UNTIL) is finished


def test_an_order_whose_money_is_open_is_not_over() -> None:
    assert not is_over(order_in(PaymentStatus.CANCELLED, "pending"), KEEP, KEPT_UNTIL)


@pytest.mark.parametrize(("before_its_end", "over"), [(MOMENT, False), (timedelta(0), True), (-MOMENT, True)])
def test_an_order_is_over_once_its_time_has_passed(before_its_end: timedelta, over: bool) -> None:
    assert is_over(order_in(PaymentStatus.PAID), KEEP, KEPT_UNTIL - before_its_end) is over


def test_an_order_is_looked_at_again_when_its_time_has_passed() -> None:
    assert next_retirement_check(order_in(PaymentStatus.PAID), KEEP, START + MOMENT) == KEPT_UNTIL


@pytest.mark.parametrize("late", [timedelta(0), MOMENT])
def test_an_order_that_is_still_open_then_is_looked_at_after_another_time(late: timedelta) -> None:
    assert next_retirement_check(order_in(PaymentStatus.PAID), KEEP, KEPT_UNTIL + late) == KEPT_UNTIL + late + KEEP


@pytest.mark.parametrize(("later", "settled"), [(-MOMENT, True), (timedelta(0), True), (MOMENT, False)])
def test_money_was_settled_that_came_the_shortest_time_before_the_retirement(later: timedelta, settled: bool) -> None:
    assert was_settled(START - SHORTEST_KEEP + later, START) is settled


def test_a_tombstone_follows_the_version_of_its_order_and_says_when_it_was_retired() -> None:
    order = order_in(PaymentStatus.PAID)
    left = tombstone(order, KEPT_UNTIL)
    assert is_tombstone(left)
    assert (left["version"], retired_at_of(left)) == (order.version + 1, KEPT_UNTIL)


def test_no_head_and_no_missing_one_is_a_tombstone() -> None:
    assert not is_tombstone(head_of("new"))
    assert not is_tombstone({})


def test_a_head_is_no_tombstone_whatever_a_later_release_adds_to_it() -> None:
    assert not is_tombstone({**head_of("new"), **tombstone(order_in(PaymentStatus.PAID), KEPT_UNTIL)})
