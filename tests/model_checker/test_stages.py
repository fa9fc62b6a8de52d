"""What a short exploration leaves out is explored by the complete one."""

import pytest

from tests.model_checker.runner import BEYOND_CORE, CORE, STAGES, Stage

PAIRS = Stage(2, 1, "short", core=True)


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
        Stage(3, 1, "short", core=True),
        Stage(2, 2, "short", core=True),
        Stage(2, 1, "late", core=True),
        Stage(2, 1, "short"),
        Stage(2, 1, "short", core=True, functions=True),
        Stage(2, 1, "short", core=True, placing=True),
    ],
    ids=str,
)
def test_a_stage_with_more_in_it_is_not_included(other: Stage) -> None:
    assert not PAIRS.includes(other)


@pytest.mark.parametrize("faults", [0, 1])
def test_a_stage_with_no_more_in_it_is_included(faults: int) -> None:
    assert PAIRS.includes(Stage(2, faults, "short", core=True))
    assert Stage(2, 1, "short", functions=True).includes(Stage(2, faults, "short", core=True))
