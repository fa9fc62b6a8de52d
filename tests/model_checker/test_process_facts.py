"""Invariants on answers follow from the facts that a process carries: under another name it is checked alike."""

from dataclasses import replace

import pytest

from paylatch.ports import Ports
from paylatch.use_cases import read_order
from tests.model_checker import processes
from tests.model_checker.actors import OPERATOR, ORDER
from tests.model_checker.exploration import Counts
from tests.model_checker.processes import PROCESSES
from tests.model_checker.scenarios import PROFILES, Scenario
from tests.model_checker.search import Failure, explored
from tests.model_checker.state_space import StateSpace

# A use case that changes something, a process that runs it, and where the order needs that change.
CHANGES = [
    ("edit_order", "edit-seller", "final:new:edit-seller:0:short"),
    ("edit_order", "edit-buyer", "final:new:edit-buyer:0:short"),
    ("cancel_order", "cancel-order", "final:new:cancel-order:0:short"),
    ("stop_and_change", "stop-and-change", "final:released:stop-and-change:0:short"),
    ("recheck_payment", "recheck", "final:releasing:recheck:0:short"),
    ("resolve_review", "operator-settles", "underpaid:review:operator-settles:0:short"),
    ("resolve_review", "operator-settles-other", "underpaid:second-review:operator-settles-other:0:short"),
    ("resolve_review", "operator-refunds", "underpaid:review:operator-refunds:0:short"),
    ("release_by_operator", "operator-releases", "final:releasing:operator-releases:0:short"),
    ("write_off_refund", "operator-writes-off", "disputed:one-debt:operator-writes-off:0:short"),
]


def shows_the_order_only(*arguments: object) -> object:
    """Answers as if its change was made, and makes none."""
    *_, ports = arguments
    assert isinstance(ports, Ports)
    return read_order.read_order(ORDER, OPERATOR, ports)


def found_in(code: str) -> Counts | Failure | None:
    scenario = Scenario.named(code)
    return explored(scenario, StateSpace(PROFILES[scenario.profile]))


def rename(name: str, monkeypatch: pytest.MonkeyPatch) -> None:
    """Give the process a name that no other has."""
    monkeypatch.setitem(PROCESSES, name, replace(PROCESSES[name], name="somebody"))


@pytest.mark.parametrize(("use_case", "name", "code"), CHANGES, ids=[name for _, name, _ in CHANGES])
def test_an_answer_without_its_change_is_found_whatever_the_process_is_called(
    use_case: str, name: str, code: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    rename(name, monkeypatch)
    monkeypatch.setattr(processes, use_case, shows_the_order_only)
    found = found_in(code)
    assert isinstance(found, Failure)
    assert found.invariant == "I7 truthful answers"


@pytest.mark.parametrize(("name", "code"), [(name, code) for _, name, code in CHANGES])
def test_a_process_keeps_its_promises_under_any_name(name: str, code: str, monkeypatch: pytest.MonkeyPatch) -> None:
    named = found_in(code)
    rename(name, monkeypatch)
    assert isinstance(named, Counts)
    assert found_in(code) == named
