"""One target for a module: the stack that a file describes, or the handlers on moto."""

import os
from collections.abc import Iterator
from pathlib import Path

import pytest

from tests.fuzz.targets import Target, deployed_stack, handlers_on_moto

STACK_FILE = "FUZZ_STACK_FILE"


@pytest.fixture(scope="module")
def target() -> Iterator[Target]:
    """The target of the requests."""
    file = os.environ.get(STACK_FILE)
    if file:
        yield deployed_stack(Path(file))
        return
    with handlers_on_moto() as served:
        yield served
