"""One bench for each implementation of a contract."""

from typing import Any

import pytest

from tests.contract.order_stores import DynamoBench, MemoryBench, StoreBench


@pytest.fixture(params=["memory", "dynamodb"])
def bench(request: pytest.FixtureRequest) -> StoreBench:
    """A fresh store of each kind."""
    if request.param == "memory":
        return MemoryBench()
    table: Any = request.getfixturevalue("orders_table")
    return DynamoBench(table)
