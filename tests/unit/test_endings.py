"""When an order was paid, or ended unpaid and why: as its head says, or else its payment and its last event."""

from dataclasses import replace
from datetime import timedelta

import pytest

from paylatch.domain.cancellation import Cancellation, CancellationReason
from paylatch.domain.documents import order_from_document
from paylatch.domain.endings import cancellation_of, paid_at_of
from paylatch.domain.ledger import settled_payment
from paylatch.domain.order import Order, PaymentStatus
from tests.transition_cases import START, head_of

LATER = START + timedelta(hours=1)
EXPIRED = CancellationReason.EXPIRED


def order_in(state: str) -> Order:
    return order_from_document(head_of(state))


def test_an_order_was_paid_when_its_head_says_so() -> None:
    assert paid_at_of(replace(order_in("paid"), paid_at=LATER)) == LATER


def test_an_order_of_an_earlier_release_was_paid_when_its_payment_was_recorded() -> None:
    order = replace(order_in("paid"), paid_at=None)
    payment = settled_payment(order)
    assert payment is not None
    later = replace(payment, since=LATER)
    assert paid_at_of(replace(order, payments={**order.payments, payment.payment_id: later})) == LATER


def test_an_order_that_cost_nothing_was_paid_when_its_attempt_began() -> None:
    order = replace(order_in("paid_free"), paid_at=None)
    assert order.attempt is not None
    assert paid_at_of(replace(order, attempt=replace(order.attempt, since=LATER))) == LATER
    assert paid_at_of(replace(order, attempt=None)) is None


@pytest.mark.parametrize("status", [status for status in PaymentStatus if status is not PaymentStatus.PAID])
def test_an_order_that_is_not_paid_was_paid_at_no_time(status: PaymentStatus) -> None:
    assert paid_at_of(replace(order_in("paid"), status=status, paid_at=None)) is None


@pytest.mark.parametrize("reason", CancellationReason)
def test_an_order_ended_unpaid_as_its_head_says_whatever_came_last(reason: CancellationReason) -> None:
    recorded = Cancellation(LATER, reason)
    for state in ("cancelled", "expired", "pending"):
        assert cancellation_of(replace(order_in(state), cancelled=recorded)) == recorded


@pytest.mark.parametrize(("state", "reason"), [("cancelled", CancellationReason.REQUESTED), ("expired", EXPIRED)])
def test_of_an_order_of_an_earlier_release_the_last_event_says_why_it_ended(
    state: str, reason: CancellationReason
) -> None:
    order = order_in(state)
    last = replace(order.last_event, at=LATER)
    assert cancellation_of(replace(order, cancelled=None, last_event=last)) == Cancellation(LATER, reason)


def test_without_either_nothing_is_known_of_its_end() -> None:
    other = order_in("pending").last_event
    assert cancellation_of(replace(order_in("expired"), cancelled=None, last_event=other)) is None
