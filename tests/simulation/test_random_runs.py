"""A thousand random runs end with balanced ledgers, and fail when a row of the late-money table is missing. A failed
run reports its seed and steps. `SIMULATION_SEED=<seed> .venv/bin/pytest tests/simulation -k end_well` repeats one run
alone.
"""

import os

import pytest

from paylatch.domain.late_money import DECISIONS, Decision, Situation
from tests.simulation.random_run import RunFailed, run

RUNS, AT_A_TIME = 1000, 50
ONE = os.environ.get("SIMULATION_SEED")
SEED_RANGES = [range(int(ONE), int(ONE) + 1)] if ONE else [range(n, n + AT_A_TIME) for n in range(0, RUNS, AT_A_TIME)]

# A recorded payment has its place, and one that fits its holder is settled without the late-money table; a
# gateway that knows an attempt which the order does not know is no part of these runs.
NEEDED = [
    Situation.HOLDER_DIFFERS,
    Situation.SAME_REVISION,
    Situation.EDITED_SINCE,
    Situation.LATE_DIFFERS,
    Situation.NEWER_ATTEMPT,
    Situation.PAID_ALREADY,
    Situation.ORDER_CANCELLED,
    Situation.UNDER_REVIEW,
]


@pytest.mark.parametrize("seeds", SEED_RANGES, ids=lambda seeds: f"{seeds[0]}-{seeds[-1]}")
def test_random_runs_end_well(seeds: range) -> None:
    for seed in seeds:
        run(seed)


@pytest.mark.parametrize("row", NEEDED, ids=lambda row: row.name.lower())
def test_a_missing_row_is_detected(row: Situation, monkeypatch: pytest.MonkeyPatch) -> None:
    with monkeypatch.context() as without:
        without.setitem(DECISIONS, row, Decision.NOTHING)
        with pytest.raises(RunFailed) as failed:
            _run_all()
        with pytest.raises(RunFailed) as again:
            run(failed.value.seed)

    assert str(again.value) == str(failed.value), "a run is made from its seed alone"
    run(failed.value.seed)


def _run_all() -> None:
    for seed in range(RUNS):
        run(seed)
