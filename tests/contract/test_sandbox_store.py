"""What both stores of the sandbox's sessions keep: the one in memory, and the one in DynamoDB."""

from collections.abc import Iterator
from dataclasses import replace
from datetime import timedelta

import moto
import pytest
from sandbox.fault_plan import CallbackFault, Fault, FaultKind, FaultPlan
from sandbox.paying import paid
from sandbox.ports import ANY_ORDER, SessionStore
from sandbox.refunds import refunded
from sandbox.sessions import Session
from sandbox.store import PAGE, DynamoSessionStore

from tests.fakes.memory_sessions import MemorySessions
from tests.fakes.sandbox_samples import NOON, open_session
from tests.sandbox_table import create_sandbox_table

REGION = "eu-west-1"
NASTY = FaultPlan(void=Fault(FaultKind.NOT_VOIDABLE, times=3), callbacks=CallbackFault(delay=5), link_outlives=60)


@pytest.fixture(params=["memory", "dynamodb"])
def store(request: pytest.FixtureRequest, monkeypatch: pytest.MonkeyPatch) -> Iterator[SessionStore]:
    if request.param == "memory":
        yield MemorySessions()
        return
    monkeypatch.setenv("AWS_DEFAULT_REGION", REGION)
    monkeypatch.delenv("AWS_ENDPOINT_URL", raising=False)
    with moto.mock_aws():
        yield DynamoSessionStore(create_sandbox_table(REGION), lambda: NOON)


def eventful_session() -> Session:
    session = paid(open_session(NASTY), NOON)
    return refunded(session, "r1", 4990, Fault(FaultKind.PENDING), NOON)


def test_a_session_comes_back_as_it_was_written(store: SessionStore) -> None:
    session = eventful_session()
    assert store.read(session.session_id) is None
    assert store.write(session)
    assert store.read(session.session_id) == replace(session, version=1)


def test_only_one_of_two_writers_that_read_the_same_version_succeeds(store: SessionStore) -> None:
    assert store.write(open_session())
    assert not store.write(open_session(amount=1))
    seen = store.read(open_session().session_id)
    assert seen is not None
    assert store.write(paid(seen, NOON))
    assert not store.write(replace(seen, failed_tries=7))
    kept = store.read(seen.session_id)
    assert kept is not None
    assert (kept.version, kept.failed_tries, kept.status.value) == (2, 0, "paid")


def test_what_is_due_is_found_and_nothing_else(store: SessionStore) -> None:
    late, early, over = (open_session(attempt_id=name) for name in ("late", "early", "over"))
    store.write(late)
    store.write(replace(early, terms=replace(early.terms, expires_at=NOON)))
    store.write(replace(paid(over, NOON), outbox=()))
    assert list(store.due(NOON)) == [early.session_id]
    assert set(store.due(NOON + timedelta(days=1))) == {early.session_id, late.session_id}


def test_a_session_without_pending_work_is_not_due(store: SessionStore) -> None:
    store.write(open_session())
    seen = store.read(open_session().session_id)
    assert seen is not None
    store.write(replace(paid(seen, NOON), outbox=()))
    assert list(store.due(NOON + timedelta(days=1))) == []


def test_everything_due_is_found_however_much_it_is(store: SessionStore) -> None:
    sessions = [open_session(attempt_id=f"a{number}") for number in range(PAGE * 5)]
    for session in sessions:
        store.write(session)
    assert set(store.due(NOON + timedelta(days=1))) == {session.session_id for session in sessions}


def test_a_plan_is_used_up(store: SessionStore) -> None:
    assert store.take_planned(ANY_ORDER) is None
    store.plan(ANY_ORDER, NASTY, 2)
    store.plan("order", FaultPlan(), 1)
    assert [store.take_planned(ANY_ORDER) for _ in range(3)] == [NASTY, NASTY, None]
    assert [store.take_planned("order") for _ in range(2)] == [FaultPlan(), None]


def test_a_plan_of_none_ends_the_one_before(store: SessionStore) -> None:
    store.plan(ANY_ORDER, NASTY, 5)
    store.plan(ANY_ORDER, NASTY, 0)
    assert store.take_planned(ANY_ORDER) is None


def test_a_refund_is_found_again(store: SessionStore) -> None:
    assert store.session_of_refund("r1") is None
    store.link_refund("r1", "cs_1")
    store.link_refund("r1", "cs_1")
    assert store.session_of_refund("r1") == "cs_1"
