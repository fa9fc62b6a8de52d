"""Progress output: one line for each step, as it happens."""

import contextlib
import sys
import time
from collections.abc import Iterator


@contextlib.contextmanager
def step(what: str) -> Iterator[None]:
    """Print the step and, at its end, its duration."""
    _say(f"  {what} … ")
    started = time.monotonic()
    try:
        yield
    except BaseException:
        _say("failed\n")
        raise
    _say(f"{time.monotonic() - started:.1f} s\n")


def say(text: str) -> None:
    """Print one line of a program's result at once."""
    print(text, flush=True)


def _say(words: str) -> None:
    # On stderr, because a program may read stdout.
    print(words, end="", file=sys.stderr, flush=True)
