"""docs/deployment.md agrees with the template: parameters, what a prod stack needs, names of functions."""

import re
from pathlib import Path
from typing import Any

import pytest

from tests.orders_table import ROOT, template

PAGE = (ROOT / "docs" / "deployment.md").read_text()
PARAMETERS: dict[str, dict[str, Any]] = template()["Parameters"]
PAGES = sorted((ROOT / "docs").glob("*.md"))


def section(heading: str) -> str:
    return PAGE.partition(f"\n## {heading}\n")[2].partition("\n## ")[0]


def defaults_on_the_page() -> dict[str, str]:
    """Parameter → default as the table has it; a row may have several of both."""
    found: dict[str, str] = {}
    for line in section("Parameters").splitlines():
        _, names, defaults, *_ = [*line.split("|"), "", "", ""]
        parameters = re.findall(r"`(\w+)`", names)
        values = defaults.split(",") if "," in defaults else [defaults] * len(parameters)
        found |= {name: value.strip(" `") for name, value in zip(parameters, values, strict=True)}
    return found


def test_the_page_has_every_parameter_with_its_default() -> None:
    assert defaults_on_the_page() == {name: str(each["Default"]) for name, each in PARAMETERS.items()}


def parameters_in(expression: Any) -> set[str]:
    if isinstance(expression, dict):
        named = {expression["Ref"]} if "Ref" in expression else set[str]()
        return named.union(*map(parameters_in, expression.values()))
    return set[str]().union(*map(parameters_in, expression)) if isinstance(expression, list) else set()


def test_the_page_names_all_that_a_prod_stack_is_refused_for() -> None:
    rules = [rule for rule in template()["Rules"].values() if parameters_in(rule["RuleCondition"]) == {"Stage"}]
    needed = set[str]().union(*(parameters_in(each["Assert"]) for rule in rules for each in rule["Assertions"]))
    assert {name for name in needed if f"`{name}`" not in section("Deploy for real buyers")} == set()


@pytest.mark.parametrize("page", PAGES, ids=lambda page: page.name)
def test_a_function_that_a_command_names_is_in_the_template(page: Path) -> None:
    named = set(re.findall(r"\$\(function_name (\w+)\)", page.read_text()))
    assert named <= template()["Resources"].keys()
