"""The processes that share the matrix's work: each has its own handlers, tables and connections."""

import atexit
import contextlib
import os
from collections.abc import Iterator
from concurrent.futures import ProcessPoolExecutor
from functools import cache
from multiprocessing import get_context

from tests.faults.matrix import Cell, Faults, cells
from tests.faults.proxied_connections import ProxiedConnections, connected
from tests.faults.scenarios import SCENARIOS

# Most of the time is spent in waiting for time-outs.
AT_ONCE = 8
# So that the workers do not all wait for one long scenario at the end.
PARTS = 3
_exit_stack = contextlib.ExitStack()


def cells_by_workers(database: str, numbers: list[int], faults: Faults) -> Iterator[list[Cell]]:
    """The cells of these scenarios under these faults, one scenario after the other."""
    with ProcessPoolExecutor(AT_ONCE, mp_context=get_context("spawn")) as pool:
        runs = [[pool.submit(_share, database, n, faults, part) for part in range(PARTS)] for n in numbers]
        for parts in runs:
            yield [cell for run in parts for cell in run.result()]


def _share(database: str, number: int, faults: Faults, part: int) -> list[Cell]:
    return list(cells(SCENARIOS[number], _connections(database), faults, part, PARTS))


@cache
def _connections(database: str) -> ProxiedConnections:
    """The connections of this process, made once."""
    # Closed before the interpreter's exit, where the servers' threads have stopped and a join would never return.
    atexit.register(_exit_stack.close)
    return _exit_stack.enter_context(connected(database, f"process-{os.getpid()}"))
