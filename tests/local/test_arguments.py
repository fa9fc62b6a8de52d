"""Programs refuse arguments that they cannot work with, by name; no check passes because it had nothing to do."""

import importlib
import os
from collections.abc import Callable
from pathlib import Path

import pytest

from local.arguments import file, json_object
from tests.orders_table import ROOT

# Each is refused before anything is started.
REFUSED = [
    ("local.dev --api-port 99999", "--api-port: '99999' is no port"),
    ("local.dev --emulator-port -1", "--emulator-port"),
    ("local.dev --api-port 3410 --pages-port 3410", "a port of its own"),
    ("local.dev --secrets missing.json", "--secrets: missing.json is not a file"),
    ("local.dev --secrets tests", "--secrets: tests is not a file"),
    ("local.invoke orders missing.json", "missing.json is not a file"),
    ("openapi --breaking missing.json missing.json", "missing.json is not a file"),
    ("bench.init --pairs 0", "--pairs: '0' is no whole number from 1 on"),
    ("bench.width --locks 0", "--locks"),
    ("bench.width --pollers 0", "--pollers"),
    ("bench.punctuality --locks 0", "--locks"),
    ("bench.reconciliation --payments 0", "--payments"),
    ("bench.timers --locks 0", "--locks"),
    ("bench.claim --fast", "unrecognized arguments: --fast"),
    ("bench.cost --fast", "unrecognized arguments: --fast"),
    ("tests.closure --only nothing", "no configuration has 'nothing' in its name"),
    ("tests.closure --workers 0", "--workers"),
    ("tests.model_checker --minutes 0", "--minutes: '0' is no number above 0"),
    ("tests.model_checker --minutes nan", "--minutes"),
    ("tests.fuzz.fuzz_callbacks --inputs 0", "--inputs"),
    ("tests.differential --operations 0", "--operations"),
    ("tests.kill --seconds 0", "--seconds"),
    ("tests.faults.deployed --fast", "unrecognized arguments: --fast"),
]


@pytest.mark.parametrize(("command", "cause"), REFUSED, ids=[command for command, _ in REFUSED])
def test_an_argument_that_a_program_cannot_work_with_is_refused_by_name(
    command: str, cause: str, run: Callable[..., tuple[int, str]]
) -> None:
    status, said = run(*command.split())
    assert status == 2
    assert cause in said


@pytest.mark.parametrize("option", ["local.dev --secrets", "local.invoke orders"])
def test_a_file_that_is_not_json_is_refused_by_name(
    tmp_path: Path, option: str, run: Callable[..., tuple[int, str]]
) -> None:
    broken = tmp_path / "broken.json"
    broken.write_text("{")
    status, said = run(*option.split(), str(broken))
    assert status == 2
    assert f"{broken} cannot be read as JSON" in said


def test_a_pipe_is_taken_in_place_of_a_file() -> None:
    """A shell gives one for `<(git show …)`; a secret need not be written into a file."""
    reading, writing = os.pipe()
    os.write(writing, b'{"stripe": {}}')
    os.close(writing)
    assert json_object(f"/dev/fd/{reading}") == {"stripe": {}}
    assert file(f"/dev/fd/{reading}")
    os.close(reading)


def test_a_folder_that_cannot_be_made_is_named(tmp_path: Path, run: Callable[..., tuple[int, str]]) -> None:
    file = tmp_path / "file"
    file.touch()
    free = [f"--{part}-port=0" for part in ("api", "sandbox", "pages", "emulator")]
    status, said = run("local.dev", *free, f"--run-dir={file}")
    assert status == 1
    assert str(file) in said


@pytest.fixture
def run(monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]) -> Callable[..., tuple[int, str]]:
    """Runs a program with these arguments; how it ended, and what it said of a fault."""

    def run_program(module: str, *given: str) -> tuple[int, str]:
        name = f"{module}.__main__" if (ROOT / module.replace(".", "/")).is_dir() else module
        monkeypatch.setattr("sys.argv", [name, *given])
        try:
            status = int(importlib.import_module(name).main())
        except SystemExit as end:
            status = int(end.code or 0)
        return status, capsys.readouterr().err

    return run_program
