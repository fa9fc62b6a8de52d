"""A head keeps ten past attempts whole, and more only where money or a live link is expected of each, up to a bound."""

from dataclasses import replace
from datetime import timedelta
from typing import Any

import pytest

from paylatch.domain import transitions
from paylatch.domain.attempt_documents import past_attempt_document
from paylatch.domain.changes import changed
from paylatch.domain.documents import order_from_document
from paylatch.domain.ids import attempt_suffix
from paylatch.domain.money_documents import payment_document, refund_document
from paylatch.domain.order import Order
from paylatch.domain.payment import AttemptStatus, PastAttempt, PaymentPlace, Refund, RefundStatus
from paylatch.domain.release_reasons import ReleaseReason
from paylatch.domain.transitions.attempt_changes import KEPT_ATTEMPTS, captured_payment
from tests.transition_cases import (
    EXACT,
    LATER,
    NOW_PAYING,
    OLD,
    ORDER_ID,
    START,
    head_of,
    holder,
    refund_of,
    write_context,
)

PAST = [f"{ORDER_ID}_{number:08d}" for number in range(16)]
# What may be expected of an attempt, by what of it stands in the head.
EXPECTED = ("its link is live", "a refund is due", "a refund was refused", "a payment is claimed")


def past(number: int, **other: Any) -> PastAttempt:
    known = order_from_document(head_of("open")).past_attempts[OLD]
    since = START + timedelta(minutes=number)
    return replace(
        known, attempt_id=PAST[number], status=AttemptStatus.CANCELLED, since=since, **{"check_at": None, **other}
    )


def head_with(expected: dict[int, str]) -> dict[str, Any]:
    """A head with all past attempts, of some of which something is expected."""
    past_attempts, payments, refunds = {}, {}, {}
    for number, attempt_id in enumerate(PAST):
        why = expected.get(number, "")
        past_attempts[attempt_suffix(attempt_id)] = past_attempt_document(
            past(number, check_at=LATER if why == "its link is live" else None)
        )
        if "refund" in why or "claimed" in why:
            place = PaymentPlace.CLAIMED if "claimed" in why else PaymentPlace.REFUND
            capture = replace(EXACT, payment_id=f"pay-{number}")
            payments[capture.payment_id] = payment_document(
                captured_payment(attempt_id, "sandbox", capture, place, START)
            )
        if "refund" in why:
            refund = _refund(number, RefundStatus.DUE if "due" in why else RefundStatus.REFUSED)
            refunds[refund.refund_id] = refund_document(refund)
    return {**head_of("open"), "past_attempts": past_attempts, "payments": payments, "refunds": refunds}


def _refund(number: int, status: RefundStatus) -> Refund:
    return replace(refund_of(f"pay-{number}", PAST[number]), status=status)


def released(head: dict[str, Any]) -> Order:
    order = order_from_document(head)
    transition = transitions.release(order, holder(order), ReleaseReason.CANCELLED, None, write_context())
    return order_from_document(changed(head, transition.changes))


def test_attempts_beyond_ten_are_evicted_once_nothing_is_expected_of_them() -> None:
    """However many have gathered while something was."""
    order = released(head_with({}))
    assert set(order.past_attempts) == {*PAST[1 - KEPT_ATTEMPTS :], NOW_PAYING}
    assert order.evicted_attempt_ids == frozenset(PAST[: 1 - KEPT_ATTEMPTS])


@pytest.mark.parametrize("why", EXPECTED)
def test_what_something_is_expected_of_stays_and_makes_room_for_no_other(why: str) -> None:
    awaited = dict.fromkeys(range(0, 8, 2), why)
    order = released(head_with(awaited))
    assert {PAST[number] for number in awaited} <= set(order.past_attempts)
    assert len(order.past_attempts) == KEPT_ATTEMPTS
    assert set(order.past_attempts) | order.evicted_attempt_ids == {*PAST, NOW_PAYING}


@pytest.mark.parametrize("why", EXPECTED)
def test_more_than_ten_stay_only_where_something_is_expected_of_each(why: str) -> None:
    order = released(head_with(dict.fromkeys(range(12), why)))
    assert set(order.past_attempts) == {*PAST[:12], NOW_PAYING}
