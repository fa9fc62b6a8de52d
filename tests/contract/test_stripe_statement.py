"""Stripe's lists of a day: pages of its charges, refunds, disputes and events, as entries of a statement."""

from collections.abc import Iterator
from datetime import timedelta
from typing import Any, cast

import pytest

from paylatch.domain.errors import Misconfigured, OutcomeUnknown
from paylatch.domain.ids import derived_refund_id
from paylatch.domain.payment import Attempt, Capture, DisputeStatus
from paylatch.domain.statement import (
    ListedCapture,
    ListedDispute,
    ListedRefund,
    ListedState,
    Owner,
    StatementEntry,
    StatementKind,
)
from paylatch.ports import RefundState, StatementPage, StatementSource, StatementWindow
from tests.contract.gateway_drivers.stripe_driver import StripeDriver
from tests.fakes.loopback_server import json_reply

HOUR = timedelta(hours=1)


@pytest.fixture
def stripe() -> Iterator[StripeDriver]:
    with StripeDriver() as driver:
        yield driver


def listed(stripe: StripeDriver, kind: StatementKind, cursor: str | None = None) -> StatementPage:
    now = stripe.clock.now()
    window = StatementWindow(now - HOUR, now + HOUR)
    return cast("StatementSource", stripe.gateway).list_statement(kind, window, cursor)


def entries(stripe: StripeDriver, kind: StatementKind) -> tuple[StatementEntry, ...]:
    page = listed(stripe, kind)
    assert (page.cursor, page.unreadable) == (None, ())
    return page.entries


def owner_of(attempt: Attempt) -> Owner:
    return Owner(attempt.attempt_id)


def capture_of(stripe: StripeDriver, attempt: Attempt) -> Capture:
    capture = stripe.gateway.query(attempt).capture
    assert capture
    return capture


def test_a_charge_is_listed_with_its_attempt_and_what_was_refunded_of_it(stripe: StripeDriver) -> None:
    attempt = stripe.paid()
    stripe.refund_by_hand(attempt, 234)

    capture = capture_of(stripe, attempt)

    assert capture.returned == 234
    assert entries(stripe, StatementKind.CAPTURES) == (ListedCapture(capture, owner_of(attempt), stripe.clock.now()),)


@pytest.mark.parametrize("situation", ["delayed payment under way", "delayed payment failed", "open"])
def test_what_captured_nothing_is_not_listed(stripe: StripeDriver, situation: str) -> None:
    stripe.attempt_in(situation)

    assert entries(stripe, StatementKind.CAPTURES) == ()


def test_a_payment_of_days_is_listed_when_it_succeeds(stripe: StripeDriver) -> None:
    attempt = stripe.attempt_in("delayed payment under way")
    stripe.clock.advance(timedelta(days=3))
    session = stripe.peer.pay(attempt.attempt_id)
    document = {**session, "payment_intent": session["payment_intent"]["id"]}
    stripe.peer.record_event("checkout.session.async_payment_succeeded", document)

    (entry,) = entries(stripe, StatementKind.CHANGES)

    assert entry == ListedCapture(capture_of(stripe, attempt), owner_of(attempt), stripe.clock.now())


def test_a_refund_of_ours_is_listed_under_our_refund_id(stripe: StripeDriver) -> None:
    attempt = stripe.paid()
    refund = stripe.refund_of(attempt, capture_of(stripe, attempt))
    assert stripe.gateway.refund(refund) is RefundState.DONE

    (entry,) = entries(stripe, StatementKind.REFUNDS)

    assert isinstance(entry, ListedRefund)
    assert (entry.refund_id, entry.is_ours) == (derived_refund_id(attempt.attempt_id, refund.payment_id), True)
    assert (entry.state, entry.owner) == (ListedState.DONE, owner_of(attempt))


def test_a_refund_by_hand_is_recognised_by_its_charge(stripe: StripeDriver) -> None:
    attempt = stripe.paid()
    stripe.refund_by_hand(attempt, 234)

    (entry,) = entries(stripe, StatementKind.REFUNDS)

    assert isinstance(entry, ListedRefund)
    assert (entry.is_ours, entry.owner) == (False, owner_of(attempt))
    assert entry.capture == capture_of(stripe, attempt)


REFUND_STATES = {
    "succeeded": ListedState.DONE,
    "pending": ListedState.UNDER_WAY,
    "requires_action": ListedState.UNDER_WAY,
    "failed": ListedState.FAILED,
    "canceled": ListedState.FAILED,
}


@pytest.mark.parametrize("status", REFUND_STATES)
def test_each_status_of_a_refund(stripe: StripeDriver, status: str) -> None:
    stripe.refund_by_hand(stripe.paid(), 234)
    stripe.peer.refunds[0]["status"] = status

    (entry,) = entries(stripe, StatementKind.REFUNDS)

    assert isinstance(entry, ListedRefund)
    assert entry.state is REFUND_STATES[status]


def test_a_refund_that_fails_weeks_later_is_listed_among_the_changes(stripe: StripeDriver) -> None:
    stripe.refund_by_hand(stripe.paid(), 234)
    stripe.clock.advance(timedelta(days=20))
    (refund,) = stripe.peer.refunds
    stripe.peer.fail(refund)
    stripe.peer.record_event("refund.failed", refund)

    (entry,) = entries(stripe, StatementKind.CHANGES)

    assert isinstance(entry, ListedRefund)
    # An event does not show the charge: whose it is, the gateway is asked.
    assert (entry.state, entry.owner, entry.at) == (ListedState.FAILED, Owner(), stripe.clock.now())


def test_a_dispute_is_recognised_by_its_charge(stripe: StripeDriver) -> None:
    attempt = stripe.paid()
    stripe.peer.dispute(attempt.attempt_id, "needs_response", 500)

    (entry,) = entries(stripe, StatementKind.DISPUTES)

    assert isinstance(entry, ListedDispute)
    assert (entry.dispute.status, entry.dispute.amount) == (DisputeStatus.OPEN, 500)
    assert (entry.owner, entry.payment_id) == (owner_of(attempt), capture_of(stripe, attempt).payment_id)


def test_a_dispute_that_is_lost_weeks_later_is_listed_among_the_changes(stripe: StripeDriver) -> None:
    attempt = stripe.paid()
    dispute = stripe.peer.dispute(attempt.attempt_id, "needs_response", 500)
    stripe.clock.advance(timedelta(days=40))
    stripe.peer.record_event("charge.dispute.closed", {**dispute, "status": "lost"})

    (entry,) = entries(stripe, StatementKind.CHANGES)

    assert isinstance(entry, ListedDispute)
    assert (entry.dispute.status, entry.owner, entry.at) == (DisputeStatus.LOST, Owner(), stripe.clock.now())


@pytest.mark.parametrize(
    ("metadata", "reason"),
    [({}, "it names no attempt"), ({"attempt_id": "cart_1"}, "no attempt"), ({"stack": "other"}, "the stack other")],
)
def test_a_charge_of_others_is_foreign(stripe: StripeDriver, metadata: dict[str, str], reason: str) -> None:
    attempt = stripe.paid()
    charge = stripe.peer.session_of(attempt.attempt_id)["payment_intent"]["latest_charge"]
    charge["metadata"] = metadata

    (entry,) = entries(stripe, StatementKind.CAPTURES)

    assert reason in entry.owner.foreign


def test_a_charge_that_names_no_stack_says_so(stripe: StripeDriver) -> None:
    attempt = stripe.paid()
    charge = stripe.peer.session_of(attempt.attempt_id)["payment_intent"]["latest_charge"]
    charge["metadata"] = {"attempt_id": attempt.attempt_id}

    (entry,) = entries(stripe, StatementKind.CAPTURES)

    assert entry.owner == Owner(attempt.attempt_id, stack_named=False)


def test_pages_hold_a_hundred_and_each_charge_is_on_one(stripe: StripeDriver) -> None:
    names = {stripe.paid().attempt_id for _ in range(103)}
    stripe.server.asked.clear()

    first = listed(stripe, StatementKind.CAPTURES)
    second = listed(stripe, StatementKind.CAPTURES, first.cursor)

    assert (len(first.entries), len(second.entries), second.cursor) == (100, 3, None)
    assert {entry.owner.attempt_id for page in (first, second) for entry in page.entries} == names
    assert len(stripe.server.asked) == 2


@pytest.mark.parametrize("seconds", [-1, 7200])
def test_what_was_made_outside_the_window_is_not_listed(stripe: StripeDriver, seconds: int) -> None:
    attempt = stripe.paid()
    charge = stripe.peer.session_of(attempt.attempt_id)["payment_intent"]["latest_charge"]
    charge["created"] = int((stripe.clock.now() - HOUR).timestamp()) + seconds

    assert entries(stripe, StatementKind.CAPTURES) == ()


@pytest.mark.parametrize(
    "change",
    [{"amount_captured": -1}, {"currency": "points"}, {"amount_refunded": "much"}, {"payment_intent": "with spaces"}],
)
def test_an_entry_that_cannot_be_read_is_named_and_hides_no_other(stripe: StripeDriver, change: dict[str, Any]) -> None:
    stripe.paid()
    page_before = listed(stripe, StatementKind.CAPTURES)
    attempt = stripe.paid()
    charge = stripe.peer.session_of(attempt.attempt_id)["payment_intent"]["latest_charge"]
    charge.update(change)

    page = listed(stripe, StatementKind.CAPTURES)

    assert page.entries == page_before.entries
    assert page.unreadable == (charge["id"],)


def test_a_key_that_may_not_list_is_a_misconfiguration(stripe: StripeDriver) -> None:
    stripe.refuse_credentials()

    with pytest.raises(Misconfigured):
        listed(stripe, StatementKind.CAPTURES)


def test_a_list_without_an_answer_is_unknown_and_not_empty(stripe: StripeDriver) -> None:
    stripe.server.failing = 503

    with pytest.raises(OutcomeUnknown):
        listed(stripe, StatementKind.CAPTURES)


def test_an_answer_without_a_list_is_unknown_and_not_empty(stripe: StripeDriver) -> None:
    stripe.server.answers = lambda _: json_reply({"object": "list"})

    with pytest.raises(OutcomeUnknown):
        listed(stripe, StatementKind.CAPTURES)
