"""One driver for each implementation of a contract."""

from collections.abc import Iterator
from typing import Any

import pytest

from tests.contract.gateway_drivers import GATEWAY_DRIVERS
from tests.contract.gateway_drivers.gateway_driver import GatewayDriver
from tests.contract.store_drivers import DynamoStoreDriver, MemoryStoreDriver, StoreDriver


@pytest.fixture(params=["memory", "dynamodb"])
def store_driver(request: pytest.FixtureRequest) -> StoreDriver:
    """A fresh store of each kind."""
    if request.param == "memory":
        return MemoryStoreDriver()
    table: Any = request.getfixturevalue("orders_table")
    return DynamoStoreDriver(table)


@pytest.fixture(params=GATEWAY_DRIVERS)
def driver(request: pytest.FixtureRequest) -> Iterator[GatewayDriver]:
    """A fresh fake of each gateway, with the adapter on it."""
    with GATEWAY_DRIVERS[request.param]() as driver:
        yield driver
