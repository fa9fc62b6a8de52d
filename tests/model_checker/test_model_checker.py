"""The model checker itself, in a few seconds: it counts correctly, reduces soundly, and finds planted faults."""

import inspect
import pkgutil
from collections.abc import Callable
from dataclasses import replace
from functools import partial
from importlib import import_module
from typing import Any

import pytest

from paylatch.domain.attempt_documents import attempt_document
from paylatch.domain.clauses import VERSION_CHECK
from paylatch.domain.documents import order_from_document
from paylatch.domain.errors import OutcomeUnknown, Refused
from paylatch.domain.late_money import DECISIONS, Decision, Holding, Situation
from paylatch.domain.order import Order
from paylatch.domain.release_reasons import ReleaseReason
from paylatch.domain.transitions import Transition, WriteContext, cancel_order
from paylatch.ports import Rejected, VoidAnswer, VoidKind
from paylatch.use_cases import receive_callback, refund_payment, release_payment, request_payment
from paylatch.use_cases.create_order import create_order
from paylatch.use_cases.read_order import read_history, read_order
from paylatch.use_cases.record_events import record_events
from paylatch.use_cases.request_refund import request_refund
from tests.fakes.memory_order_store import MemoryOrderStore
from tests.invariants import InvariantViolated
from tests.model_checker import processes, reading
from tests.model_checker.actors import BUYER
from tests.model_checker.convergence import SITUATIONS, orders_of
from tests.model_checker.convergence import Situation as CallbackSituation
from tests.model_checker.database_states import DatabaseState, DatabaseStates, Effect
from tests.model_checker.exploration import Counts
from tests.model_checker.guard_completeness import check_guard
from tests.model_checker.random_walks import random_walk
from tests.model_checker.scenarios import PROFILES, Scenario, groups_of, started
from tests.model_checker.scripted_ports import NOON, Call
from tests.model_checker.search import Failure, explored, replayed
from tests.model_checker.state_space import State, StateSpace
from tests.model_checker.steps import Steps
from tests.model_checker.streamed_store import StreamedStore

QUICK = (
    "final:new:pay+sweep:1:short",
    "live-link:open:cancel-payment+edit-buyer:1:short",
    "live-link-strict:open:sweep:2:short",
    "slow:paid-unreported:sweep:1:short",
    "slow:processing:cancel-payment+sweep:0:short",
    "declines:open:cancel-payment+pay-other:0:short",
    "underpaid:review:operator-refunds+sweep:0:short",
    "live-link:elsewhere:cancel-payment:0:short",
    "failing-refunds:one-debt:sweep:0:short",
    "failing-slow-refunds:one-debt:sweep:0:short",
    "final:paid-manually:request-refund+request-rest:1:short",
    "final:unplaced:create+create-again+create-otherwise:1:short",
    "final:unplaced:create+consume+read-history:1:short",
    "final:new:edit-buyer+read-order:1:short",
    "final:new:edit-buyer+cancel-order+erase:0:short",
    "final:paid:erase+request-refund:1:short",
    "final:paid-manually:consume+erase:0:short",
)


def state_space_of(profile: str) -> StateSpace:
    return StateSpace(PROFILES[profile])


@pytest.mark.parametrize("code", QUICK)
def test_every_invariant_holds_in_every_schedule(code: str) -> None:
    scenario = Scenario.named(code)
    found = explored(scenario, state_space_of(scenario.profile))
    assert isinstance(found, Counts), str(found)
    assert found.schedules > 100


def every_schedule(state_space: StateSpace, scenario: Scenario, state: State) -> tuple[int, set[State]]:
    """The number of schedules from a state on, each explored separately, and their end states."""
    ends = {state} if state_space.is_over(state) else set()
    count = len(ends)
    for _, after in state_space.moves(state, scenario.limits):
        more, reached = every_schedule(state_space, scenario, after)
        count += more
        ends |= reached
    return count, ends


@pytest.mark.parametrize("code", ["final:new:pay:1:short", "live-link:open:cancel-order+edit-buyer:0:short"])
def test_schedules_are_counted_as_if_each_were_run_by_itself(code: str) -> None:
    scenario = Scenario.named(code)
    state_space = state_space_of(scenario.profile)
    alone, _ = every_schedule(state_space, scenario, started(state_space, scenario))
    found = explored(scenario, state_space)
    assert isinstance(found, Counts)
    assert found.schedules == alone


def test_partial_order_reduction_reaches_the_same_ends(monkeypatch: pytest.MonkeyPatch) -> None:
    scenario = Scenario.named("live-link:open:edit-seller+cancel-payment:0:short")
    reduced = ends_of(scenario)
    monkeypatch.setattr(Steps, "is_private", lambda *_: False)
    full = ends_of(scenario)
    assert reduced == full


def ends_of(scenario: Scenario) -> set[tuple[str, str]]:
    state_space = state_space_of(scenario.profile)
    seen: dict[State, None] = {}
    layer = [started(state_space, scenario)]
    while layer:
        seen.update(dict.fromkeys(layer))
        layer = list({after for state in layer for _, after in state_space.moves(state, scenario.limits)})
    return {
        (
            repr(state_space.database_states.states[state.database].document),
            repr(state_space.gateway_states.states[state.gateway]),
        )
        for state in seen
        if state_space.is_over(state)
    }


def plant_own_write_not_recognised(monkeypatch: pytest.MonkeyPatch) -> None:
    def judge(document: dict[str, Any], _: object) -> Rejected:
        return Rejected(order_from_document(document))

    monkeypatch.setattr(MemoryOrderStore, "_judge", staticmethod(judge))


def plant_every_void_succeeds(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(release_payment, "void", lambda attempt, ports: VoidAnswer(VoidKind.VOIDED))


def plant_late_money_pays_edited_order(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setitem(DECISIONS, Situation.EDITED_SINCE, dict.fromkeys(Holding, Decision.ACCEPT_LATE))


def plant_no_answer_is_a_refusal(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(request_payment, "Refused", (Refused, OutcomeUnknown))


def plant_previous_pay_url_kept(monkeypatch: pytest.MonkeyPatch) -> None:
    with_link = partial(attempt_document, pay_url="https://pay.test/of-another-attempt")
    monkeypatch.setattr(import_module("paylatch.domain.transitions.lock"), "attempt_document", with_link)


def without_version(plan: Callable[..., Transition]) -> Callable[..., Transition]:
    """The same transition, whatever became of the order that it was planned from."""

    def planned(order: Order, *args: Any, **more: Any) -> Transition:
        whole = plan(order, *args, **more)
        check = VERSION_CHECK.clause({"version": order.version})
        clauses = tuple(clause for clause in whole.guard if clause != check)
        return replace(whole, guard=clauses)

    return planned


def plant_every_end_is_a_decline(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(receive_callback, "reason_by_time", lambda *_: ReleaseReason.DECLINED)


def plant_outdated_statement_accepted(monkeypatch: pytest.MonkeyPatch) -> None:
    believed = {Holding.STATED_RECENTLY: Decision.ACCEPT_LATE, Holding.STATED_EARLIER: Decision.ACCEPT_LATE}
    monkeypatch.setitem(DECISIONS, Situation.SAME_REVISION, DECISIONS[Situation.SAME_REVISION] | believed)


def plant_returned_money_ignored(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(receive_callback, "handle_money_returned", lambda *_: None)


def plant_refused_refund_retried(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(refund_payment, "refuse_refund", refund_payment._delayed)


def altered(function: Callable[..., Any], *changes: tuple[str, str]) -> Any:
    """The same function, or class, from its module's source with these texts in place of others."""
    module = inspect.getmodule(function)
    assert module is not None
    source = inspect.getsource(module)
    for old, new in changes:
        assert source.count(old) == 1
        source = source.replace(old, new)
    names = dict(vars(module))
    exec(compile(source, str(module), "exec"), names)
    return names[function.__name__]


_PUTS = "    stored = ports.store.put_content(order_id, content_id, request.content)\n"
_MAKES = "    order = ports.store.apply(order_id, create(draft, ports.write_context(caller.subject))).order\n"
_PUTS_LATER = "    ports.store.put_content(order_id, content_id, request.content)\n"
_RETURNS = "    return with_content(order, ports)\n"
_TAKES_AWAY = "    except Exception:\n        ports.store.remove_content(order_id, content_id)\n        raise\n"
_STORES = "    stored, not_stored = send_all(described, history)\n"
_PUBLISHES = "    _, not_published = send_all(stored, bus)\n"
_PUBLISHES_FIRST = "    _, not_published = send_all(described, bus)\n"


def makes_the_head_before_its_content(monkeypatch: pytest.MonkeyPatch) -> None:
    planted = altered(create_order, (_PUTS, "    stored = True\n"), (_MAKES, f"{_MAKES}{_PUTS_LATER}"))
    monkeypatch.setattr(processes, "create_order", planted)


def takes_content_away_on_any_error(monkeypatch: pytest.MonkeyPatch) -> None:
    planted = altered(create_order, (_MAKES, f"    try:\n    {_MAKES}{_TAKES_AWAY}"))
    monkeypatch.setattr(processes, "create_order", planted)


def answers_whatever_the_key_came_with(monkeypatch: pytest.MonkeyPatch) -> None:
    planted = altered(create_order, ("    if order.fingerprint != request.fingerprint:", "    if False:"))
    monkeypatch.setattr(processes, "create_order", planted)


def takes_away_what_its_order_named_at_first(monkeypatch: pytest.MonkeyPatch) -> None:
    planted = altered(create_order, (_RETURNS, f"    ports.store.remove_content(order_id, content_id)\n{_RETURNS}"))
    monkeypatch.setattr(processes, "create_order", planted)


def shows_the_content_of_the_revision_before(monkeypatch: pytest.MonkeyPatch) -> None:
    planted = altered(read_order, ("order.content_id))", "order.previous_content_id or order.content_id))"))
    monkeypatch.setattr(processes, "read_order", planted)


_LOOKS_AGAIN = "        if edited.content_id == order.content_id:\n            raise\n"


def fails_where_content_has_expired(monkeypatch: pytest.MonkeyPatch) -> None:
    planted = altered(read_order, (_LOOKS_AGAIN, "        raise\n"))
    monkeypatch.setattr(processes, "read_order", planted)


def reads_what_was_so_once(monkeypatch: pytest.MonkeyPatch) -> None:
    read_head, heads = StreamedStore.read_head, dict[str, Order | None]()

    def stale(store: StreamedStore, order_id: str) -> Order | None:
        return heads.setdefault(order_id, read_head(store, order_id))

    def made(database_states: DatabaseStates, before: DatabaseState, call: Call) -> Effect:
        with pytest.MonkeyPatch.context() as patch:
            patch.setattr(StreamedStore, "read_head", stale if call.method == "read_head" else read_head)
            return make(database_states, before, call)

    make = DatabaseStates._make
    monkeypatch.setattr(DatabaseStates, "_make", made)


def goes_on_one_event_too_late(monkeypatch: pytest.MonkeyPatch) -> None:
    planted = altered(read_history, ("order_id, after, limit)", "order_id, after + 1, limit)"))
    monkeypatch.setattr(reading, "read_history", planted)


def repeats_the_last_event_of_a_page(monkeypatch: pytest.MonkeyPatch) -> None:
    planted = altered(MemoryOrderStore, ("if seq > after]", "if seq >= after]"))
    monkeypatch.setattr(MemoryOrderStore, "read_history", planted.read_history)


def publishes_what_is_not_recorded_yet(monkeypatch: pytest.MonkeyPatch) -> None:
    planted = altered(record_events, (_STORES, ""), (_PUBLISHES, f"{_PUBLISHES_FIRST}{_STORES}"))
    monkeypatch.setattr(reading, "record_events", planted)


def plant_more_is_refunded_than_is_left(monkeypatch: pytest.MonkeyPatch) -> None:
    planted = altered(request_refund, ("    if not 0 < amount <= left:", "    if False:"))
    monkeypatch.setattr(processes, "request_refund", planted)


def plant_disputed_payment_is_refunded(monkeypatch: pytest.MonkeyPatch) -> None:
    planted = altered(request_refund, ("    if any(dispute.payment_id", "    if False and any(dispute.payment_id"))
    monkeypatch.setattr(processes, "request_refund", planted)


PLANTED: list[tuple[Callable[[pytest.MonkeyPatch], None], str]] = [
    (plant_own_write_not_recognised, "final:new:pay:1:short"),
    (plant_every_void_succeeds, "final:open:cancel-payment:0:short"),
    (plant_late_money_pays_edited_order, "live-link:released:edit-buyer:0:short"),
    (plant_no_answer_is_a_refusal, "final:new:pay:1:short"),
    (plant_previous_pay_url_kept, "live-link:new:pay:0:short"),
    (plant_every_end_is_a_decline, "reports-voids:open:cancel-payment:0:short"),
    (plant_outdated_statement_accepted, "manual-refunds-hidden:open:cancel-payment:0:short"),
    (plant_returned_money_ignored, "manual-refunds:open:sweep:0:short"),
    (plant_refused_refund_retried, "disputed:one-debt:sweep:0:short"),
    (plant_more_is_refunded_than_is_left, "final:paid:request-refund+request-rest:0:short"),
    (plant_more_is_refunded_than_is_left, "final:paid-manually:request-refund+request-rest:0:short"),
    (plant_disputed_payment_is_refunded, "disputed:paid:request-refund:0:short"),
    (makes_the_head_before_its_content, "final:unplaced:create:0:short"),
    (takes_content_away_on_any_error, "final:unplaced:create:1:short"),
    (answers_whatever_the_key_came_with, "final:unplaced:create+create-otherwise:0:short"),
    (shows_the_content_of_the_revision_before, "final:edited:read-order:0:short"),
    (reads_what_was_so_once, "final:new:edit-buyer+read-order:0:short"),
    (goes_on_one_event_too_late, "final:new:consume+read-history:0:short"),
    (publishes_what_is_not_recorded_yet, "final:new:consume:0:short"),
    (fails_where_content_has_expired, "final:new:edit-buyer+read-order:0:short"),
]


@pytest.mark.parametrize(("plant", "code"), PLANTED)
def test_a_planted_bug_is_found_with_a_short_trace_and_replayed(
    plant: Callable[[pytest.MonkeyPatch], None], code: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    plant(monkeypatch)
    scenario = Scenario.named(code)
    found = explored(scenario, state_space_of(scenario.profile))
    assert isinstance(found, Failure)
    assert len(found.trace) < 12
    again = replayed(found.code)
    assert again is not None
    assert (again.invariant, again.trace) == (found.invariant, found.trace)
    monkeypatch.undo()
    assert replayed(found.code.partition("#")[0] + "#") is None


# Those that take longer to find.
FOUND_LATER = [
    (
        takes_away_what_its_order_named_at_first,
        "final:unplaced:create+edit-buyer+edit-seller:1:short",
        "I2 what is locked does not change",
    ),
    (
        repeats_the_last_event_of_a_page,
        "final:open:consume+read-history:0:short",
        "I8 every change leaves one event",
    ),
]


@pytest.mark.parametrize(("plant", "code", "invariant"), FOUND_LATER)
def test_a_planted_bug_is_found_and_the_product_as_it_is_keeps_the_promise(
    plant: Callable[[pytest.MonkeyPatch], None], code: str, invariant: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    scenario = Scenario.named(code)
    assert isinstance(explored(scenario, state_space_of(scenario.profile)), Counts)
    plant(monkeypatch)
    found = explored(scenario, state_space_of(scenario.profile))
    assert isinstance(found, Failure)
    assert found.invariant == invariant


# A transition planned from a read, and the invariant violated where its write does not compare the version.
UNVERSIONED = [
    ("paylatch.use_cases.edit_order.edit", "final:new:edit-buyer+pay:2:short", "I2 what is locked does not change"),
    ("paylatch.use_cases.edit_order.cancel_transition", "final:new:cancel-order+pay:2:short", "I7 truthful answers"),
    ("paylatch.use_cases.release_payment.release", "final:evicting:cancel-other:0:short", "I4 money is conserved"),
]


@pytest.mark.parametrize(("planner", "code", "invariant"), UNVERSIONED)
def test_a_late_write_without_version_check_is_detected(
    planner: str, code: str, invariant: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(planner, without_version(pkgutil.resolve_name(planner)))
    # The check that its row demands the version reports it at once; it is switched off here.
    monkeypatch.setattr("tests.model_checker.database_states.check_guard", lambda *_: None)
    scenario = Scenario.named(code)
    found = explored(scenario, state_space_of(scenario.profile))
    assert isinstance(found, Failure)
    assert found.invariant == invariant


@pytest.mark.parametrize("situation", SITUATIONS, ids=lambda situation: situation.name)
def test_callbacks_converge(situation: CallbackSituation) -> None:
    assert orders_of(situation) in (90, 720)


def test_a_random_walk_is_the_same_whenever_it_is_taken() -> None:
    first = [random_walk(7, number, state_space_of) for number in range(12)]
    again = [random_walk(7, number, state_space_of) for number in range(12)]
    assert first == again
    assert all(isinstance(found, Counts) for found in first)


def test_every_pair_and_triple_is_there() -> None:
    assert len(groups_of(1, PROFILES["final"])) == 25
    assert ("sweep", "sweep-too") in groups_of(2, PROFILES["final"])
    assert ("pay", "edit-seller", "sweep") in groups_of(3, PROFILES["final"])


def test_a_guard_without_one_clause_is_detected() -> None:
    database_states = DatabaseStates()
    document = database_states.states[database_states.first].document
    order = database_states.states[database_states.first].order
    whole = cancel_order(order, BUYER, WriteContext("t", NOON, BUYER.subject))
    check_guard(whole, document)
    for kept in range(len(whole.guard)):
        with pytest.raises(InvariantViolated, match="a guard demands all that its row asks for"):
            check_guard(replace(whole, guard=whole.guard[kept : kept + 1]), document)


def test_exploration_stops_at_its_deadline() -> None:
    scenario = Scenario.named("final:new:pay+sweep:1:short")
    assert explored(scenario, state_space_of("final"), deadline=0) is None
