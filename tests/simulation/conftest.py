"""Simulations put their own ports behind the handlers; a fixture restores the wiring."""

from collections.abc import Iterator

import pytest

from paylatch.runtime import wiring
from paylatch.runtime.observability import logger
from tests.orders_table import TABLE


@pytest.fixture(autouse=True)
def restore_wiring(monkeypatch: pytest.MonkeyPatch) -> Iterator[None]:
    """Restore the wiring, and silence the log of a hundred simulations."""
    monkeypatch.setattr(wiring, "make_ports", wiring.make_ports)
    monkeypatch.setenv("PAYLATCH_TABLE", TABLE)
    level = logger.log_level
    logger.setLevel("CRITICAL")
    yield
    logger.setLevel(level)
    wiring.ports.cache_clear()
