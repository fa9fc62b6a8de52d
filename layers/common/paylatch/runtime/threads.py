"""Calls made at the same time, each with the context of its caller."""

from collections.abc import Callable, Sequence
from contextvars import copy_context
from typing import TypeVar

WIDTH = 10
T = TypeVar("T")


def at_once(calls: Sequence[Callable[[], T]]) -> list[T]:
    """The results of all calls, in their order; at most ten calls run at once. Raises the first error."""
    if len(calls) <= 1:
        return [call() for call in calls]
    # Imported here, so that no function loads it at its start.
    from concurrent.futures import ThreadPoolExecutor

    with ThreadPoolExecutor(WIDTH) as pool:
        running = [pool.submit(copy_context().run, call) for call in calls]
        return [each.result() for each in running]
