"""`make invoke`: one function, one event, through Lambda's own runtime interface.

The function sees the running stack of `make dev`, or one that is brought up for this call alone.
"""

import argparse
import contextlib
import json
import os
import subprocess
import sys
import tempfile
from collections.abc import Iterator
from pathlib import Path
from typing import Any
from urllib.parse import urlsplit

from local import arguments, aws, ports, tools
from local.deploy import logical_id
from local.example_keys import key_of, with_key
from local.rie import invoke_without_docker
from local.stack import Stack, StackPlan, running


def main() -> int:
    """Invoke the function; return the exit code."""
    parser = argparse.ArgumentParser(prog="make invoke FUNCTION=orders EVENT=events/….json", description=__doc__)
    parser.add_argument("function", help="folder under functions/")
    parser.add_argument("event", type=Path, help="JSON file under events/")
    parser.add_argument("--stack-file", type=Path, default=tools.STACK_FILE, help="which running stack it sees")
    options = parser.parse_args()
    try:
        example = _example(options.function, options.event)
    except argparse.ArgumentTypeError as refusal:
        print(refusal, file=sys.stderr)
        return 2
    with _any_stack(options.stack_file) as stack:
        if logical_id(options.function) not in stack.functions:
            print(f"{options.function} is not deployed; for webhooks: make dev ARGS=--webhook-url=…", file=sys.stderr)
            return 2
        environment = _environment(stack, logical_id(options.function))
        with _of(stack, example, options.event.name) as event:
            print(_invoke(options.function, event, environment))
    return 0


def _invoke(function: str, event: Path, environment: dict[str, str]) -> str:
    if _docker_runs():
        from local.docker import invoke_in_docker  # which takes a second to import

        return invoke_in_docker(logical_id(function), event, environment)
    return invoke_without_docker(tools.ROOT / "functions" / function, event, environment)


def _example(function: str, event: Path) -> dict[str, Any]:
    """The event in that file. Raises `ArgumentTypeError` where there is no such function, or no event in it."""
    known = sorted(path.parent.name for path in (tools.ROOT / "functions").glob("*/app.py"))
    if function not in known:
        raise argparse.ArgumentTypeError(f"FUNCTION={function} is none of: {', '.join(known)}")
    try:
        return arguments.json_object(str(event))
    except argparse.ArgumentTypeError as error:
        raise argparse.ArgumentTypeError(f"EVENT={error}; see events/") from error


@contextlib.contextmanager
def _any_stack(stack_file: Path) -> Iterator[Stack]:
    running_one = Stack.read(stack_file) if stack_file.exists() else None
    if running_one and running_one.is_running():
        yield running_one
    else:
        with (
            tempfile.TemporaryDirectory() as folder,
            running(StackPlan(ports.claim(0, 0, 0), Path(folder))) as (stack, _),
        ):
            yield stack


@contextlib.contextmanager
def _of(stack: Stack, example: dict[str, Any], name: str) -> Iterator[Path]:
    """A file of that name with the event, adapted to this stack's key."""
    with tempfile.TemporaryDirectory() as folder:
        filled = Path(folder) / name
        filled.write_text(json.dumps(with_key(example, key_of(stack))))
        yield filled


def _environment(stack: Stack, logical_id: str) -> dict[str, str]:
    """The deployed function's environment variables, and the emulator's endpoint."""
    client = aws.session().client("lambda", endpoint_url=stack.aws_endpoint_url)
    name = stack.functions[logical_id]
    configured = client.get_function_configuration(FunctionName=name)["Environment"]["Variables"]
    return {**configured, "AWS_ENDPOINT_URL": stack.aws_endpoint_url, "AWS_LAMBDA_FUNCTION_NAME": name}


def _docker_runs() -> bool:
    """Whether a Docker container can run that reaches this machine's loopback, where the emulator listens."""
    if not docker_is_here(os.environ.get("DOCKER_HOST", "")):
        print("DOCKER_HOST is another machine, which cannot reach the stack: running without Docker.", file=sys.stderr)
        return False
    try:
        return subprocess.run(["docker", "info"], capture_output=True, check=False).returncode == 0
    except FileNotFoundError:
        return False


def docker_is_here(docker_host: str) -> bool:
    """Whether a value of DOCKER_HOST means this machine; an empty one is Docker's default, which does."""
    address = urlsplit(docker_host)
    return address.scheme in ("", "unix", "npipe") or address.hostname in ("localhost", "127.0.0.1", "::1")


if __name__ == "__main__":
    sys.exit(main())
