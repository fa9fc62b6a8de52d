"""The workflows run what a developer types, with actions that nobody can change, and no more rights than they need."""

import re
from pathlib import Path
from typing import Any

import pytest
import yaml

from tests.orders_table import ROOT

FILES = sorted((ROOT / ".github" / "workflows").glob("*.yml"))
TARGETS = set(re.findall(r"^([a-z-]+):", (ROOT / "Makefile").read_text(), re.MULTILINE))
# Beyond reading the source, by job.
RIGHTS = {
    "release": {"contents": "write"},
    "deploy": {"contents": "read", "id-token": "write"},
}


def name_of(file: Path) -> str:
    return file.stem


def jobs(file: Path) -> dict[str, dict[str, Any]]:
    found: dict[str, dict[str, Any]] = yaml.safe_load(file.read_text())["jobs"]
    return found


def steps(file: Path) -> list[dict[str, Any]]:
    return [step for job in jobs(file).values() for step in job["steps"]]


def test_there_is_one_for_checks_one_for_releases_and_one_for_deployments() -> None:
    assert [name_of(file) for file in FILES] == ["check", "deploy", "release"]


@pytest.mark.parametrize("file", FILES, ids=name_of)
def test_every_action_is_pinned_by_its_commit_with_the_version_beside_it(file: Path) -> None:
    used = re.findall(r"uses: (.*)", file.read_text())

    assert len(used) == sum("uses" in step for step in steps(file))
    assert [action for action in used if not re.fullmatch(r"[\w-]+/[\w-]+@[0-9a-f]{40} # v\d+\.\d+\.\d+", action)] == []


def test_an_action_is_pinned_to_one_commit_everywhere() -> None:
    used = {step["uses"] for file in FILES for step in steps(file) if "uses" in step}

    assert len({action.partition("@")[0] for action in used}) == len(used)


@pytest.mark.parametrize("file", FILES, ids=name_of)
def test_a_job_may_read_the_source_and_no_more_unless_it_is_listed(file: Path) -> None:
    assert yaml.safe_load(file.read_text())["permissions"] == {"contents": "read"}
    assert {name: job["permissions"] for name, job in jobs(file).items() if "permissions" in job} == {
        name: rights for name, rights in RIGHTS.items() if name in jobs(file)
    }


@pytest.mark.parametrize("file", FILES, ids=name_of)
def test_the_source_is_checked_out_without_leaving_a_credential_behind(file: Path) -> None:
    checkouts = [step for step in steps(file) if step.get("uses", "").startswith("actions/checkout@")]

    assert all(step["with"]["persist-credentials"] is False for step in checkouts)


@pytest.mark.parametrize("file", FILES, ids=name_of)
def test_every_command_is_a_target_or_a_file_of_the_project(file: Path) -> None:
    commands = [step["run"] for step in steps(file) if "run" in step]
    made = {target for command in commands for target in re.findall(r"^make ([a-z-]+)", command, re.MULTILINE)}
    own = {path for command in commands for path in re.findall(r"^(\.ci/\S+)", command, re.MULTILINE)}

    assert made or own
    assert made <= TARGETS
    assert all((ROOT / path).is_file() for path in own)


@pytest.mark.parametrize("file", FILES, ids=name_of)
def test_nothing_that_others_write_becomes_a_command(file: Path) -> None:
    assert [step["run"] for step in steps(file) if "${{" in step.get("run", "")] == []
    assert "pull_request_target" not in file.read_text()


def test_every_supported_python_is_tested() -> None:
    (check,) = [file for file in FILES if file.stem == "check"]

    assert jobs(check)["test"]["strategy"]["matrix"]["python"] == ["3.11", "3.12", "3.13"]


@pytest.mark.parametrize("file", FILES, ids=name_of)
def test_no_job_runs_for_ever(file: Path) -> None:
    assert all(job["timeout-minutes"] <= 90 for job in jobs(file).values())


def test_few_checks_of_the_template_are_left_out_and_each_has_its_reason() -> None:
    lines = (ROOT / ".checkov.yaml").read_text().splitlines()
    skipped = [place for place, line in enumerate(lines) if line.startswith("  - ")]

    assert 0 < len(skipped) <= 5
    assert [lines[place] for place in skipped if not re.match(r"  # .{20}", lines[place - 1])] == []
