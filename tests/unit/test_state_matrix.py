"""Every transition in every status: allowed or refused exactly as the state table says."""

from importlib import import_module
from typing import Any

import pytest

from paylatch.domain import transitions
from paylatch.domain.documents import order_from_document
from paylatch.domain.guards import broken_clauses
from paylatch.domain.order import PaymentStatus
from paylatch.domain.transitions import STATE_TABLE, Transition
from paylatch.ports import Applied, Rejected
from tests.differential.random_transitions import RandomTransitions
from tests.fakes.memory_order_store import MemoryOrderStore
from tests.model_checker.spec_transitions import SPEC_GUARDS, SPEC_TRANSITIONS
from tests.transition_cases import ORDER_ID, ROWS, fitting
from tests.unsatisfied_clauses import CLAUSES, clause_id, falsified

MATRIX = [(row, status) for row in STATE_TABLE for status in PaymentStatus]


def apply_to(document: dict[str, Any], transition: Transition) -> Applied | Rejected:
    store = MemoryOrderStore()
    if document:
        store.heads[ORDER_ID] = document
    return store.apply(ORDER_ID, transition)


def test_every_row_of_the_table_has_a_case() -> None:
    assert set(ROWS) == set(STATE_TABLE), "tests/transition_cases.py: `ROWS`"


def test_every_row_is_the_one_that_the_design_gives_and_there_is_no_other() -> None:
    path = "tests/model_checker/spec_transitions.py"
    rows = {name: (rule.sources, rule.target, rule.event) for name, rule in STATE_TABLE.items()}
    assert rows == SPEC_TRANSITIONS, f"{path}: `SPEC_TRANSITIONS`"
    assert set(SPEC_GUARDS) == set(STATE_TABLE), f"{path}: `SPEC_GUARDS`"


@pytest.mark.parametrize("row", STATE_TABLE)
def test_the_differential_test_makes_every_row(row: str) -> None:
    path = "tests/differential/random_transitions.py"
    assert hasattr(RandomTransitions, f"_{row}"), f"{path}: a method `_{row}` of `RandomTransitions`"


@pytest.mark.parametrize("row", STATE_TABLE)
def test_a_transition_that_fits_reaches_its_target_and_leaves_its_event(row: str) -> None:
    document, transition = fitting(row)
    outcome = apply_to(document, transition)
    assert isinstance(outcome, Applied)
    rule, before = STATE_TABLE[row], order_from_document(document) if document else None
    assert outcome.order.status == (rule.target or (before and before.status))
    assert outcome.order.version == (before.version if before else 0) + 1
    assert outcome.order.last_event == transition.event
    assert transition.event.type == rule.event


@pytest.mark.parametrize(("row", "status"), MATRIX)
def test_a_transition_is_allowed_in_exactly_the_statuses_of_its_row(row: str, status: PaymentStatus) -> None:
    document, transition = fitting(row)
    # "create" fits where nothing is; every other row fits its own head, whose status alone is changed here.
    head = {**(document or fitting("edit")[0]), "payment_status": status.value}
    if document:
        transition = ROWS[row][1](order_from_document(head))
    assert isinstance(apply_to(head, transition), Applied) == (status in STATE_TABLE[row].sources)


@pytest.mark.parametrize("row", [row for row, rule in STATE_TABLE.items() if rule.sources])
def test_only_creation_works_on_an_order_that_does_not_exist(row: str) -> None:
    assert apply_to({}, fitting(row)[1]) == Rejected(None)


@pytest.mark.parametrize(("row", "number"), CLAUSES, ids=[clause_id(*case) for case in CLAUSES])
def test_each_clause_of_a_guard_is_needed(row: str, number: int) -> None:
    document, transition = fitting(row)
    clause = transition.guard[number]
    broken = falsified(document, clause)
    assert clause in broken_clauses(transition.guard, broken)
    if broken and document:
        paths = {comparison.path for comparison in clause.any_of}
        untouched = [other for other in transition.guard if paths.isdisjoint(one.path for one in other.any_of)]
        assert broken_clauses(tuple(untouched), broken) == ()
    assert isinstance(apply_to(broken, transition), Rejected)


@pytest.mark.parametrize("row", STATE_TABLE)
def test_the_same_transition_again_is_recognised_as_its_own_success(row: str) -> None:
    document, transition = fitting(row)
    store = MemoryOrderStore()
    if document:
        store.heads[ORDER_ID] = document
    first, again = store.apply(ORDER_ID, transition), store.apply(ORDER_ID, transition)
    assert isinstance(again, Applied)
    assert again == first
    assert len(store.outbox) == 1


@pytest.mark.parametrize("row", STATE_TABLE)
def test_a_transition_has_a_module_of_its_name_with_its_row_and_its_plan(row: str) -> None:
    module = import_module(f"paylatch.domain.transitions.{row}")
    assert getattr(module, row.upper()) is STATE_TABLE[row]
    assert getattr(module, row) is getattr(transitions, row)
