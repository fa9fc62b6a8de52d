"""What describes a running stack holds its users' tokens, and is there as long as the stack runs."""

import subprocess
from pathlib import Path
from typing import Any

import pytest

from local import dev
from local.curl import calls
from local.emulator import EmulatorFailed
from local.http_server import HttpServer
from local.ports import claim
from local.stack import Stack
from tests.fakes.loopback_server import LoopbackServer, Reply


def test_only_its_owner_reads_the_tokens_of_a_stack(tmp_path: Path) -> None:
    stack = Stack("", "", {"buyer": "token"}, "", "", "", "", "", {}, "")
    path = tmp_path / "stack.json"
    stack.write(path)
    assert path.stat().st_mode & 0o077 == 0
    assert Stack.read(path) == stack


@pytest.mark.parametrize("folder", ["a clone", "a shop's clone", 'a "quoted" clone', "$HOME"])
def test_the_printed_calls_find_the_token_in_any_folder(tmp_path: Path, folder: str) -> None:
    stack, path = Stack("", "", {"buyer": "its token"}, "", "", "", "", "", {}, ""), tmp_path / folder / "stack.json"
    stack.write(path)
    functions = calls(stack, path).partition("field()")[0]
    printed = subprocess.run(["bash", "-c", f"{functions}token buyer"], capture_output=True, text=True, check=False)
    assert (printed.stdout, printed.stderr) == ("its token\n", "")


@pytest.fixture
def emulator() -> HttpServer:
    return LoopbackServer(lambda asked: Reply())


def at(emulator_url: str) -> Stack:
    return Stack("", "", {"buyer": "token"}, "", "", "", "", "", {}, emulator_url)


class Users:
    """Signs in once, and is gone then."""

    def __init__(self, emulator: HttpServer) -> None:
        self._emulator = emulator

    def sign_in(self) -> dict[str, str]:
        self._emulator.server_close()
        return {"buyer": "another token"}


def test_make_dev_ends_once_its_emulator_is_gone(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(dev, "_LOOK_EVERY", 0)
    users: Any = None
    with pytest.raises(EmulatorFailed, match="has ended"):
        dev._stay(at(f"http://127.0.0.1:{claim(0, 0, 0).emulator}"), users, tmp_path / "stack.json")


def test_while_the_emulator_runs_make_dev_keeps_the_tokens_valid(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, emulator: HttpServer
) -> None:
    monkeypatch.setattr(dev, "_LOOK_EVERY", 0)
    monkeypatch.setattr(dev, "_SIGN_IN_EVERY", -1)
    users: Any = Users(emulator)
    with pytest.raises(EmulatorFailed):
        dev._stay(at(emulator.url), users, tmp_path / "stack.json")
    assert Stack.read(tmp_path / "stack.json").tokens == {"buyer": "another token"}
