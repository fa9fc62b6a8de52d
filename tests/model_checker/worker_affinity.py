"""Share tasks among processes so that each process stays with one gateway's profile for as long as it can.

The process that computed a state space keeps it; another one with a task of the same profile computes it again.
"""

import multiprocessing
from collections import deque
from collections.abc import Callable, Iterable, Iterator
from contextlib import ExitStack, contextmanager
from multiprocessing.connection import Connection, wait
from typing import Protocol, TypeVar


class OfProfile(Protocol):
    """A task at one gateway."""

    @property
    def profile(self) -> str:
        """The name of the gateway's profile."""
        ...


T = TypeVar("T", bound=OfProfile)
R = TypeVar("R")
_FORK = multiprocessing.get_context("fork")


class TasksByProfile:
    """The tasks that no worker has begun; those of one profile are begun in their order."""

    def __init__(self, tasks: Iterable[OfProfile]) -> None:
        self._waiting: dict[str, deque[OfProfile]] = {}
        self._profiles: dict[int, str] = {}
        for task in tasks:
            self._waiting.setdefault(task.profile, deque()).append(task)

    def next_for(self, worker: int) -> OfProfile | None:
        """The worker's next task: of its last one's profile while there is one; None when all are begun."""
        profile = self._profiles.get(worker, "")
        if not self._waiting.get(profile):
            profile = self._profiles[worker] = self._most_left()
        return self._waiting[profile].popleft() if self._waiting.get(profile) else None

    def _most_left(self) -> str:
        """The profile with the most tasks for each of the workers that it would then have."""
        taken = list(self._profiles.values())
        return max(self._waiting, key=lambda name: len(self._waiting[name]) / (1 + taken.count(name)), default="")


def done_by_profile(tasks: Iterable[T], workers: int, run: Callable[[T], R]) -> Iterator[R]:
    """The results of all tasks as they come. Raises `EOFError` where a worker ended by an error, which it prints."""
    waiting = TasksByProfile(tasks)
    with ExitStack() as stack:
        numbers = {stack.enter_context(_worker(run)): number for number in range(workers)}
        busy = [connection for connection, number in numbers.items() if _sent(connection, waiting.next_for(number))]
        while busy:
            ready = wait(busy)
            for connection in [each for each in busy if each in ready]:
                yield connection.recv()
                if not _sent(connection, waiting.next_for(numbers[connection])):
                    busy.remove(connection)


def _sent(connection: Connection, task: OfProfile | None) -> bool:
    if task is not None:
        connection.send(task)
    return task is not None


@contextmanager
def _worker(run: Callable[[T], R]) -> Iterator[Connection]:
    ours, theirs = _FORK.Pipe()
    process = _FORK.Process(target=_serve, args=(theirs, run), daemon=True)
    process.start()
    theirs.close()
    try:
        yield ours
    finally:
        process.terminate()
        process.join()
        ours.close()


def _serve(connection: Connection, run: Callable[[T], R]) -> None:
    while True:
        connection.send(run(connection.recv()))
