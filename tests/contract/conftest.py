"""One bench for each implementation of a contract."""

from collections.abc import Iterator
from typing import Any

import pytest

from tests.contract.benches import BENCHES
from tests.contract.benches.bench import Bench
from tests.contract.order_stores import DynamoBench, MemoryBench, StoreBench


@pytest.fixture(params=["memory", "dynamodb"])
def bench(request: pytest.FixtureRequest) -> StoreBench:
    """A fresh store of each kind."""
    if request.param == "memory":
        return MemoryBench()
    table: Any = request.getfixturevalue("orders_table")
    return DynamoBench(table)


@pytest.fixture(params=BENCHES)
def driver(request: pytest.FixtureRequest) -> Iterator[Bench]:
    """A fresh stand-in of each gateway, and the adapter on it."""
    with BENCHES[request.param]() as driver:
        yield driver
