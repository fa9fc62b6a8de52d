"""What the project depends on is declared once, explained on one page, and installed with hashes."""

import json
import re
import tomllib
from pathlib import Path

import pytest

from tests.orders_table import ROOT

DECLARED = tomllib.loads((ROOT / "pyproject.toml").read_text())
GROUPS = {"Runtime": DECLARED["project"]["dependencies"], **DECLARED["dependency-groups"]}
PAGE = (ROOT / "docs" / "dependencies.md").read_text()
LAYER = ROOT / "layers" / "common" / "requirements.txt"
WEB = ROOT / "web"
PAGES_LAYER = ROOT / "layers" / "pages" / "requirements.txt"
COMPILED = [LAYER, PAGES_LAYER, *sorted((ROOT / "requirements").iterdir())]
# Groups that are installed together, in one file.
TOGETHER = {
    "Runtime": LAYER,
    "pages": PAGES_LAYER,
    **dict.fromkeys(("test", "lint"), ROOT / "requirements" / "dev.txt"),
}


@pytest.mark.parametrize("group", GROUPS)
def test_the_page_gives_a_reason_for_each_dependency_and_for_no_other(group: str) -> None:
    (section,) = re.findall(rf"^## {group}\n(.*?)(?=^## |\Z)", PAGE, re.DOTALL | re.MULTILINE)
    rows = re.findall(r"^\| ([\w-]+) \| \S", section, re.MULTILINE)
    assert [row for row in rows if row != "package"] == sorted(names(group))


@pytest.mark.parametrize("group", GROUPS)
def test_each_dependency_is_pinned_in_the_file_of_its_environment(group: str) -> None:
    compiled = TOGETHER.get(group, ROOT / "requirements" / f"{group}.txt").read_text()
    assert [name for name in names(group) if not re.search(rf"^{name}==", compiled, re.MULTILINE)] == []


@pytest.mark.parametrize("compiled", COMPILED, ids=lambda path: f"{path.parent.name}/{path.name}")
def test_every_pin_has_hashes(compiled: Path) -> None:
    pins = re.findall(r"^\S+==.*(?:\n    --hash.*)*", compiled.read_text(), re.MULTILINE)
    assert pins
    assert [pin for pin in pins if "--hash=sha256:" not in pin] == []


@pytest.mark.parametrize("compiled", COMPILED, ids=lambda path: f"{path.parent.name}/{path.name}")
def test_a_compiled_file_names_no_address_and_no_index(compiled: Path) -> None:
    assert re.findall(r"://|--(?:extra-)?index|--find-links", compiled.read_text()) == []


def test_the_page_gives_a_reason_for_each_package_of_the_order_desk_and_for_no_other() -> None:
    declared = json.loads((WEB / "package.json").read_text())
    (section,) = re.findall(r"^## The order desk\n(.*?)(?=^## |\Z)", PAGE, re.DOTALL | re.MULTILINE)
    rows = re.findall(r"^\| ([\w@/-]+) \| \S", section, re.MULTILINE)
    assert [row for row in rows if row != "package"] == [*declared["dependencies"], *declared["devDependencies"]]


def test_the_desk_s_packages_are_locked_by_hash_and_come_from_no_fixed_address() -> None:
    lock = json.loads((WEB / "package-lock.json").read_text())
    packages = {name: package for name, package in lock["packages"].items() if name}
    assert packages
    assert [name for name, package in packages.items() if not package.get("integrity", "").startswith("sha512-")] == []
    assert [name for name, package in packages.items() if "resolved" in package] == []


def test_the_desk_names_each_package_with_its_exact_version() -> None:
    declared = json.loads((WEB / "package.json").read_text())
    versions = {**declared["dependencies"], **declared["devDependencies"]}
    assert [name for name, version in versions.items() if not re.fullmatch(r"\d+\.\d+\.\d+", version)] == []


def names(group: str) -> list[str]:
    """The names of a group's packages, without extras and bounds."""
    return [re.split(r"[\[<>=]", declared)[0] for declared in GROUPS[group]]
