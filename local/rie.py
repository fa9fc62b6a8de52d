"""Run one function through Lambda's runtime interface emulator, which the SAM CLI contains; without Docker."""

import contextlib
import http.client
import platform
import shutil
import signal
import subprocess
import time
from collections.abc import Iterator, Mapping
from pathlib import Path

from local import aws, ports, process_groups
from local.tools import LOCAL, ROOT, WHEELS

_UP_WITHIN = 10.0
_ANSWERS_WITHIN = 65.0
_INVOCATIONS = "/2015-03-31/functions/function/invocations"


class InvokeFailed(Exception):
    """The runtime interface emulator did not start."""


def invoke_without_docker(folder: Path, event: Path, environment: Mapping[str, str]) -> str:
    """The response to the event of the function in `folder`."""
    with _runtime(folder, environment) as port:
        connection = http.client.HTTPConnection(ports.HOST, port, timeout=_ANSWERS_WITHIN)
        connection.request("POST", _INVOCATIONS, event.read_bytes())
        return connection.getresponse().read().decode()


@contextlib.contextmanager
def _runtime(folder: Path, environment: Mapping[str, str]) -> Iterator[int]:
    free = ports.claim(0, 0, 0)
    process = subprocess.Popen(
        [
            str(_emulator()),
            *("--runtime-interface-emulator-address", f"{ports.HOST}:{free.api}"),
            *("--runtime-api-address", f"{ports.HOST}:{free.emulator}"),
            *("--log-level", "error"),
            *(str(LOCAL / "rie" / "bin" / "python"), "-m", "awslambdaric", "app.handler"),
        ],
        cwd=folder,
        env=aws.environment(
            PYTHONPATH=f"{ROOT / 'layers' / 'common'}:{WHEELS}",
            # What lies in the function's folder is deployed.
            PYTHONDONTWRITEBYTECODE="1",
            **environment,
        ),
        start_new_session=True,
    )
    try:
        with process_groups.ending_with_this_process(process.pid):
            _wait_until_up(free.api, process)
            yield free.api
    finally:
        # The emulator ends the function that it runs; any process that is left of the two ends with the group.
        process.terminate()
        process.wait()
        process_groups.send(process.pid, signal.SIGKILL)


def _wait_until_up(port: int, process: subprocess.Popen[bytes]) -> None:
    deadline = time.monotonic() + _UP_WITHIN
    while not ports.listens(port):
        if process.poll() is not None or time.monotonic() > deadline:
            raise InvokeFailed("The runtime interface emulator did not come up.")
        time.sleep(0.05)


def _emulator() -> Path:
    """An executable copy, because a wheel does not set that permission."""
    machine = {"aarch64": "arm64"}.get(platform.machine(), platform.machine())
    (carried,) = (LOCAL / "sam").glob(f"lib/*/site-packages/samcli/local/rapid/aws-lambda-rie-{machine}")
    copy = LOCAL / "rie" / "bin" / "aws-lambda-rie"
    shutil.copy(carried, copy)
    copy.chmod(0o755)
    return copy
