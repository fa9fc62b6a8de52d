"""`make setup` installs what is missing, whoever took it away, and nothing else."""

import shutil
import subprocess
from pathlib import Path

import pytest

from tests.orders_table import ROOT

INSTALLED = {
    ".local/uv": "Installing uv",
    ".venv": "Installing what the project is tested with",
    ".local/sam": "Installing the SAM CLI",
    ".local/emulator": "Installing the AWS emulator",
    ".local/wheels": "Installing the layer's libraries",
}


@pytest.fixture
def project(tmp_path: Path) -> Path:
    """A clone where all is installed, as far as make can tell: the folders, with make's own marks in them."""
    shutil.copy(ROOT / "Makefile", tmp_path)
    for name in ("layers", "requirements"):
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

    told = make(project, "--dry-run")
    assert [each for each, line in INSTALLED.items() if line in told] == [folder]


def test_new_requirements_are_installed(project: Path) -> None:
    (project / "requirements").unlink()
    shutil.copytree(ROOT / "requirements", project / "requirements")
    (project / "requirements" / "sam.txt").write_text("aws-sam-cli==2\n")

    told = make(project, "--dry-run")
    assert [each for each, line in INSTALLED.items() if line in told] == [".local/sam"]


def make(project: Path, how: str) -> str:
    done = subprocess.run(["make", how, "setup"], cwd=project, capture_output=True, text=True, check=True)
    return done.stdout
