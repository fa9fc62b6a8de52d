"""One line a step, as it happens."""

import contextlib
import sys
import time
from collections.abc import Iterator


@contextlib.contextmanager
def step(what: str) -> Iterator[None]:
    """Say what is being done, and how long it took."""
    _say(f"  {what} … ")
    started = time.monotonic()
    try:
        yield
    except BaseException:
        _say("failed\n")
        raise
    _say(f"{time.monotonic() - started:.1f} s\n")


def _say(words: str) -> None:
    # Beside the output, which may be read by a program.
    print(words, end="", file=sys.stderr, flush=True)
