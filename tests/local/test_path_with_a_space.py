"""A clone whose path has a space builds as any other."""

import os
import shutil
import subprocess
from pathlib import Path

import pytest

from tests.orders_table import ROOT

NODE = shutil.which("node", path=f"{ROOT / '.local' / 'node' / 'bin'}{os.pathsep}{os.environ['PATH']}")


@pytest.fixture
def clone(tmp_path: Path) -> Path:
    """What the builds read of a clone."""
    clone = tmp_path / "with a space" / "paylatch"
    shutil.copytree(ROOT / "layers", clone / "layers", ignore=shutil.ignore_patterns("__pycache__"))
    shutil.copytree(ROOT / "web" / "build", clone / "web" / "build")
    return clone


def run(command: list[str], folder: Path) -> subprocess.CompletedProcess[str]:
    return subprocess.run(command, cwd=folder, capture_output=True, text=True, check=False)


@pytest.mark.parametrize("options", [["WHEELS_FROM=/wheels"], ["--dry-run", "COMPILER=python3"]], ids=["dev", "aws"])
@pytest.mark.parametrize(("layer", "target"), [("common", "build-CommonLayer"), ("pages", "build-PagesLayer")])
def test_a_layer_is_built_from_another_folder(clone: Path, layer: str, target: str, options: list[str]) -> None:
    """As SAM does it: in a copy of the layer's folder, by the rules of the clone."""
    copy = clone.parent / "copy"
    shutil.copytree(clone / "layers" / layer, copy)
    rules, made = clone / "layers" / layer / "Makefile", clone / "made"
    built = run(["make", "--makefile", str(rules), target, f"ARTIFACTS_DIR={made}", *options], copy)
    assert (built.returncode, built.stderr) == (0, "")


def test_the_order_desk_s_files_are_compressed(clone: Path) -> None:
    assert NODE, "`make desk` installs Node where this machine has none"
    site = clone / "functions" / "order_desk" / "order_desk" / "site"
    site.mkdir(parents=True)
    (site / "index.html").write_text("<!doctype html>")
    built = run([NODE, str(clone / "web" / "build" / "compress.js")], clone)
    assert (built.returncode, built.stderr) == (0, "")
    assert {file.name for file in site.iterdir()} == {"index.html", "index.html.gz", "index.html.br"}
