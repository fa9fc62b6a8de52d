"""I5: locks end on time, however many are due at one second. The benchmarks do the same with more locks."""

import pytest

from bench.punctuality import MOST_DELAY, Day, percentile, random_locks
from bench.width import MOST_BYTES_AN_ENTRY, bytes_an_entry, measure

FEW = 400


def test_locks_with_random_deadlines_end_within_two_seconds() -> None:
    day = Day()
    day.run(random_locks(FEW, seed=7))
    assert len(day.delays) == FEW
    assert percentile(day.delays, 100) <= MOST_DELAY


@pytest.mark.parametrize("pollers", [2, 10, 1000])
def test_locks_due_at_one_second_end_near_the_speed_that_the_pollers_allow(pollers: int) -> None:
    result = measure(FEW, pollers)
    assert result.holds, result


def test_the_memory_of_a_sweep_does_not_depend_on_how_much_is_due() -> None:
    assert bytes_an_entry() <= MOST_BYTES_AN_ENTRY
