"""End a process group together with the program that started it, also when that program is killed.

A killed program runs no `finally`. So a second process waits beside it: it reads from a pipe that only the program
holds open, and when the pipe closes for whatever reason, it ends the group.
"""

import contextlib
import os
import signal
import subprocess
import sys
import time
from collections.abc import Iterator

_GONE_WITHIN = 10.0
_SIGNALS = (signal.SIGINT, signal.SIGTERM, signal.SIGHUP)


@contextlib.contextmanager
def ending_with_this_process(group: int) -> Iterator[None]:
    """Within this context, the end of this process ends the group; leaving the context does not."""
    watcher = subprocess.Popen(
        [sys.executable, __file__, str(group)], stdin=subprocess.PIPE, stdout=subprocess.DEVNULL, start_new_session=True
    )
    try:
        yield
    finally:
        watcher.kill()
        watcher.communicate()


def end(group: int) -> None:
    """End every process of the group, first by request, then by force. Its parent must not be this process."""
    send(group, signal.SIGTERM)
    deadline = time.monotonic() + _GONE_WITHIN
    while _lives(group) and time.monotonic() < deadline:
        time.sleep(0.05)
    send(group, signal.SIGKILL)


def _lives(group: int) -> bool:
    try:
        os.killpg(group, 0)
    except ProcessLookupError:
        return False
    return True


def send(group: int, sign: signal.Signals) -> None:
    """Send a signal to each process of the group, if there is one left."""
    with contextlib.suppress(ProcessLookupError):
        os.killpg(group, sign)


def main() -> int:
    """Wait for the program to end, then end the group."""
    # A signal that ends the program may arrive here too; the group still has to be ended.
    for sign in _SIGNALS:
        signal.signal(sign, signal.SIG_IGN)
    os.read(sys.stdin.fileno(), 1)
    end(int(sys.argv[1]))
    return 0


if __name__ == "__main__":
    sys.exit(main())
