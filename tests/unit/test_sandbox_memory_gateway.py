"""The sandbox in one process, as the model checker and use case tests need it."""

from datetime import timedelta

import pytest
from sandbox.fault_plan import CallbackFault, Fault, FaultKind, FaultPlan
from sandbox.requests import FAULT_PLAN

from paylatch.domain.errors import CallbackRejected, GatewayError, Misconfigured, OutcomeUnknown, Refused, Transient
from paylatch.ports import GatewayEventKind, RefundState, SessionState, VoidKind
from tests.fakes.memory_gateway import MemoryGateway
from tests.fakes.sandbox_samples import ATTEMPT_ID, ORDER_ID, attempt, refund_of, session_request
from tests.fakes.settable_clock import SettableClock


@pytest.fixture
def gateway(clock: SettableClock) -> MemoryGateway:
    return MemoryGateway(clock)


@pytest.fixture
def opened(gateway: MemoryGateway) -> MemoryGateway:
    gateway.open(session_request())
    return gateway


def kinds(gateway: MemoryGateway) -> list[GatewayEventKind]:
    return [
        gateway_event.kind for callback in gateway.all_callbacks() for gateway_event in gateway.parse_callback(callback)
    ]


def test_callbacks_wait_until_they_are_taken_in_any_order(opened: MemoryGateway, clock: SettableClock) -> None:
    opened.decline(ATTEMPT_ID)
    opened.pay(ATTEMPT_ID)
    clock.advance(timedelta(days=2))
    assert [(pending.attempt_id, pending.type) for pending in opened.pending] == [
        (ATTEMPT_ID, "payment.failed"),
        (ATTEMPT_ID, "payment.succeeded"),
    ]
    (paid,) = opened.parse_callback(opened.next_callback(1))
    (failed,) = opened.parse_callback(opened.next_callback())
    assert (paid.kind, failed.kind) == (GatewayEventKind.PAID, GatewayEventKind.TRY_FAILED)
    assert opened.pending == []


def test_time_expires_sessions(opened: MemoryGateway, clock: SettableClock) -> None:
    clock.advance(timedelta(minutes=15))
    assert opened.query(attempt()).state is SessionState.CLOSED
    assert opened.run_schedule() == 1
    assert kinds(opened) == [GatewayEventKind.EXPIRED]


def test_callbacks_that_are_not_accepted_are_sent_again(opened: MemoryGateway, clock: SettableClock) -> None:
    opened.accepting = False
    opened.pay(ATTEMPT_ID)
    assert opened.pending == []
    opened.accepting = True
    clock.advance(timedelta(minutes=1))
    opened.run_schedule()
    assert kinds(opened) == [GatewayEventKind.PAID]


def test_forged_callbacks_are_rejected_and_copies_are_many(opened: MemoryGateway) -> None:
    opened.set_faults(ATTEMPT_ID, FaultPlan(callbacks=CallbackFault(forged=True, copies=2)))
    opened.pay(ATTEMPT_ID)
    assert len(opened.pending) == 2
    with pytest.raises(CallbackRejected):
        opened.parse_callback(opened.next_callback())


def test_the_ledger_has_every_attempt(opened: MemoryGateway) -> None:
    opened.pay(ATTEMPT_ID)
    capture = opened.query(attempt()).capture
    assert capture is not None
    assert opened.refund(refund_of(capture.payment_id)) is RefundState.DONE
    ledger_of = opened.ledgers()[ATTEMPT_ID]
    assert (ledger_of["captured"], ledger_of["refunded"]) == (4990, 4990)


FAULTS = [
    (FaultKind.REFUSE, Refused, VoidKind.VOIDED),
    (FaultKind.DENY, Misconfigured, VoidKind.VOIDED),
    (FaultKind.BUSY, Transient, VoidKind.VOIDED),
    (FaultKind.UNAVAILABLE, OutcomeUnknown, VoidKind.VOIDED),
    (FaultKind.NO_ANSWER, OutcomeUnknown, VoidKind.ALREADY_CLOSED),
    (FaultKind.HANG, OutcomeUnknown, VoidKind.ALREADY_CLOSED),
]


@pytest.mark.parametrize(("fault", "failure", "then"), FAULTS)
def test_faults_raise_the_same_errors_as_over_http(
    opened: MemoryGateway, fault: FaultKind, failure: type[GatewayError], then: VoidKind
) -> None:
    opened.set_faults(ATTEMPT_ID, FaultPlan(void=Fault(fault, times=1)))
    with pytest.raises(failure):
        opened.void(attempt())
    assert opened.void(attempt()).kind is then


@pytest.mark.parametrize("call", ["query", "void", "refund", "query_refund"])
def test_every_call_can_fail(opened: MemoryGateway, call: str) -> None:
    opened.pay(ATTEMPT_ID)
    capture = opened.query(attempt()).capture
    assert capture is not None
    refund = refund_of(capture.payment_id)
    if call == "query_refund":
        opened.refund(refund)
    opened.set_faults(ATTEMPT_ID, FAULT_PLAN.validate_python({call: Fault(FaultKind.UNAVAILABLE)}))
    with pytest.raises(OutcomeUnknown):
        getattr(opened, call)(refund if "refund" in call else attempt())


def test_later_openings_fail_as_planned(gateway: MemoryGateway) -> None:
    gateway.plan_faults(FaultPlan(open=Fault(FaultKind.REFUSE)), order_id=ORDER_ID)
    with pytest.raises(Refused):
        gateway.open(session_request())
    assert gateway.open(session_request()).session_id == gateway.look(ATTEMPT_ID).session_id


def test_a_state_can_be_saved_and_restored(opened: MemoryGateway) -> None:
    before = opened.sessions.copy()
    opened.pay(ATTEMPT_ID)
    opened.sessions.restore(before)
    assert opened.query(attempt()).state is SessionState.OPEN
