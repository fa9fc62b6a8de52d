"""`make dev`: run the local stack until Ctrl-C."""

import argparse
import contextlib
import signal
import sys
import threading
import time
from collections.abc import Iterator
from dataclasses import replace
from pathlib import Path

from local import arguments, curl, ports, smoke_test, tools
from local.deploy import DeployFailed
from local.emulator import EmulatorFailed
from local.stack import ALLOWED_ORIGINS, Stack, StackPlan, running
from local.test_users import TestUsers

# The tokens live for an hour.
_SIGN_IN_EVERY = 40 * 60.0
_LOOK_EVERY = 5.0
API_PORT = 3000
# `OSError`: a folder that cannot be written, for one.
_FAILURES = (
    tools.ToolMissing,
    ports.PortTaken,
    EmulatorFailed,
    DeployFailed,
    smoke_test.SmokeTestFailed,
    OSError,
)


def main() -> int:
    """Run the stack; return the exit code."""
    options = _options()
    try:
        tools.require()
        return _run(options)
    except _FAILURES as error:
        print(f"\n{error}", file=sys.stderr)
        return 1
    except KeyboardInterrupt:
        print("\nStopped.")
        return 130 if options.once else 0


def _run(options: argparse.Namespace) -> int:
    claimed = ports.claim(options.api_port, options.sandbox_port, options.emulator_port, options.pages_port)
    stack_file = options.stack_file or of_port(tools.STACK_FILE, claimed.api)
    plan = StackPlan(
        ports=claimed,
        run_dir=options.run_dir or of_port(tools.LOCAL / "dev", claimed.api),
        gateways=options.gateways,
        allowed_origins=options.allowed_origins,
        secrets=options.secrets,
        parameters={"WebhookUrl": options.webhook_url, "WebhookLocal": "true"} if options.webhook_url else {},
    )
    print("Paylatch, on this machine only:", flush=True)
    end_on_signals()
    with running(plan) as (stack, test_users), _stack_file_written(stack, stack_file):
        if options.once:
            smoke_test.run_smoke_test(stack)
            print("\nThe smoke test passed.")
        else:
            print(f"\n{curl.calls(stack, stack_file)}")
            where = f"The API is at {stack.api_url}, the pages at {stack.pages_url}, the gateway at {stack.sandbox_url}"
            print(f"The order desk is at {stack.desk_url}; sign in as")
            for role in ("seller", "operator"):
                print(f"  {role}: {stack.users[role]['email']}, password {stack.users[role]['password']}")
            # Flushed, because a pipe would otherwise show it only at the end.
            print(f"{where}; Ctrl-C stops them.", flush=True)
            _stay(stack, test_users, stack_file)
    return 0


def of_port(path: Path, api_port: int) -> Path:
    """The path for the stack at that port, so that two stacks of one clone do not share files."""
    return path if api_port == API_PORT else path.with_name(f"{path.stem}-{api_port}{path.suffix}")


@contextlib.contextmanager
def _stack_file_written(stack: Stack, stack_file: Path) -> Iterator[None]:
    """Within this context, the file describes the running stack to other programs."""
    stack.write(stack_file)
    try:
        yield
    finally:
        stack_file.unlink(missing_ok=True)


def _stay(stack: Stack, test_users: TestUsers, stack_file: Path) -> None:
    """Stay for ever, with tokens that are valid. Raises `EmulatorFailed` once the emulator is gone."""
    never, signed_in = threading.Event(), time.monotonic()
    while not never.wait(_LOOK_EVERY):
        if not stack.is_running():
            raise EmulatorFailed("The AWS emulator has ended; its last output is in emulator.log of the run's folder.")
        if time.monotonic() - signed_in > _SIGN_IN_EVERY:
            signed_in = time.monotonic()
            replace(stack, tokens=test_users.sign_in()).write(stack_file)


def end_on_signals() -> None:
    """End the stack on SIGTERM and SIGHUP as on Ctrl-C."""
    # A shell starts background jobs with SIGINT ignored; an explicit SIGINT must work there too.
    for sign in (signal.SIGINT, signal.SIGTERM, signal.SIGHUP):
        signal.signal(sign, signal.default_int_handler)


def _options() -> argparse.Namespace:
    parser = argparse.ArgumentParser(prog='make dev ARGS="…"', description=__doc__)
    parser.add_argument("--once", action="store_true", help="start the stack, run the smoke test, stop")
    parser.add_argument("--api-port", type=arguments.port, default=API_PORT, help="port of the API (0: any free one)")
    parser.add_argument("--sandbox-port", type=arguments.port, default=3001, help="port of the sandbox gateway")
    parser.add_argument("--pages-port", type=arguments.port, default=3002, help="port of the payment pages")
    parser.add_argument("--emulator-port", type=arguments.port, default=4566, help="port of the AWS emulator")
    parser.add_argument("--gateways", default="sandbox", help="gateways in use, the first is the default")
    parser.add_argument("--allowed-origins", default=ALLOWED_ORIGINS, help="whose pages may call from a browser")
    parser.add_argument("--secrets", type=arguments.json_object, default={}, help="JSON file: gateway → its secret")
    parser.add_argument("--webhook-url", help="where each event is posted to, as http://127.0.0.1:8000/webhooks")
    # Of another API port: .local/dev-<port> and .local/stack-<port>.json.
    parser.add_argument("--run-dir", type=_absolute, help="where logs and builds go (default: .local/dev)")
    parser.add_argument(
        "--stack-file", type=_absolute, help="where the stack is described (default: .local/stack.json)"
    )
    options = parser.parse_args()
    asked = [options.api_port, options.sandbox_port, options.pages_port, options.emulator_port]
    if any(port and asked.count(port) > 1 for port in asked):
        parser.error("each part of the stack needs a port of its own")
    return options


def _absolute(path: str) -> Path:
    """The absolute path, for child processes with other working directories."""
    return Path(path).resolve()


if __name__ == "__main__":
    sys.exit(main())
