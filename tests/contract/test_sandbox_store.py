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
from sandbox.statement import PAGE as STATEMENT_PAGE
from sandbox.statement import Listed, ListKind
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


def listed(store: SessionStore, kind: ListKind, after: str | None = None, days: int = 1) -> list[Listed]:
    return list(store.listed(kind, NOON, NOON + timedelta(days=days), after))


def test_money_is_listed_by_the_time_of_its_last_change(store: SessionStore) -> None:
    session = paid(open_session(), NOON)
    store.write(session)
    seen = store.read(session.session_id)
    assert seen is not None
    store.write(refunded(seen, "r1", 990, None, NOON + timedelta(hours=30)))

    (capture,) = listed(store, ListKind.CAPTURES)

    assert (capture.at, capture.session_id) == ("2026-11-24T12:00:00.000Z", session.session_id)
    assert listed(store, ListKind.REFUNDS) == []
    assert [place.name for place in listed(store, ListKind.REFUNDS, days=2)] == ["r1"]
    assert listed(store, ListKind.DISPUTES, days=8) == []


def test_a_session_that_took_no_money_is_not_listed(store: SessionStore) -> None:
    store.write(open_session())
    assert [place for kind in ListKind for place in listed(store, kind)] == []


def test_the_end_of_a_window_is_not_in_it_and_its_begin_is(store: SessionStore) -> None:
    store.write(paid(open_session(), NOON))
    assert len(store.listed(ListKind.CAPTURES, NOON, NOON + timedelta(milliseconds=1), None)) == 1
    assert len(store.listed(ListKind.CAPTURES, NOON - timedelta(hours=1), NOON, None)) == 0


def test_pages_of_a_list_follow_each_other_over_midnight(store: SessionStore) -> None:
    for number in range(STATEMENT_PAGE + 3):
        store.write(paid(open_session(attempt_id=f"A{number}"), NOON + timedelta(minutes=10 * number)))

    first = listed(store, ListKind.CAPTURES, days=2)
    second = listed(store, ListKind.CAPTURES, first[-1].cursor, days=2)

    assert (len(first), len(second)) == (STATEMENT_PAGE, 3)
    assert sorted({*first, *second}) == [*first, *second]
    assert listed(store, ListKind.CAPTURES, second[-1].cursor, days=2) == []


def test_those_of_the_sessions_that_exist_are_read_at_once(store: SessionStore) -> None:
    session = open_session()
    store.write(session)
    assert [found.session_id for found in store.read_all([session.session_id, "cs_of_nobody"])] == [session.session_id]
    assert list(store.read_all([])) == []
