"""Threads against moto. Lambda gives a process one event at a time, so what races here are the use cases."""

from threading import Lock
from typing import Any

import pytest
from moto.core.models import botocore_stubber

from tests.integration.conftest import shop
from tests.integration.shop import Shop
from tests.race.shoppers import Shoppers

__all__ = ["shop"]


@pytest.fixture
def shoppers(shop: Shop, monkeypatch: pytest.MonkeyPatch) -> Shoppers:
    """Whoever races. The table takes one request after another, as DynamoDB does for one item and moto does not."""
    one_at_a_time, process = Lock(), botocore_stubber.process_request

    def serve(request: Any) -> Any:
        with one_at_a_time:
            return process(request)

    monkeypatch.setattr(botocore_stubber, "process_request", serve)
    return Shoppers(shop)
