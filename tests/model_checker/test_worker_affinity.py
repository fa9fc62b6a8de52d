"""The workers of a complete exploration share the tasks without computing a state space twice."""

from dataclasses import dataclass

import pytest

from tests.model_checker.worker_affinity import TasksByProfile, done_by_profile


@dataclass(frozen=True, slots=True)
class NumberedTask:
    profile: str
    number: int


def numbered(**counts: int) -> list[NumberedTask]:
    """Tasks of each profile, in turn."""
    return [NumberedTask(name, n) for n in range(max(counts.values())) for name, most in counts.items() if n < most]


def doubled(task: NumberedTask) -> int:
    return 2 * task.number


def failing(task: NumberedTask) -> int:
    raise SystemExit(task.number)


def test_a_worker_stays_with_a_profile_while_it_has_tasks() -> None:
    tasks = TasksByProfile(numbered(final=2, slow=3))
    begun = [tasks.next_for(worker) for worker in (0, 1, 1, 0, 0)]
    assert [task and task.profile for task in begun] == ["slow", "final", "final", "slow", "slow"]
    assert tasks.next_for(0) is tasks.next_for(1) is None


def test_a_worker_without_tasks_goes_where_most_are_left_for_each_worker() -> None:
    tasks = TasksByProfile(numbered(slow=6, final=1, declines=2))
    begun = [tasks.next_for(worker) for worker in (0, 1, 2, 2)]
    assert [task and task.profile for task in begun] == ["slow", "slow", "declines", "declines"]


def test_the_tasks_of_a_profile_are_begun_in_their_order() -> None:
    tasks = TasksByProfile(numbered(final=4))
    assert [tasks.next_for(worker) for worker in (0, 1, 0, 1)] == numbered(final=4)


@pytest.mark.parametrize("workers", [1, 2, 5])
def test_every_task_has_one_result(workers: int) -> None:
    assert sorted(done_by_profile(numbered(final=3, slow=1), workers, doubled)) == [0, 0, 2, 4]


def test_a_worker_that_ends_by_an_error_ends_the_run() -> None:
    with pytest.raises(EOFError):
        list(done_by_profile(numbered(final=1), 1, failing))
