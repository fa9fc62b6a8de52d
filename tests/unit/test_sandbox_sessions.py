"""The sandbox's rules: how payer, shop and time change a session."""

import json
from datetime import timedelta

import pytest
from sandbox.fault_plan import Call, Fault, FaultKind, FaultPlan, PaymentFault
from sandbox.paying import MOST_FAILED_TRIES, advanced, declined, paid
from sandbox.refunds import RefundImpossible, ledger_of, refund_of, refunded
from sandbox.sessions import RefundStatus, Session, SessionStatus, never_opened, session_id_for
from sandbox.voids import VoidResult, voided

from tests.fakes.sandbox_samples import ATTEMPT_ID, NOON, open_session, terms

LATER = NOON + timedelta(minutes=1)
EXPIRY = NOON + timedelta(minutes=15)
IN_PROGRESS = FaultPlan(payment=PaymentFault(seconds=30))


def webhook_types_of(session: Session) -> list[str]:
    return [json.loads(delivery.body)["type"] for delivery in session.outbox]


def session_that_is(status: SessionStatus) -> Session:
    sessions = {
        SessionStatus.OPEN: open_session(),
        SessionStatus.IN_PROGRESS: paid(open_session(IN_PROGRESS), LATER),
        SessionStatus.PAID: paid(open_session(), LATER),
        SessionStatus.CLOSED: voided(open_session(), None, LATER)[0],
        SessionStatus.EXPIRED: advanced(open_session(), EXPIRY),
    }
    assert sessions[status].status is status
    return sessions[status]


def test_paying_captures_the_requested_amount_and_reports_it() -> None:
    session = paid(open_session(), LATER)
    assert session.payment is not None
    assert (session.payment.amount, session.payment.currency, session.payment.at) == (4990, "EUR", LATER)
    assert webhook_types_of(session) == ["payment.succeeded"]
    data = json.loads(session.outbox[0].body)["data"]
    assert data["attempt_id"] == ATTEMPT_ID
    payment_id = session.payment.payment_id
    assert data["payment"] == {"payment_id": payment_id, "amount": 4990, "currency": "EUR", "returned": 0}


@pytest.mark.parametrize("status", [status for status in SessionStatus if status is not SessionStatus.OPEN])
def test_only_an_open_session_can_be_paid_or_declined(status: SessionStatus) -> None:
    session = session_that_is(status)
    assert paid(session, LATER) == session
    assert declined(session, LATER) == session


def test_a_declined_try_leaves_the_session_open() -> None:
    session = declined(open_session(), LATER)
    assert session.status is SessionStatus.OPEN
    assert webhook_types_of(session) == ["payment.failed"]
    assert webhook_types_of(paid(session, LATER)) == ["payment.failed", "payment.succeeded"]


def test_the_last_declined_try_closes_it() -> None:
    session = open_session()
    for _ in range(MOST_FAILED_TRIES):
        session = declined(session, LATER)
    assert session.status is SessionStatus.CLOSED
    assert webhook_types_of(session)[-1] == "session.declined"
    assert webhook_types_of(declined(open_session(FaultPlan(payment=PaymentFault(final=True))), LATER)) == [
        "session.declined"
    ]


@pytest.mark.parametrize(
    ("fault", "amount", "currency"),
    [
        (PaymentFault(amount=1), 1, "EUR"),
        (PaymentFault(amount=5000), 5000, "EUR"),
        (PaymentFault(currency="USD"), 4990, "USD"),
    ],
)
def test_another_sum_or_currency_can_be_captured(fault: PaymentFault, amount: int, currency: str) -> None:
    payment = paid(open_session(FaultPlan(payment=fault)), LATER).payment
    assert payment is not None
    assert (payment.amount, payment.currency) == (amount, currency)


def test_a_payment_in_progress_settles_by_itself_even_past_the_expiry() -> None:
    session = paid(open_session(IN_PROGRESS), EXPIRY - timedelta(seconds=1))
    assert session.settles_at == EXPIRY + timedelta(seconds=29)
    assert advanced(session, EXPIRY).status is SessionStatus.IN_PROGRESS
    settled = advanced(session, EXPIRY + timedelta(seconds=29))
    assert settled.status is SessionStatus.PAID
    assert webhook_types_of(settled) == ["payment.processing", "payment.succeeded"]


def test_a_payment_in_progress_can_fail_and_leaves_the_session_open_or_expired() -> None:
    session = paid(open_session(FaultPlan(payment=PaymentFault(seconds=30, fails=True))), NOON)
    assert advanced(session, NOON + timedelta(seconds=30)).status is SessionStatus.OPEN
    late = advanced(session, EXPIRY)
    assert late.status is SessionStatus.EXPIRED
    assert webhook_types_of(late) == ["payment.processing", "payment.failed", "session.expired"]


def test_a_session_expires_at_its_own_time() -> None:
    session = open_session()
    assert session.due_at == EXPIRY
    assert advanced(session, EXPIRY - timedelta(microseconds=1)) == session
    expired = advanced(session, EXPIRY)
    assert expired.status is SessionStatus.EXPIRED
    assert webhook_types_of(expired) == ["session.expired"]
    assert advanced(expired, EXPIRY) == expired


def test_a_link_can_outlive_its_session() -> None:
    session = open_session(FaultPlan(link_outlives=60))
    assert advanced(session, EXPIRY).status is SessionStatus.OPEN
    assert advanced(session, EXPIRY + timedelta(seconds=60)).status is SessionStatus.EXPIRED


ANSWERS = {
    SessionStatus.OPEN: VoidResult.VOIDED,
    SessionStatus.IN_PROGRESS: VoidResult.IN_PROGRESS,
    SessionStatus.PAID: VoidResult.ALREADY_PAID,
    SessionStatus.CLOSED: VoidResult.ALREADY_CLOSED,
    SessionStatus.EXPIRED: VoidResult.ALREADY_CLOSED,
}


@pytest.mark.parametrize(("status", "answer"), ANSWERS.items())
def test_a_void_closes_only_an_open_session(status: SessionStatus, answer: VoidResult) -> None:
    session = session_that_is(status)
    changed, result = voided(session, None, LATER)
    assert result is answer
    assert changed.status is (SessionStatus.CLOSED if status is SessionStatus.OPEN else status)
    assert changed.outbox == session.outbox


@pytest.mark.parametrize(
    ("fault", "answer"),
    [
        (FaultKind.IN_PROGRESS, VoidResult.IN_PROGRESS),
        (FaultKind.NOT_VOIDABLE, VoidResult.NOT_VOIDABLE),
        (FaultKind.PRETEND, VoidResult.VOIDED),
    ],
)
def test_a_void_that_does_not_close_leaves_a_session_that_can_be_paid(fault: FaultKind, answer: VoidResult) -> None:
    session, result = voided(open_session(), fault, LATER)
    assert result is answer
    assert paid(session, LATER).status is SessionStatus.PAID


def test_what_was_voided_before_it_was_opened_stays_closed() -> None:
    session = never_opened(ATTEMPT_ID, NOON)
    assert session.session_id == session_id_for(ATTEMPT_ID)
    assert session.status is SessionStatus.CLOSED
    assert session.due_at is None
    assert session.terms != terms()


def test_a_refund_is_made_once() -> None:
    session = refunded(session_that_is(SessionStatus.PAID), "r1", 4990, None, LATER)
    assert refunded(session, "r1", 4990, None, LATER) == session
    with pytest.raises(RefundImpossible, match="4990"):
        refunded(session, "r1", 1, None, LATER)
    with pytest.raises(RefundImpossible, match="0 can still"):
        refunded(session, "r2", 1, None, LATER)
    assert (ledger_of(session)["captured"], ledger_of(session)["refunded"]) == (4990, 4990)


def test_nothing_can_be_refunded_that_was_not_captured() -> None:
    with pytest.raises(RefundImpossible):
        refunded(open_session(), "r1", 1, None, LATER)
    with pytest.raises(RefundImpossible):
        refunded(session_that_is(SessionStatus.PAID), "r1", 4991, None, LATER)


def test_a_pending_refund_completes_and_is_reported() -> None:
    pending = Fault(FaultKind.PENDING, seconds=90)
    session = refunded(session_that_is(SessionStatus.PAID), "r1", 4990, pending, LATER)
    assert ledger_of(session)["refunded"] == 0
    with pytest.raises(RefundImpossible):
        refunded(session, "r2", 1, None, LATER)
    done = advanced(session, LATER + timedelta(seconds=90))
    assert ledger_of(done)["refunded"] == 4990
    assert webhook_types_of(done) == ["payment.succeeded", "refund.succeeded"]


def test_a_failed_refund_can_be_asked_for_anew() -> None:
    session = refunded(session_that_is(SessionStatus.PAID), "r1", 4990, Fault(FaultKind.FAIL), LATER)
    failed = advanced(session, LATER + timedelta(seconds=60))
    refund = refund_of(failed, "r1")
    assert refund is not None
    assert refund.status is RefundStatus.FAILED
    assert webhook_types_of(failed)[-1] == "refund.failed"
    assert ledger_of(refunded(failed, "r1", 4990, None, LATER))["refunded"] == 4990


def test_a_fault_with_a_number_of_times_ends() -> None:
    fault_plan = FaultPlan(void=Fault(FaultKind.REFUSE, times=2), query=Fault(FaultKind.BUSY))
    once = fault_plan.without_one(Call.VOID)
    assert once.void == Fault(FaultKind.REFUSE, times=1)
    assert once.without_one(Call.VOID).void is None
    assert fault_plan.without_one(Call.QUERY) == fault_plan
