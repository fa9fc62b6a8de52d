"""The layer holds bytecode of Lambda's Python, where an interpreter of that version is installed."""

import shutil
import subprocess
import sys
from importlib.util import cache_from_source
from pathlib import Path

import pytest

from bench import built_layer
from tests.orders_table import ROOT

LAYER = ROOT / "layers" / "common"
UNCHECKED_HASH = 0b01


@pytest.fixture
def packages(tmp_path: Path) -> Path:
    """A layer's packages, of which one has a module."""
    (tmp_path / "python" / "shop").mkdir(parents=True)
    (tmp_path / "python" / "shop" / "prices.py").write_text("def gross(net):\n    return {net, 'a', 'b', 'c'}\n")
    return tmp_path / "python"


def compiled(packages: Path) -> bytes:
    return Path(cache_from_source(str(packages / "shop" / "prices.py"))).read_bytes()


def make_bytecode(packages: Path, interpreter: str) -> str:
    command = ["make", "-C", str(LAYER), "bytecode", f"PACKAGES={packages}", f"COMPILER={interpreter}"]
    return subprocess.run(command, capture_output=True, text=True, check=True).stderr


def test_bytecode_is_taken_without_comparing_it_to_its_source(packages: Path) -> None:
    make_bytecode(packages, sys.executable)

    assert int.from_bytes(compiled(packages)[4:8], "little") == UNCHECKED_HASH


def test_the_same_sources_give_the_same_bytecode_wherever_they_are_built(packages: Path, tmp_path: Path) -> None:
    other = tmp_path / "other" / "python"
    (other / "shop").mkdir(parents=True)
    (other / "shop" / "prices.py").write_text((packages / "shop" / "prices.py").read_text())
    for each in (packages, other):
        make_bytecode(each, sys.executable)

    assert compiled(packages) == compiled(other)


def test_tracebacks_name_modules_where_lambda_has_them(packages: Path) -> None:
    make_bytecode(packages, sys.executable)

    assert b"/opt/python/shop/prices.py" in compiled(packages)


def test_without_an_interpreter_of_lambdas_version_the_build_warns_and_goes_on(packages: Path) -> None:
    assert "WARNING: no Python 3.13 found: the layer has no bytecode" in make_bytecode(packages, "")
    assert list(packages.rglob("*.pyc")) == []


@pytest.mark.parametrize(
    ("found", "interpreter", "note"),
    [
        ("", sys.executable, "because none of Lambda's version is installed here"),
        (sys.executable, sys.executable, ""),
    ],
)
def test_the_measurement_says_where_it_runs_under_another_version(
    monkeypatch: pytest.MonkeyPatch, found: str, interpreter: str, note: str
) -> None:
    made: list[tuple[str, ...]] = []

    def make(_layer: str, *arguments: str) -> str:
        made.append(arguments)
        return found if arguments[0] == "interpreter" else ""

    monkeypatch.setattr(built_layer, "_make", make)
    monkeypatch.setattr(shutil, "rmtree", lambda *_, **__: None)
    layer = built_layer.built_layer()

    assert layer.interpreter == interpreter
    assert layer.description.endswith(note or f"{sys.version_info.major}.{sys.version_info.minor}")
    assert f"COMPILER={interpreter}" in made[1]
