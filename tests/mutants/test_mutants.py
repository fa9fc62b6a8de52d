"""A mutant is data: its own name, and its source made from its description alone; each changes the program."""

import ast

import pytest

from tests.model_checker.scenarios import PROFILES
from tests.mutants.modules_of_one_step import step_of
from tests.mutants.mutants import (
    EXPLORED,
    MODULES,
    ROOT,
    TESTED,
    Mutant,
    all_mutants,
    mutants_of,
    source_of,
    unchanged_source_of,
)
from tests.mutants.rules import Kind
from tests.mutants.scenarios import mutation_scenarios, scenarios_by_profile
from tests.mutants.survivors import explained_survivors
from tests.mutants.tests_of_modules import TESTS
from tests.mutants.verdicts import CONTROL, controls

SETTLE = "paylatch.domain.transitions.settle"


def test_every_explained_survivor_is_a_mutant() -> None:
    assert set(explained_survivors()) <= {mutant.name for mutant in all_mutants()}


def test_every_mutant_has_its_own_name() -> None:
    names = [mutant.name for mutant in all_mutants()]
    assert len(set(names)) == len(names)


def test_every_clause_of_a_transition_is_dropped_and_negated() -> None:
    clauses = [mutant.part for mutant in mutants_of(SETTLE) if mutant.kind is Kind.CLAUSE]
    assert "without the clause clauses.ATTEMPT_HOLDS_IT" in clauses
    assert "with the opposite of clauses.ATTEMPT_HOLDS_IT" in clauses
    assert unchanged_source_of(SETTLE).count("clauses.") * 2 == len(clauses)


@pytest.mark.parametrize("module", MODULES)
def test_a_mutant_of_every_kind_is_another_program(module: str) -> None:
    unchanged = unchanged_source_of(module)
    for mutant in {mutant.kind: mutant for mutant in mutants_of(module)}.values():
        source = source_of(mutant)
        assert source != unchanged, mutant
        ast.parse(source)


def test_a_mutant_that_is_not_possible_is_named() -> None:
    with pytest.raises(LookupError, match="of another tree"):
        source_of(Mutant(SETTLE, "SETTLE", Kind.CLAUSE, "without the clause of another tree"))


def test_every_mutation_scenario_is_in_the_part_of_its_profile() -> None:
    parts = scenarios_by_profile()
    assert sorted(code for part in parts for code in part.codes) == sorted(
        scenario.code for scenario in mutation_scenarios()
    )
    assert all(code.startswith(f"{part.profile}:") for part in parts for code in part.codes)
    assert len(parts) == len({part.profile for part in parts}) == len(PROFILES)


@pytest.mark.parametrize("module", EXPLORED)
def test_every_explored_module_has_scenarios(module: str) -> None:
    assert any(step_of(module) in scenario.code for scenario in mutation_scenarios())


def test_every_other_module_has_tests() -> None:
    assert TESTS.keys() >= {*TESTED}


def test_every_file_that_judges_a_module_of_these_exists() -> None:
    assert {*MODULES} >= TESTS.keys()
    assert all((ROOT / file).is_file() for files in TESTS.values() for file in files)


def test_the_controls_of_one_module_are_its_own_and_short() -> None:
    assert [(run.module, run.most) for run in controls([SETTLE])] == [(SETTLE, CONTROL)]
