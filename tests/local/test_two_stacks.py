"""Two stacks of one clone do not disturb each other, and a call reaches the intended stack."""

import re
import socket
import sys
from argparse import Namespace
from collections.abc import Iterator
from contextlib import nullcontext
from dataclasses import fields
from pathlib import Path
from typing import Any

import pytest

from local import dev, emulator, invoke, tools
from local.emulator import EmulatorFailed
from local.stack import Stack
from tests.orders_table import ROOT

README = (ROOT / "README.md").read_text()


@pytest.fixture
def listening() -> Iterator[int]:
    """A port at which something listens."""
    with socket.create_server(("127.0.0.1", 0)) as server:
        yield server.getsockname()[1]


def test_a_stack_at_the_usual_port_has_the_usual_files() -> None:
    assert dev.of_port(tools.STACK_FILE, 3000) == tools.LOCAL / "stack.json"
    assert dev.of_port(tools.LOCAL / "dev", 3000) == tools.LOCAL / "dev"


def test_a_stack_at_another_port_has_files_of_its_own() -> None:
    assert dev.of_port(tools.STACK_FILE, 3100) == tools.LOCAL / "stack-3100.json"
    assert dev.of_port(tools.LOCAL / "dev", 3100) == tools.LOCAL / "dev-3100"


def test_the_readmes_second_stack_shares_no_port_with_the_first(monkeypatch: pytest.MonkeyPatch) -> None:
    (command,) = re.findall(r'another `make dev` .*?`make dev ARGS="(.*?)"`', README.replace("\n", " "))
    monkeypatch.setattr(sys, "argv", ["dev"])
    first = ports_of(dev._options())
    monkeypatch.setattr(sys, "argv", ["dev", *command.split()])
    second = ports_of(dev._options())
    assert first.keys() == second.keys()
    assert not set(first.values()) & set(second.values())


def ports_of(options: Namespace) -> dict[str, int]:
    return {name: value for name, value in vars(options).items() if name.endswith("_port")}


def test_a_second_emulator_in_one_folder_is_refused_and_touches_nothing(tmp_path: Path) -> None:
    kept = tmp_path / "emulator" / "kept"
    with emulator._alone_in(tmp_path):
        kept.mkdir(parents=True)
        with pytest.raises(EmulatorFailed, match="Another stack runs in"), emulator.running(1, tmp_path):
            pass
        assert kept.exists()


def test_a_function_is_invoked_with_the_stack_that_is_named(tmp_path: Path, listening: int) -> None:
    described = stack(f"http://127.0.0.1:{listening}")
    described.write(tmp_path / "stack-3100.json")

    with invoke._any_stack(tmp_path / "stack-3100.json") as found:
        assert found == described


def test_what_a_killed_stack_left_behind_is_not_taken_for_a_stack(
    tmp_path: Path, listening: int, monkeypatch: pytest.MonkeyPatch
) -> None:
    stack("http://127.0.0.1:1").write(tmp_path / "stack.json")
    fresh = stack(f"http://127.0.0.1:{listening}")
    monkeypatch.setattr(invoke, "running", lambda plan: nullcontext((fresh, None)))

    with invoke._any_stack(tmp_path / "stack.json") as found:
        assert found is fresh


def stack(endpoint: str) -> Stack:
    values: dict[str, Any] = {field.name: "" for field in fields(Stack)}
    return Stack(**{**values, "tokens": {}, "functions": {}, "aws_endpoint_url": endpoint})
