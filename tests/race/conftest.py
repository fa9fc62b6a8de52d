"""Threads against moto. Lambda gives a process one event at a time, so what races here are the use cases."""

from collections.abc import Iterator
from threading import Lock
from typing import Any

import pytest
from moto.core.models import botocore_stubber

from paylatch.store.connection import TableConnection
from tests.integration.conftest import shop
from tests.integration.shop import Shop
from tests.race.shoppers import Shoppers

__all__ = ["shop"]

_EVENT = "before-send.dynamodb"


@pytest.fixture
def shoppers(shop: Shop, orders_table: TableConnection) -> Iterator[Shoppers]:
    """Whoever races. The table takes one request after another, as DynamoDB does for one item and moto does not."""
    one_at_a_time, events = Lock(), orders_table.connection.client.meta.events

    def serve(request: Any, **_: Any) -> Any:
        with one_at_a_time:
            return botocore_stubber("before-send", request)

    events.register_first(_EVENT, serve)
    yield Shoppers(shop)
    events.unregister(_EVENT, serve)
