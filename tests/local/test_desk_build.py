"""`make desk` builds the order desk where its sources changed, and installs its packages where their list did."""

import json
import os
import re
import shutil
import subprocess
from pathlib import Path

import pytest

from tests.orders_table import ROOT

INSTALLS, BUILDS, NODE = "Installing the order desk's packages", "Building the order desk", "Installing Node"
MADE = shutil.ignore_patterns("node_modules", ".tests", "generated")


@pytest.fixture
def project(tmp_path: Path) -> Path:
    """A clone whose order desk make takes for built, with make's own marker files."""
    shutil.copy(ROOT / "Makefile", tmp_path)
    (tmp_path / "requirements").symlink_to(ROOT / "requirements")
    (tmp_path / "functions" / "orders").mkdir(parents=True)
    shutil.copy(ROOT / "functions" / "orders" / "openapi.json", tmp_path / "functions" / "orders")
    (tmp_path / "functions" / "order_desk" / "order_desk" / "site").mkdir(parents=True)
    shutil.copytree(ROOT / "web", tmp_path / "web", ignore=MADE)
    (tmp_path / "web" / "node_modules").mkdir()
    for folder in ("uv", "node"):
        (tmp_path / ".local" / folder).mkdir(parents=True)
    make(tmp_path, "--touch")
    return tmp_path


def test_what_is_built_is_not_built_again(project: Path) -> None:
    assert done_by(project) == []


@pytest.mark.parametrize("source", ["web/src/main.ts", "web/index.html", "functions/orders/openapi.json"])
def test_a_changed_source_is_built(project: Path, source: str) -> None:
    with (project / source).open("a") as file:
        file.write("\n")

    assert done_by(project) == [BUILDS]


def test_a_new_source_is_built_and_what_the_build_itself_makes_is_none(project: Path) -> None:
    for made in ("web/node_modules/lit/index.js", "web/src/generated/openapi.ts", "web/.tests/money.js"):
        (project / made).parent.mkdir(parents=True, exist_ok=True)
        (project / made).touch()
    assert done_by(project) == []

    (project / "web" / "src" / "new.ts").write_text("export {};\n")
    assert done_by(project) == [BUILDS]


def test_another_version_of_a_package_is_installed_before_the_build(project: Path) -> None:
    lock = project / "web" / "package-lock.json"
    lock.write_text(lock.read_text().replace("3.3.3", "3.3.2"))

    assert done_by(project) == [INSTALLS, BUILDS]


def test_a_deleted_build_is_made_again(project: Path) -> None:
    shutil.rmtree(project / "functions" / "order_desk" / "order_desk" / "site")

    assert done_by(project) == [BUILDS]


@pytest.mark.parametrize(("node", "installed"), [("pypi", [NODE, INSTALLS, BUILDS]), ("machine", [INSTALLS, BUILDS])])
def test_node_is_installed_where_the_machine_has_none(project: Path, node: str, installed: list[str]) -> None:
    shutil.rmtree(project / ".local" / "node")
    shutil.rmtree(project / "web" / "node_modules")
    shutil.rmtree(project / "functions" / "order_desk" / "order_desk" / "site")

    assert done_by(project, f"DESK_NODE={node}") == installed


@pytest.mark.parametrize(("fits", "node"), [(True, "machine"), (False, "pypi")])
def test_the_machine_s_node_is_used_where_it_is_new_enough(project: Path, fits: bool, node: str) -> None:
    programs = project / "programs"
    programs.mkdir()
    for name in ("node", "npm"):
        (programs / name).write_text(f"#!/bin/sh\nexit {0 if fits else 1}\n")
        (programs / name).chmod(0o755)
    shown = subprocess.run(
        ["make", "--eval", "shown: ; @echo $(DESK_NODE)", "shown"],
        cwd=project,
        env={"PATH": f"{programs}:{os.environ['PATH']}"},
        capture_output=True,
        text=True,
        check=True,
    )

    assert shown.stdout.split() == [node]


def test_no_package_is_installed_that_the_lock_file_does_not_name_by_its_hash() -> None:
    lock = json.loads((ROOT / "web" / "package-lock.json").read_text())
    packages = [package for name, package in lock["packages"].items() if name]

    assert packages
    assert [package for package in packages if "integrity" not in package] == []
    # The registry is that of whoever builds.
    assert [package for package in packages if "resolved" in package] == []
    installations = re.findall(r"npm\)? ci\b.*", (ROOT / "Makefile").read_text())
    assert installations
    assert [command for command in installations if "--ignore-scripts" not in command] == []


def done_by(project: Path, *how: str) -> list[str]:
    output = make(project, "--dry-run", *how)
    return [step for step in (NODE, INSTALLS, BUILDS) if step in output]


def make(project: Path, *how: str) -> str:
    arguments = ["make", "DESK_NODE=machine", *how, "desk"]
    return subprocess.run(arguments, cwd=project, capture_output=True, text=True, check=True).stdout
