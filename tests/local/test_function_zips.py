"""A function's zip holds its sources and nothing that this machine made of them."""

import shutil
import subprocess
from pathlib import Path

import pytest
from order_desk.site import SITE

from local import deploy
from tests.orders_table import ROOT


@pytest.fixture
def functions(tmp_path: Path) -> Path:
    """The functions of a clone in which they have been run, before the order desk is built."""
    copy = tmp_path / "functions"
    shutil.copytree(ROOT / "functions", copy, ignore=shutil.ignore_patterns(SITE.name))
    for app in copy.glob("*/app.py"):
        (app.parent / "__pycache__").mkdir(exist_ok=True)
        (app.parent / "__pycache__" / "app.cpython-311.pyc").touch()
    return copy


def test_the_local_stack_is_built_without_bytecode(functions: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(deploy, "ROOT", functions.parent)
    built = functions.parent / "build" / "template.yaml"
    built.parent.mkdir()
    monkeypatch.setattr(deploy, "_sam", lambda *args, **more: built.touch())
    deploy.build(functions.parent)

    assert names(functions) == sources("functions")


def test_make_build_builds_without_bytecode(functions: Path) -> None:
    project = functions.parent
    shutil.copy(ROOT / "Makefile", project)
    for name in ("layers", "requirements"):
        (project / name).symlink_to(ROOT / name)
    made_before = [f"--old-file={target}" for target in ("setup", "desk")]
    subprocess.run(["make", *made_before, "build", "SAM=true"], cwd=project, check=True, capture_output=True)

    assert names(functions) == sources("functions")


def names(folder: Path) -> set[str]:
    return {str(path.relative_to(folder.parent)) for path in folder.rglob("*") if path.is_file()}


def sources(folder: str) -> set[str]:
    """The files that belong to the project: modules, the contract that is served, and what pages are made of."""
    kinds = ("*.py", "*.json", "*.html", "*.css", "*.js", "*.svg")
    found = [path for kind in kinds for path in (ROOT / folder).rglob(kind)]
    return {str(path.relative_to(ROOT)) for path in found if not path.is_relative_to(SITE)}
