"""Every decision has a date, a status and a row in the index."""

import re
from datetime import date
from pathlib import Path

import pytest

from tests.orders_table import ROOT

FOLDER = ROOT / "docs" / "adr"
INDEX = (FOLDER / "README.md").read_text()
DECISIONS = sorted(FOLDER.glob("[0-9]*.md"))
LINK = r"\[\d+\]\(([\w-]+\.md)\)"
STATUS = rf"proposed|rejected|accepted(?:; (?:extends|extended by) {LINK}(?: and {LINK})*)?|superseded by {LINK}"
HEADER = re.compile(rf"\A# (?P<number>\d+)\. (?P<title>.+)\n\nDate: (?P<date>\S+)\. Status: (?P<status>{STATUS})\.\n\n")

each_decision = pytest.mark.parametrize("decision", DECISIONS, ids=lambda decision: decision.stem)


@each_decision
def test_a_decision_has_a_date_and_a_status(decision: Path) -> None:
    assert date.fromisoformat(header(decision)["date"])


@each_decision
def test_a_decision_names_only_decisions_that_exist(decision: Path) -> None:
    named = re.findall(LINK, decision.read_text())
    assert all((FOLDER / name).exists() for name in named)


@each_decision
def test_a_decision_has_its_row_in_the_index(decision: Path) -> None:
    its = header(decision)
    assert int(decision.name[:4]) == int(its["number"])
    assert f"| [{its['number']}]({decision.name}) | {its['title']} | {its['date']} | {its['status']} |\n" in INDEX


def test_the_index_has_no_other_rows() -> None:
    assert re.findall(rf"^\| {LINK}", INDEX, re.MULTILINE) == [decision.name for decision in DECISIONS]


def test_the_template_has_the_form_of_a_decision() -> None:
    assert header(FOLDER / "template.md")["status"] == "proposed"


def header(decision: Path) -> re.Match[str]:
    """The decision's first lines. Their parts are `number`, `title`, `date` and `status`."""
    found = HEADER.match(decision.read_text())
    assert found, f"{decision.name} must begin as docs/adr/template.md does, with a date and a status"
    return found
