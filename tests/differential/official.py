"""The official DynamoDB Local: fetched once with Maven, run where Java and Maven are installed, on loopback only."""

import contextlib
import shutil
import socket
import subprocess
import time
from collections.abc import Iterator
from pathlib import Path

from local.process_groups import ending_with_this_process

HERE = Path(__file__).parent
JARS = Path(__file__).parents[2] / ".local" / "dynamodb-local"
HOST = "127.0.0.1"
_READY_WITHIN = 90.0


class OfficialMissing(Exception):
    """DynamoDB Local cannot be run here; the message says why."""


@contextlib.contextmanager
def official_running(log_dir: Path) -> Iterator[str]:
    """Its URL, while it runs. Raises `OfficialMissing`."""
    _fetch()
    port = _free_port()
    command = ["java", f"-Djava.library.path={JARS}", "-cp", f"{JARS}/*", str(HERE / "LoopbackDynamoDB.java")]
    log = log_dir / "dynamodb-local.log"
    with log.open("wb") as output:
        process = subprocess.Popen(
            [*command, str(port)],
            stdin=subprocess.DEVNULL,
            stdout=output,
            stderr=subprocess.STDOUT,
            start_new_session=True,
        )
    try:
        with ending_with_this_process(process.pid):
            _wait(port, process, log)
            yield f"http://{HOST}:{port}"
    finally:
        process.kill()
        process.wait()


def missing_tools() -> list[str]:
    """Which of the programs that it needs are not installed; `javac` stands for a JDK."""
    return [tool for tool in ("java", "javac", "mvn") if shutil.which(tool) is None]


def _fetch() -> None:
    missing = missing_tools()
    if missing:
        raise OfficialMissing(f"not installed: {', '.join(missing)}")
    if JARS.exists():
        return
    draft = JARS.with_suffix(".new")
    shutil.rmtree(draft, ignore_errors=True)
    # Only its dependencies, into a separate folder: completely or not at all.
    done = subprocess.run(
        ["mvn", "-q", "-B", "-f", str(HERE / "pom.xml"), "dependency:copy-dependencies", f"-DoutputDirectory={draft}"],
        stdin=subprocess.DEVNULL,
        capture_output=True,
        text=True,
        check=False,
    )
    if done.returncode != 0:
        raise OfficialMissing(f"Maven could not fetch it: {done.stdout.strip().splitlines()[:1]}")
    draft.replace(JARS)


def _free_port() -> int:
    with socket.socket() as probe:
        probe.bind((HOST, 0))
        port: int = probe.getsockname()[1]
        return port


def _wait(port: int, process: subprocess.Popen[bytes], log: Path) -> None:
    until = time.monotonic() + _READY_WITHIN
    while time.monotonic() < until:
        if process.poll() is not None:
            break
        with contextlib.suppress(OSError), socket.create_connection((HOST, port), timeout=1):
            return
        time.sleep(0.1)
    raise OfficialMissing(f"it does not start: {log.read_text(errors='replace')[-500:]}")
