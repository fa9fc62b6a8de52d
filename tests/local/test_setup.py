"""`make setup` installs what is missing, and nothing else."""

import re
import shutil
import subprocess
import sys
import venv
from pathlib import Path

import pytest

from tests.orders_table import ROOT

INSTALLED = {
    ".local/uv": "Installing uv",
    ".venv": "Installing the project's test environment",
    ".local/sam": "Installing the SAM CLI",
    ".local/emulator": "Installing the AWS emulator",
    ".local/wheels": "Installing the layer's libraries",
}

MODULES = ("paylatch.version", "sandbox.ports", "local.tools", "tests.orders_table", "bench.purchases", "docs.states")


@pytest.fixture
def project(tmp_path: Path) -> Path:
    """A clone that make takes for fully installed: the folders, with make's own marker files."""
    shutil.copy(ROOT / "Makefile", tmp_path)
    for name in ("functions", "layers", "local", "requirements", "web"):
        (tmp_path / name).symlink_to(ROOT / name)
    for folder in INSTALLED:
        (tmp_path / folder).mkdir(parents=True)
    make(tmp_path, "--touch")
    return tmp_path


def test_what_is_installed_is_not_installed_again(project: Path) -> None:
    assert "Installing" not in make(project, "--dry-run")


@pytest.mark.parametrize("folder", INSTALLED)
def test_a_deleted_folder_is_installed_again_and_no_other(project: Path, folder: str) -> None:
    shutil.rmtree(project / folder)

    output = make(project, "--dry-run")
    assert [each for each, line in INSTALLED.items() if line in output] == [folder]


def test_new_requirements_are_installed(project: Path) -> None:
    (project / "requirements").unlink()
    shutil.copytree(ROOT / "requirements", project / "requirements")
    (project / "requirements" / "sam.txt").write_text("aws-sam-cli==2\n")

    output = make(project, "--dry-run")
    assert [each for each, line in INSTALLED.items() if line in output] == [".local/sam"]


@pytest.mark.parametrize("module", MODULES)
def test_the_projects_own_modules_import_from_any_folder(tmp_path: Path, module: str) -> None:
    subprocess.run([sys.executable, "-c", f"import {module}"], cwd=tmp_path, env={}, check=True)


def test_a_deleted_search_path_is_written_again_and_nothing_is_installed(project: Path) -> None:
    venv.create(project / ".venv", symlinks=True)
    make(project)
    (written,) = project.glob(".venv/lib/*/site-packages/paylatch.pth")
    before = written.read_text()
    written.unlink()

    assert make(project) == ""
    assert written.read_text() == before


def test_the_search_path_names_the_folders_of_its_own_copy(project: Path) -> None:
    venv.create(project / ".venv", symlinks=True)
    make(project)

    show = [str(project / ".venv" / "bin" / "python"), "-c", "import sys; print(*sys.path[-5:], sep='\\n')"]
    found = subprocess.run(show, cwd="/", env={}, capture_output=True, text=True, check=True).stdout.splitlines()
    folders = ("layers/common", "functions/sandbox_gateway", "functions/pay_page", "functions/order_desk", ".")
    assert found == [str(project / folder) for folder in folders]


ENVIRONMENTS = ("setup", "invoke", "pyright", "fuzz-api", "compare-lost-responses", "build")


def test_nothing_is_installed_whose_hash_is_not_known(project: Path) -> None:
    for folder in INSTALLED:
        shutil.rmtree(project / folder)

    recipes = subprocess.run(
        ["make", "--dry-run", "DESK_NODE=pypi", *ENVIRONMENTS], cwd=project, capture_output=True, text=True, check=True
    )
    installs = [line for line in logical_lines(recipes.stdout) if re.search(r"pip (install|sync)", line)]
    assert len(installs) == len(INSTALLED) + 5
    assert [line for line in installs if "--require-hashes" not in line] == []


@pytest.mark.parametrize("script", ["layers/common/Makefile", "tests/peers/install.sh"])
def test_no_script_installs_from_pypi_what_has_no_hash(script: str) -> None:
    installs = [line for line in logical_lines((ROOT / script).read_text()) if "pip install" in line]
    assert installs
    assert [line for line in installs if "--require-hashes" not in line] == []


def logical_lines(text: str) -> list[str]:
    """The lines of a shell script, with those that a backslash continues in one."""
    return text.replace("\\\n", " ").splitlines()


def make(project: Path, *how: str) -> str:
    done = subprocess.run(["make", *how, "setup"], cwd=project, capture_output=True, text=True, check=True)
    return done.stdout
