"""Money that leaves the sandbox without the shop's refunds: manual refunds, and disputes."""

import json
from datetime import timedelta
from typing import Any

import pytest
from sandbox.disputes import TIME_FOR_EVIDENCE, DisputeImpossible, disputed
from sandbox.fault_plan import Fault, FaultKind, FaultPlan, PaymentFault
from sandbox.paying import advanced, paid
from sandbox.refunds import RefundImpossible, ledger_of, refunded, refunded_by_hand
from sandbox.sessions import DisputeStatus, Session
from sandbox.voids import voided

from tests.fakes.sandbox_samples import NOON, open_session

LATER = NOON + timedelta(minutes=1)
OPEN, WON, LOST = DisputeStatus.OPEN, DisputeStatus.WON, DisputeStatus.LOST


def webhooks_of(session: Session) -> list[dict[str, Any]]:
    return [json.loads(delivery.body) for delivery in session.outbox]


def test_a_partial_manual_refund_leaves_the_rest_and_reports_the_total_returned() -> None:
    session = refunded_by_hand(refunded_by_hand(paid(open_session(), NOON), 990, LATER), 1000, LATER)
    totals = ledger_of(session)
    assert (totals["captured"], totals["refunded"]) == (4990, 1990)
    assert [refund["manually_returned"] for refund in totals["refunds"]] == [True, True]
    assert [event["type"] for event in webhooks_of(session)] == [
        "payment.succeeded",
        "payment.refunded",
        "payment.refunded",
    ]
    assert [event["data"]["payment"]["returned"] for event in webhooks_of(session)] == [0, 990, 1990]


def test_a_manual_refund_without_amount_returns_all_that_is_left() -> None:
    session = refunded_by_hand(refunded_by_hand(paid(open_session(), NOON), 990, LATER), None, LATER)
    assert (ledger_of(session)["refunded"], session.held) == (4990, 0)


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
    assert (session.held, ledger_of(session)["lost"]) == (4990, 0)
    with pytest.raises(RefundImpossible) as refused:
        refunded(session, "r1", 1, None, LATER)
    assert refused.value.code == "payment-disputed"
    (_, event) = webhooks_of(session)
    assert event["type"] == "dispute.opened"
    assert event["data"]["dispute"] | {"dispute_id": ""} == {
        "dispute_id": "",
        "amount": 1000,
        "status": "open",
        "evidence_due": (LATER + TIME_FOR_EVIDENCE).strftime("%Y-%m-%dT%H:%M:%S.000Z"),
    }


def test_a_dispute_that_is_lost_returns_its_amount() -> None:
    session = disputed(disputed(paid(open_session(), NOON), OPEN, 1000, LATER), LOST, None, LATER)
    assert (session.held, session.returned, ledger_of(session)["lost"], ledger_of(session)["refunded"]) == (
        3990,
        1000,
        1000,
        0,
    )
    assert webhooks_of(session)[-1]["type"] == "dispute.lost"
    assert webhooks_of(session)[-1]["data"]["payment"]["returned"] == 1000


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


def test_an_event_has_the_time_it_was_due_however_late_the_schedule_runs() -> None:
    processed_at = NOON + timedelta(hours=1)
    expired = webhooks_of(advanced(open_session(), processed_at))[-1]
    assert (expired["type"], expired["timestamp"]) == ("session.expired", "2026-11-24T12:15:00.000Z")
    slow = paid(open_session(FaultPlan(payment=PaymentFault(seconds=60))), NOON)
    settled = webhooks_of(advanced(slow, processed_at))[-1]
    assert (settled["type"], settled["timestamp"]) == ("payment.succeeded", "2026-11-24T12:01:00.000Z")


def test_a_void_sends_a_callback_only_where_the_fault_plan_has_it() -> None:
    assert webhooks_of(voided(open_session(), None, LATER)[0]) == []
    assert [event["type"] for event in webhooks_of(voided(open_session(), FaultKind.ANNOUNCE, LATER)[0])] == [
        "session.closed"
    ]
