"""What a short exploration leaves out is explored by the complete one."""

import math

import pytest

from tests.model_checker import runner
from tests.model_checker.runner import BEYOND_CORE, CORE, LONG_CORE, STAGES, Stage, spaces
from tests.model_checker.scenarios import PROFILES, Places, Scenario
from tests.model_checker.state_space import StateSpace

PAIRS = Stage(2, 1, "short", Places.CORE)


def test_what_is_left_out_is_in_the_core() -> None:
    for stage in set(STAGES) - set(BEYOND_CORE):
        groups = {(scenario.profile, scenario.start, scenario.names) for scenario in stage.scenarios}
        covering = [
            {(scenario.profile, scenario.start, scenario.names) for scenario in core.scenarios}
            for core in CORE
            if core.span == stage.span and core.faults >= stage.faults and core.functions >= stage.functions
        ]
        assert any(groups <= each for each in covering), str(stage)


@pytest.mark.parametrize(
    "other",
    [
        Stage(3, 1, "short", Places.CORE),
        Stage(2, 2, "short", Places.CORE),
        Stage(2, 1, "late", Places.CORE),
        Stage(2, 1, "short"),
        Stage(2, 1, "short", Places.GATEWAYS),
        Stage(2, 1, "short", Places.CORE, functions=True),
        Stage(2, 1, "short", Places.CORE, placing=True),
    ],
    ids=str,
)
def test_a_stage_with_more_in_it_is_not_included(other: Stage) -> None:
    assert not PAIRS.includes(other)


@pytest.mark.parametrize("faults", [0, 1])
def test_a_stage_with_no_more_in_it_is_included(faults: int) -> None:
    assert PAIRS.includes(Stage(2, faults, "short", Places.CORE))
    assert Stage(2, 1, "short", functions=True).includes(Stage(2, faults, "short", Places.CORE))


def test_a_share_is_included_in_the_whole_and_not_the_other_way() -> None:
    whole, share = Stage(2, 1, "short"), Stage(2, 1, "short", share=4)

    assert whole.includes(share)
    assert not share.includes(whole)
    assert not share.includes(Stage(2, 1, "short", share=3))


def test_a_share_is_about_as_large_as_it_says_in_every_situation() -> None:
    whole, share = Stage(2, 0, "short"), Stage(2, 0, "short", share=4)

    assert len(share.scenarios) == pytest.approx(len(whole.scenarios) / 4, rel=0.15)
    assert {(each.profile, each.start) for each in share.scenarios} == {
        (each.profile, each.start) for each in whole.scenarios
    }


def test_a_scenario_of_two_stages_is_explored_once() -> None:
    explored = [scenario for group in spaces(CORE).values() for scenario in group]

    assert len(explored) == len(set(explored))
    assert set(explored) == {scenario for stage in CORE for scenario in stage.scenarios}


def test_a_night_leaves_out_nothing_that_a_change_must_pass() -> None:
    assert [str(stage) for stage in CORE if not any(each.includes(stage) for each in LONG_CORE)] == []


def test_a_process_that_holds_too_much_memory_drops_its_state_spaces(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(runner, "_state_spaces", {"slow": StateSpace(PROFILES["slow"])})
    kept = runner.state_space_of("final")
    assert runner.state_space_of("final") is kept

    monkeypatch.setattr(runner, "memory_in_use", lambda: runner.MOST_MEMORY + 1)

    assert runner.state_space_of("final") is not kept
    assert runner._state_spaces.keys() == {"final"}


def test_a_worker_keeps_the_state_space_of_its_task_alone(monkeypatch: pytest.MonkeyPatch) -> None:
    kept = StateSpace(PROFILES["final"])
    monkeypatch.setattr(runner, "_state_spaces", {"slow": StateSpace(PROFILES["slow"]), "final": kept})

    runner.run_alone(runner.Task(CORE[0], (Scenario.named("final:new:pay:0:short"),), math.inf))

    assert runner._state_spaces == {"final": kept}


def test_the_memory_of_a_process_is_measured_while_it_runs() -> None:
    before = runner.memory_in_use()
    held = bytearray(64 << 20)

    assert runner.memory_in_use() - before >= len(held) // 2
