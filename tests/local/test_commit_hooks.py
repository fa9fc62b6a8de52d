"""The commit hooks are a part of `make lint`, and need no network."""

import subprocess
from typing import Any

import yaml

from tests.orders_table import ROOT

REPOS: list[dict[str, Any]] = yaml.safe_load((ROOT / ".pre-commit-config.yaml").read_text())["repos"]
HOOKS: list[dict[str, Any]] = [hook for repo in REPOS for hook in repo["hooks"]]


def test_every_hook_is_a_check_of_make_lint() -> None:
    recipe = subprocess.run(["make", "--dry-run", "lint"], cwd=ROOT, capture_output=True, text=True, check=True).stdout
    assert HOOKS
    assert [hook["entry"] for hook in HOOKS if hook["entry"] not in recipe.splitlines()] == []


def test_no_hook_fetches_anything() -> None:
    assert {repo["repo"] for repo in REPOS} == {"local"}
    assert {hook["language"] for hook in HOOKS} == {"system"}
