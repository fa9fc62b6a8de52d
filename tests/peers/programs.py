"""Third-party programs that simulate a gateway: found, started on this machine only, and stopped."""

import os
import signal
import socket
import subprocess
import time
from collections.abc import Iterator, Mapping, Sequence
from contextlib import contextmanager
from pathlib import Path

import pytest

from local.process_groups import ending_with_this_process

DIRECTORY = os.environ.get("PAYLATCH_PEERS")
TIMEOUT_SECONDS = 20


def installed(path: str) -> Path:
    """The program, or a skipped test that says how to get it."""
    if not DIRECTORY:
        pytest.skip("PAYLATCH_PEERS names no directory with peers")
    program = Path(DIRECTORY).resolve() / path
    if not program.exists():
        pytest.skip(f"{path} is not installed: tests/peers/install.sh {DIRECTORY}")
    return program


def free_port() -> int:
    with socket.socket() as probe:
        probe.bind(("127.0.0.1", 0))
        port: int = probe.getsockname()[1]
        return port


@contextmanager
def running(command: Sequence[str], port: int, log: Path, environment: Mapping[str, str]) -> Iterator[str]:
    """The address of a program that listens on that port, while it runs."""
    with log.open("wb") as output:
        program = subprocess.Popen(
            command,
            stdin=subprocess.DEVNULL,
            stdout=output,
            stderr=subprocess.STDOUT,
            env={**os.environ, **environment},
            cwd=log.parent,
            start_new_session=True,
        )
        try:
            with ending_with_this_process(program.pid):
                _wait_for(program, port, log)
                yield f"http://127.0.0.1:{port}"
        finally:
            # Its own session: whatever it started goes with it, and nothing else does.
            os.killpg(program.pid, signal.SIGTERM)
            try:
                program.wait(10)
            except subprocess.TimeoutExpired:
                os.killpg(program.pid, signal.SIGKILL)
                program.wait(10)


def _wait_for(program: "subprocess.Popen[bytes]", port: int, log: Path) -> None:
    until = time.monotonic() + TIMEOUT_SECONDS
    while time.monotonic() < until and program.poll() is None:
        with socket.socket() as probe:
            if probe.connect_ex(("127.0.0.1", port)) == 0:
                return
        time.sleep(0.05)
    pytest.fail(f"{program.args!r} does not listen on {port}:\n{log.read_text(errors='replace')[-2000:]}")
