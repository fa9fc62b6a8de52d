"""The walk leads to each state of the payment page, and knows in each which pages are false."""

from collections.abc import Mapping
from dataclasses import replace
from datetime import datetime, timedelta

import pytest
from pay_page.order_view import JUST_PAID_LASTS
from pay_page.page_view import PageState

from paylatch.domain.cancellation import CancellationReason
from paylatch.domain.order import Content, Order, PaymentStatus
from paylatch.domain.payment import AttemptStatus
from paylatch.runtime.response_models import order_response
from paylatch.use_cases.read_order import WholeOrder
from tests.pages import sample_orders as samples
from tests.pages.sample_orders import DEADLINE, NOW
from tests.walk.oracle import OrderReading, contradictions, possible_states
from tests.walk.shown_page import ShownPage
from tests.walk.ways import ways

# Alike for the order: they differ in whether the payer saw an earlier revision.
_ALIKE = frozenset({PageState.OWED, PageState.CHANGED})


def orders() -> Mapping[PageState, Order]:
    """An order in each state."""
    closing = samples.attempt(AttemptStatus.CLOSING)
    return {
        PageState.OWED: samples.order(),
        PageState.CHANGED: samples.order(revision=2),
        PageState.OPENING: samples.in_payment(AttemptStatus.OPENING),
        PageState.BEING_PAID: samples.in_payment(AttemptStatus.OPEN),
        PageState.STOPPING: samples.order(PaymentStatus.RELEASING, attempt=closing, attempts_made=1),
        PageState.PROCESSING: samples.in_payment(AttemptStatus.PROCESSING),
        PageState.JUST_PAID: samples.paid(),
        PageState.PAID: samples.paid(at=NOW - 2 * JUST_PAID_LASTS),
        PageState.PARTLY_REFUNDED: samples.paid(returned=1250),
        PageState.REFUNDED: samples.paid(returned=samples.TOTAL),
        PageState.UNDER_REVIEW: samples.in_review(),
        PageState.NOT_PAYABLE: samples.order(payable=False),
        PageState.TOO_MANY_ATTEMPTS: samples.order(),
        PageState.CANCELLED: samples.ended(),
        PageState.EXPIRED: samples.ended(CancellationReason.EXPIRED),
    }


def reading(state: PageState) -> OrderReading:
    order = orders()[state]
    content = replace(samples.CONTENT, payable=order.payable)
    return reading_of(order, content, out_of_attempts=state is PageState.TOO_MANY_ATTEMPTS)


def reading_of(order: Order, content: Content, *, out_of_attempts: bool = False) -> OrderReading:
    return OrderReading(
        order_response(WholeOrder(order, content), NOW), order.version, NOW.timestamp(), out_of_attempts
    )


def states_at(at: datetime, order: Order, content: Content = samples.CONTENT) -> set[str]:
    return set(possible_states(reading_of(order, content), at.timestamp()))


def test_the_walk_has_a_way_to_each_state() -> None:
    assert set(ways()) == set(PageState)


@pytest.mark.parametrize("state", PageState)
def test_a_page_of_any_other_state_is_reported(state: PageState) -> None:
    others = set(PageState) - (_ALIKE if state in _ALIKE else {state})
    reported = {
        other
        for other in others
        for finding in contradictions(reading(state), ShownPage("/", state=other, read_at=NOW.timestamp()))
        if finding.startswith(f"it shows {other}, the order is ")
    }
    assert reported == others


@pytest.mark.parametrize("state", PageState)
def test_the_page_of_the_order_s_own_state_is_not_reported(state: PageState) -> None:
    assert state in possible_states(reading(state), NOW.timestamp())


def test_an_order_is_just_paid_for_a_quarter_of_an_hour() -> None:
    order, end = samples.paid(), NOW + JUST_PAID_LASTS
    seen = [states_at(end + timedelta(seconds=seconds), order) for seconds in (-10, 0, 10)]
    assert seen == [{"just_paid"}, {"just_paid", "paid"}, {"paid"}]


def test_an_order_whose_time_to_pay_has_passed_is_expired() -> None:
    content = replace(samples.CONTENT, pay_by=DEADLINE)
    seen = [
        states_at(DEADLINE + timedelta(seconds=seconds), samples.order(pay_by=DEADLINE), content)
        for seconds in (-10, 10)
    ]
    assert seen == [set(_ALIKE), {"expired"}]
