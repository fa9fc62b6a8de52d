"""The processes that share the matrix's work: each has handlers and tables of its own at the end of its own wires."""

import atexit
import contextlib
import os
from collections.abc import Iterator
from concurrent.futures import ProcessPoolExecutor
from functools import cache
from multiprocessing import get_context

from tests.faults.matrix import Cell, cells
from tests.faults.proxied_connections import ProxiedConnections, connected
from tests.faults.scenarios import SCENARIOS

# Most of the time is spent in waiting for time-outs.
AT_ONCE = 8
# So that a long scenario is not waited for by everybody in the end.
PARTS = 3
_exit_stack = contextlib.ExitStack()


def cells_by_workers(database: str, numbers: list[int]) -> Iterator[list[Cell]]:
    """The cells of these scenarios, one scenario after the other."""
    with ProcessPoolExecutor(AT_ONCE, mp_context=get_context("spawn")) as pool:
        runs = [[pool.submit(_share, database, n, part) for part in range(PARTS)] for n in numbers]
        for parts in runs:
            yield [cell for run in parts for cell in run.result()]


def _share(database: str, number: int, part: int) -> list[Cell]:
    return list(cells(SCENARIOS[number], _connections(database), part, PARTS))


@cache
def _connections(database: str) -> ProxiedConnections:
    """Strung up once, for as long as this process works."""
    # Not left to the interpreter's end, by which the threads of the wires have stopped and are waited for in vain.
    atexit.register(_exit_stack.close)
    return _exit_stack.enter_context(connected(database, f"process-{os.getpid()}"))
