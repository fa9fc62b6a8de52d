"""Money that leaves the sandbox by other hands than the shop's: refunds by hand, and disputes."""

import json
from datetime import timedelta
from typing import Any

import pytest
from sandbox_disputes import TIME_FOR_EVIDENCE, DisputeImpossible, disputed
from sandbox_misbehaviour import Fault, FaultKind, Misbehaviour, PaymentTwist
from sandbox_paying import advanced, paid
from sandbox_refunds import RefundImpossible, books, refunded, refunded_by_hand
from sandbox_sessions import DisputeStatus, Session
from sandbox_voids import voided

from tests.fakes.sandbox_terms import NOON, open_session

LATER = NOON + timedelta(minutes=1)
OPEN, WON, LOST = DisputeStatus.OPEN, DisputeStatus.WON, DisputeStatus.LOST


def told(session: Session) -> list[dict[str, Any]]:
    return [json.loads(delivery.body) for delivery in session.outbox]


def test_a_refund_by_hand_of_a_part_leaves_the_rest_and_is_told_with_all_that_was_returned() -> None:
    session = refunded_by_hand(refunded_by_hand(paid(open_session(), NOON), 990, LATER), 1000, LATER)
    ledger = books(session)
    assert (ledger["captured"], ledger["refunded"]) == (4990, 1990)
    assert [refund["by_hand"] for refund in ledger["refunds"]] == [True, True]
    assert [event["type"] for event in told(session)] == ["payment.succeeded", "payment.refunded", "payment.refunded"]
    assert [event["data"]["payment"]["returned"] for event in told(session)] == [0, 990, 1990]


def test_a_refund_by_hand_without_an_amount_is_of_all_that_is_left() -> None:
    session = refunded_by_hand(refunded_by_hand(paid(open_session(), NOON), 990, LATER), None, LATER)
    assert (books(session)["refunded"], session.held) == (4990, 0)


@pytest.mark.parametrize("amount", [None, 4991])
def test_what_is_not_held_cannot_be_refunded_by_hand(amount: int | None) -> None:
    with pytest.raises(RefundImpossible):
        refunded_by_hand(open_session() if amount is None else paid(open_session(), NOON), amount, LATER)


def test_a_refund_that_the_shop_asks_for_meets_what_is_left() -> None:
    session = refunded_by_hand(paid(open_session(), NOON), 990, LATER)
    with pytest.raises(RefundImpossible, match="4000"):
        refunded(session, "r1", 4990, None, LATER)
    assert refunded(session, "r1", 4000, None, LATER).held == 0


def test_a_refund_without_a_balance_for_it_is_not_made() -> None:
    with pytest.raises(RefundImpossible) as refused:
        refunded(paid(open_session(), NOON), "r1", 4990, Fault(FaultKind.NO_BALANCE), LATER)
    assert refused.value.code == "balance-too-low"


def test_a_dispute_that_is_open_keeps_the_money_and_stops_refunds() -> None:
    session = disputed(paid(open_session(), NOON), OPEN, 1000, LATER)
    assert (session.held, books(session)["lost"]) == (4990, 0)
    with pytest.raises(RefundImpossible) as refused:
        refunded(session, "r1", 1, None, LATER)
    assert refused.value.code == "payment-disputed"
    (_, event) = told(session)
    assert event["type"] == "dispute.opened"
    assert event["data"]["dispute"] | {"dispute_id": ""} == {
        "dispute_id": "",
        "amount": 1000,
        "status": "open",
        "evidence_due": (LATER + TIME_FOR_EVIDENCE).strftime("%Y-%m-%dT%H:%M:%S.000Z"),
    }


def test_a_dispute_that_is_lost_returns_its_amount() -> None:
    session = disputed(disputed(paid(open_session(), NOON), OPEN, 1000, LATER), LOST, None, LATER)
    assert (session.held, session.returned, books(session)["lost"], books(session)["refunded"]) == (3990, 1000, 1000, 0)
    assert told(session)[-1]["type"] == "dispute.lost"
    assert told(session)[-1]["data"]["payment"]["returned"] == 1000


def test_a_dispute_that_is_won_returns_nothing_and_lets_refunds_be_made() -> None:
    session = disputed(disputed(paid(open_session(), NOON), OPEN, None, LATER), WON, None, LATER)
    assert (session.held, session.returned) == (4990, 0)
    assert refunded(session, "r1", 4990, None, LATER).held == 0


def test_the_same_decision_again_changes_nothing() -> None:
    opened = disputed(paid(open_session(), NOON), OPEN, None, LATER)
    assert disputed(opened, OPEN, None, LATER) == opened
    lost = disputed(opened, LOST, None, LATER)
    assert disputed(lost, LOST, None, LATER) == lost


@pytest.mark.parametrize(("before", "after"), [((), WON), ((), LOST), ((OPEN, WON), LOST), ((OPEN, LOST), OPEN)])
def test_a_dispute_is_opened_once_and_ends_once(before: tuple[DisputeStatus, ...], after: DisputeStatus) -> None:
    session = paid(open_session(), NOON)
    for status in before:
        session = disputed(session, status, None, LATER)
    with pytest.raises(DisputeImpossible):
        disputed(session, after, None, LATER)


@pytest.mark.parametrize("amount", [4991, None])
def test_what_was_not_paid_cannot_be_disputed(amount: int | None) -> None:
    with pytest.raises(DisputeImpossible):
        disputed(open_session() if amount is None else paid(open_session(), NOON), OPEN, amount, LATER)


def test_an_event_is_dated_when_it_was_due_however_late_it_is_noticed() -> None:
    noticed = NOON + timedelta(hours=1)
    expired = told(advanced(open_session(), noticed))[-1]
    assert (expired["type"], expired["timestamp"]) == ("session.expired", "2026-11-24T12:15:00.000Z")
    slow = paid(open_session(Misbehaviour(payment=PaymentTwist(seconds=60))), NOON)
    settled = told(advanced(slow, noticed))[-1]
    assert (settled["type"], settled["timestamp"]) == ("payment.succeeded", "2026-11-24T12:01:00.000Z")


def test_a_void_is_told_by_a_callback_only_where_the_session_was_told_to() -> None:
    assert told(voided(open_session(), None, LATER)[0]) == []
    assert [event["type"] for event in told(voided(open_session(), FaultKind.ANNOUNCE, LATER)[0])] == ["session.closed"]
