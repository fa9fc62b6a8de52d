"""The AWS emulator: a child process that is reachable from this machine only."""

import contextlib
import fcntl
import shutil
import signal
import subprocess
import time
import urllib.error
import urllib.request
from collections.abc import Iterator
from pathlib import Path

from local import aws
from local.ports import HOST
from local.process_groups import ending_with_this_process, send
from local.tools import EMULATOR_PYTHON

_READY_WITHIN = 60.0
_GONE_WITHIN = 10.0


class EmulatorFailed(Exception):
    """The emulator did not start."""


@contextlib.contextmanager
def running(port: int, run_dir: Path) -> Iterator[str]:
    """Within this context, the emulator runs at the yielded URL and stores its data under `run_dir`.

    Raises `EmulatorFailed`.
    """
    log = run_dir / "emulator.log"
    scratch = run_dir / "emulator"
    with _alone_in(run_dir):
        shutil.rmtree(scratch, ignore_errors=True)
        process = _start(port, scratch, log)
        try:
            with ending_with_this_process(process.pid):
                url = f"http://{HOST}:{port}"
                _wait_until_ready(url, process, log)
                yield url
        finally:
            _stop(process)
            shutil.rmtree(scratch, ignore_errors=True)


@contextlib.contextmanager
def _alone_in(run_dir: Path) -> Iterator[None]:
    """Raise `EmulatorFailed` where another emulator runs there; the lock ends with the process that holds it."""
    with (run_dir / "lock").open("w") as lock:
        try:
            fcntl.flock(lock, fcntl.LOCK_EX | fcntl.LOCK_NB)
        except BlockingIOError as error:
            raise EmulatorFailed(f"Another stack runs in {run_dir}; choose another folder with --run-dir.") from error
        yield


def _start(port: int, scratch: Path, log: Path) -> subprocess.Popen[bytes]:
    scratch.mkdir(parents=True)
    with log.open("wb") as output:
        # A session of its own: Ctrl-C reaches this process first, which ends the emulator in order, with all its
        # workers.
        return subprocess.Popen(
            [str(EMULATOR_PYTHON), "-m", "ministack"],
            cwd=scratch,
            env=_environment(port, scratch),
            stdin=subprocess.DEVNULL,
            stdout=output,
            stderr=subprocess.STDOUT,
            start_new_session=True,
        )


def _environment(port: int, scratch: Path) -> dict[str, str]:
    return aws.environment(
        GATEWAY_PORT=str(port),
        # By default it listens on every interface, and opens ports for services that are not used here.
        BIND_HOST=HOST,
        IOT_MTLS_ENABLED="0",
        IOT_MTLS_PORT="off",
        SFTP_ENABLED="0",
        # Policies are enforced, so that a statement missing from the template fails here already, and not only on AWS.
        AUTH="true",
        TMPDIR=str(scratch),
        STATE_DIR=str(scratch / "state"),
        S3_DATA_DIR=str(scratch / "s3"),
    )


def _wait_until_ready(url: str, process: subprocess.Popen[bytes], log: Path) -> None:
    deadline = time.monotonic() + _READY_WITHIN
    while time.monotonic() < deadline:
        if process.poll() is not None:
            raise EmulatorFailed(f"The AWS emulator ended at once; its last output was:\n{aws.tail(log)}")
        if _answers(f"{url}/_ministack/health"):
            return
        time.sleep(0.1)
    raise EmulatorFailed(f"The AWS emulator does not answer; its last output was:\n{aws.tail(log)}")


def _answers(url: str) -> bool:
    try:
        with urllib.request.urlopen(url, timeout=1):
            return True
    except (urllib.error.URLError, OSError):
        return False


def _stop(process: subprocess.Popen[bytes]) -> None:
    """End the process group of the emulator and its function workers."""
    try:
        send(process.pid, signal.SIGTERM)
        process.wait(_GONE_WITHIN)
    except subprocess.TimeoutExpired:
        pass
    finally:
        # Workers may outlive the emulator, and a second Ctrl-C must leave no process behind either.
        send(process.pid, signal.SIGKILL)
        process.wait()
