"""A release is tagged when version, changelog, contracts and upgrade notes are the release's."""

import json
from collections.abc import Mapping
from pathlib import Path

import pytest

from supply_chain.release_check import COPIES, faults_of

CHANGELOG = """# Changelog

## [Unreleased]

## [1.2.0] - 2026-12-01

### Added

- Something.
"""
READY: Mapping[str, str] = {
    "CHANGELOG.md": CHANGELOG,
    "README.md": "# Paylatch\n",
    "docs/releases.md": "# Releases\n\n### 1.2.0\n\nNothing to do.\n",
    **dict.fromkeys((*COPIES, *COPIES.values()), json.dumps({"info": {"version": "1.2.0"}})),
}
OLD = json.dumps({"info": {"version": "1.1.0"}})


def faults(folder: Path, changed: Mapping[str, str]) -> list[str]:
    for name, text in {**READY, **changed}.items():
        (folder / name).parent.mkdir(parents=True, exist_ok=True)
        (folder / name).write_text(text)
    return [*faults_of(folder, "1.2.0")]


def test_what_is_ready_has_no_faults(tmp_path: Path) -> None:
    assert faults(tmp_path, {}) == []


@pytest.mark.parametrize(
    ("changed", "named"),
    [
        ({"CHANGELOG.md": CHANGELOG.replace("## [1.2.0] - 2026-12-01\n\n", "")}, ["[Unreleased]", "[1.2.0]"]),
        ({"CHANGELOG.md": CHANGELOG.replace("[Unreleased]\n", "[Unreleased]\n\n- More.\n")}, ["[Unreleased]"]),
        ({"CHANGELOG.md": CHANGELOG.replace(" - 2026-12-01", "")}, ["its date"]),
        ({"CHANGELOG.md": CHANGELOG + "Nothing has been released yet.\n"}, ["nothing has been released"]),
        ({"README.md": "Nothing has been released yet; see the changelog.\n"}, ["nothing has been released"]),
        ({"openapi/released.json": OLD}, ["openapi/released.json"]),
        ({"openapi/released_asyncapi.json": OLD}, ["openapi/released_asyncapi.json"]),
        ({"docs/releases.md": "# Releases\n"}, ["upgrade notes"]),
    ],
)
def test_whatever_is_missing_is_named(tmp_path: Path, changed: Mapping[str, str], named: list[str]) -> None:
    found = faults(tmp_path, changed)

    assert len(found) == len(named)
    assert all(word in fault for word, fault in zip(named, found, strict=True))
