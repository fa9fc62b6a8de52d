"""The explorer itself, in a few seconds: that it counts truly, reduces soundly, and bites."""

import pkgutil
from collections.abc import Callable
from dataclasses import replace
from functools import partial
from typing import Any

import pytest

from paylatch.domain import guards
from paylatch.domain.attempt_documents import attempt_document
from paylatch.domain.documents import order_from_document
from paylatch.domain.errors import OutcomeUnknown, Refused
from paylatch.domain.instructions import Instruction
from paylatch.domain.late_money import DECISIONS, Decision, Holding, Situation
from paylatch.domain.order import Order
from paylatch.domain.transitions import Stamp, Transition, cancel_order, paying
from paylatch.ports import Rejected, VoidAnswer, VoidKind
from paylatch.store.memory import MemoryOrderStore
from paylatch.use_cases import receive_callback, refund_payment, release_payment, request_payment
from tests.explorer.convergence import SITUATIONS, orders_of
from tests.explorer.convergence import Situation as CallbackSituation
from tests.explorer.databases import Databases
from tests.explorer.exploration import Counts
from tests.explorer.guards_bite import check_guard
from tests.explorer.mutants import explained_survivors
from tests.explorer.mutations import MODULES, mutants_of
from tests.explorer.people import BUYER
from tests.explorer.promises import Broken
from tests.explorer.scenarios import TEMPERS, Scenario, groups_of, started
from tests.explorer.search import Failure, explored, replayed
from tests.explorer.steps import Steps
from tests.explorer.suspended import NOON
from tests.explorer.universe import State, Universe
from tests.explorer.walks import walked

QUICK = (
    "final:new:pay+sweep:1:short",
    "live-link:open:cancel-payment+edit-buyer:1:short",
    "live-link-strict:open:sweep:2:short",
    "slow:untold:sweep:1:short",
    "declines:open:cancel-payment+pay-other:0:short",
    "short-changed:review:operator-refunds+sweep:0:short",
    "live-link:elsewhere:cancel-payment:0:short",
    "bounces:one-debt:sweep:0:short",
    "bounces-late:one-debt:sweep:0:short",
)


def universe_of(temper: str) -> Universe:
    return Universe(TEMPERS[temper])


@pytest.mark.parametrize("code", QUICK)
def test_every_promise_is_kept_in_every_schedule(code: str) -> None:
    scenario = Scenario.named(code)
    found = explored(scenario, universe_of(scenario.temper))
    assert isinstance(found, Counts), str(found)
    assert found.schedules > 100


def every_schedule(universe: Universe, scenario: Scenario, state: State) -> tuple[int, set[State]]:
    """The schedules from a state on, each gone to its end by itself, and the states that they end in."""
    ends = {state} if universe.is_over(state) else set()
    count = len(ends)
    for _, after in universe.moves(state, scenario.limits):
        more, reached = every_schedule(universe, scenario, after)
        count += more
        ends |= reached
    return count, ends


@pytest.mark.parametrize("code", ["final:new:pay:1:short", "live-link:open:cancel-order+edit-buyer:0:short"])
def test_schedules_are_counted_as_if_each_were_run_by_itself(code: str) -> None:
    scenario = Scenario.named(code)
    universe = universe_of(scenario.temper)
    alone, _ = every_schedule(universe, scenario, started(universe, scenario))
    found = explored(scenario, universe)
    assert isinstance(found, Counts)
    assert found.schedules == alone


def test_leaving_out_orders_that_commute_reaches_the_same_ends(monkeypatch: pytest.MonkeyPatch) -> None:
    scenario = Scenario.named("live-link:open:edit-seller+cancel-payment:0:short")
    reduced = ends_of(scenario)
    monkeypatch.setattr(Steps, "is_private", lambda *_: False)
    full = ends_of(scenario)
    assert reduced == full


def ends_of(scenario: Scenario) -> set[tuple[str, str]]:
    universe = universe_of(scenario.temper)
    seen: dict[State, None] = {}
    layer = [started(universe, scenario)]
    while layer:
        seen.update(dict.fromkeys(layer))
        layer = list({after for state in layer for _, after in universe.moves(state, scenario.limits)})
    return {
        (
            repr(universe.databases.states[state.database].document),
            repr(universe.gatehouses.states[state.gateway]),
        )
        for state in seen
        if universe.is_over(state)
    }


def forgets_its_own_success(monkeypatch: pytest.MonkeyPatch) -> None:
    def judge(document: dict[str, Any], _: object) -> Rejected:
        return Rejected(order_from_document(document))

    monkeypatch.setattr(MemoryOrderStore, "_judge", staticmethod(judge))


def believes_that_every_void_succeeds(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(release_payment, "void", lambda attempt, ports: VoidAnswer(VoidKind.VOIDED))


def takes_late_money_for_an_edited_order(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setitem(DECISIONS, Situation.EDITED_SINCE, dict.fromkeys(Holding, Decision.ACCEPT_LATE))


def takes_silence_for_a_refusal(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(request_payment, "Refused", (Refused, OutcomeUnknown))


def begins_with_the_link_of_another_attempt(monkeypatch: pytest.MonkeyPatch) -> None:
    with_link = partial(attempt_document, pay_url="https://pay.test/of-another-attempt")
    monkeypatch.setattr(paying, "attempt_document", with_link)


def without_version(plan: Callable[..., Transition]) -> Callable[..., Transition]:
    """The same transition, whatever became of the order that it was planned from."""

    def planned(order: Order, *args: Any, **more: Any) -> Transition:
        whole = plan(order, *args, **more)
        clauses = tuple(clause for clause in whole.guard if clause != guards.version_is(order.version))
        return replace(whole, guard=clauses)

    return planned


def takes_every_end_for_the_banks_no(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(receive_callback, "reason_by_time", lambda *_: Instruction.DECLINED)


def believes_what_was_so_once(monkeypatch: pytest.MonkeyPatch) -> None:
    believed = {Holding.SAID_LATELY: Decision.ACCEPT_LATE, Holding.SAID_BEFORE: Decision.ACCEPT_LATE}
    monkeypatch.setitem(DECISIONS, Situation.SAME_REVISION, DECISIONS[Situation.SAME_REVISION] | believed)


def hears_of_no_money_that_left(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(receive_callback, "handle_money_returned", lambda *_: None)


def tries_a_refused_refund_for_ever(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(refund_payment, "refuse_refund", refund_payment._delayed)


PLANTED: list[tuple[Callable[[pytest.MonkeyPatch], None], str]] = [
    (forgets_its_own_success, "final:new:pay:1:short"),
    (believes_that_every_void_succeeds, "final:open:cancel-payment:0:short"),
    (takes_late_money_for_an_edited_order, "live-link:let-go:edit-buyer:0:short"),
    (takes_silence_for_a_refusal, "final:new:pay:1:short"),
    (begins_with_the_link_of_another_attempt, "final:new:pay:0:short"),
    (takes_every_end_for_the_banks_no, "tells-of-voids:open:cancel-payment:0:short"),
    (believes_what_was_so_once, "by-hand-forgets:open:cancel-payment:0:short"),
    (hears_of_no_money_that_left, "by-hand:open:sweep:0:short"),
    (tries_a_refused_refund_for_ever, "disputed:one-debt:sweep:0:short"),
]


@pytest.mark.parametrize(("plant", "code"), PLANTED)
def test_a_planted_bug_is_found_told_shortly_and_replayed(
    plant: Callable[[pytest.MonkeyPatch], None], code: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    plant(monkeypatch)
    scenario = Scenario.named(code)
    found = explored(scenario, universe_of(scenario.temper))
    assert isinstance(found, Failure)
    assert len(found.story) < 12
    again = replayed(found.code)
    assert again is not None
    assert (again.promise, again.story) == (found.promise, found.story)
    monkeypatch.undo()
    assert replayed(found.code.partition("#")[0] + "#") is None


# What is planned from a read, and what comes of it where its write does not compare the version.
UNVERSIONED = [
    ("paylatch.use_cases.edit_order.edit", "final:new:edit-buyer+pay:2:short", "I2 what is locked does not change"),
    ("paylatch.use_cases.edit_order.cancel_transition", "final:new:cancel-order+pay:2:short", "I7 truthful answers"),
    ("paylatch.use_cases.release_payment.release", "final:evicting:cancel-other:0:short", "I4 money is conserved"),
]


@pytest.mark.parametrize(("planner", "code", "promise"), UNVERSIONED)
def test_a_write_that_arrives_late_is_noticed(
    planner: str, code: str, promise: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(planner, without_version(pkgutil.resolve_name(planner)))
    # That its row asks for the version is noticed at once, and of no interest here.
    monkeypatch.setattr("tests.explorer.databases.check_guard", lambda *_: None)
    scenario = Scenario.named(code)
    found = explored(scenario, universe_of(scenario.temper))
    assert isinstance(found, Failure)
    assert found.promise == promise


@pytest.mark.parametrize("situation", SITUATIONS, ids=lambda situation: situation.name)
def test_callbacks_converge(situation: CallbackSituation) -> None:
    assert orders_of(situation) in (90, 720)


def test_a_random_walk_is_the_same_whenever_it_is_taken() -> None:
    first = [walked(7, number, universe_of) for number in range(12)]
    again = [walked(7, number, universe_of) for number in range(12)]
    assert first == again
    assert all(isinstance(found, Counts) for found in first)


def test_every_pair_and_triple_is_there() -> None:
    assert len(groups_of(1, TEMPERS["final"])) == 19
    assert ("sweep", "sweep-too") in groups_of(2, TEMPERS["final"])
    assert ("pay", "edit-seller", "sweep") in groups_of(3, TEMPERS["final"])


def test_a_guard_that_forgets_a_clause_is_noticed() -> None:
    databases = Databases()
    document = databases.states[databases.first].document
    order = databases.states[databases.first].order
    whole = cancel_order(order, BUYER, Stamp("t", NOON, BUYER.subject))
    check_guard(whole, document)
    for kept in range(len(whole.guard)):
        with pytest.raises(Broken, match="a guard says all that its row asks for"):
            check_guard(replace(whole, guard=whole.guard[kept : kept + 1]), document)


def test_every_explained_survivor_is_a_mutant() -> None:
    names = {mutant.name for module in MODULES for mutant in mutants_of(module)}
    assert set(explained_survivors()) <= names


def test_exploring_stops_at_its_deadline() -> None:
    scenario = Scenario.named("final:new:pay+sweep:1:short")
    assert explored(scenario, universe_of("final"), deadline=0) is None
