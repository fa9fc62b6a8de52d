"""Threads against moto. Lambda gives a process one event at a time, so the use cases race here."""

import pytest

from tests.integration.conftest import shop
from tests.integration.shop import Shop
from tests.race.concurrent_actions import ConcurrentActions

__all__ = ["shop"]


@pytest.fixture
def concurrent(shop: Shop) -> ConcurrentActions:
    """The concurrent actions."""
    return ConcurrentActions(shop)
