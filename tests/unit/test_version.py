"""One version number: declared in `paylatch/version.py`, and used wherever a version is shown."""

import re
import tomllib

from openapi.document import document as openapi_document
from paylatch.version import VERSION
from tests.orders_table import ROOT


def test_it_is_a_semantic_version() -> None:
    assert re.fullmatch(r"\d+\.\d+\.\d+", VERSION)


def test_the_contract_carries_it() -> None:
    assert openapi_document()["info"]["version"] == VERSION


def test_pyproject_takes_it_from_there() -> None:
    project = tomllib.loads((ROOT / "pyproject.toml").read_text())

    assert project["project"]["dynamic"] == ["version"]
    assert project["tool"]["setuptools"]["dynamic"]["version"] == {"attr": "paylatch.version.VERSION"}


def test_the_changelog_has_it() -> None:
    assert f"\n## [{VERSION}]" in (ROOT / "CHANGELOG.md").read_text()
