"""Stories put ports of their own behind the handlers; afterwards everything is as it was."""

from collections.abc import Iterator

import pytest

from paylatch.runtime import wiring
from paylatch.runtime.observability import logger
from tests.orders_table import TABLE


@pytest.fixture(autouse=True)
def restore_wiring(monkeypatch: pytest.MonkeyPatch) -> Iterator[None]:
    """The seam, and the log: what a hundred stories say would be no help to anybody."""
    monkeypatch.setattr(wiring, "make_ports", wiring.make_ports)
    monkeypatch.setenv("PAYLATCH_TABLE", TABLE)
    level = logger.log_level
    logger.setLevel("CRITICAL")
    yield
    logger.setLevel(level)
    wiring.ports.cache_clear()
