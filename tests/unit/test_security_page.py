"""docs/security.md: each threat names a file and a test that exist, and the matrix is the one that is tested."""

import ast
import re

import pytest

from docs import security
from tests.integration.test_authorisation import MATRIX
from tests.orders_table import ROOT

PAGE = security.PAGE.read_text()
SECTIONS = {part.partition("\n")[0]: part for part in re.split(r"^## ", PAGE, flags=re.MULTILINE)[1:]}
# Without the two lines of the head.
THREATS = [line.split("|") for line in SECTIONS["Threats"].splitlines() if line.startswith("| ")][1:]
TESTS = sorted(set(re.findall(r"`(tests/[\w/]+\.py)::(\w+)`", PAGE)))


def test_the_matrix_and_the_figures_are_up_to_date() -> None:
    assert security.page(PAGE) == PAGE, "run: python -m docs.security"
    marks = (security.MATRIX_MARK, security.FIGURES_MARK)
    assert [f"<!-- {mark} -->" for mark in marks if f"<!-- {mark} -->\n" not in PAGE] == []


def test_each_figure_counts_something() -> None:
    cells = [row.split("|") for row in security.figures().splitlines()[2:]]
    assert [what for _, what, number, *_ in cells if int(number) == 0] == []


def test_the_matrix_has_each_route_that_needs_a_token_with_each_answer() -> None:
    rows = {row.split("|")[1].strip(" `"): row for row in security.matrix().splitlines()[2:]}
    assert rows.keys() == MATRIX.keys()
    assert "| no |" not in security.matrix()
    assert [rows["PATCH /orders/{order_id}"].count(cell) for cell in ("yes", "403", "404")] == [3, 3, 4]


@pytest.mark.parametrize("threat", THREATS, ids=lambda cells: cells[1].strip())
def test_a_threat_is_countered_in_a_file_and_shown_by_a_test(threat: list[str]) -> None:
    _, _, countered, where, test, _ = threat
    assert countered.strip()
    assert (ROOT / where.strip(" `")).is_file()
    assert re.fullmatch(r" `tests/[\w/]+\.py::test_\w+` ", test)


@pytest.mark.parametrize(("file", "name"), TESTS)
def test_a_test_that_the_page_names_exists(file: str, name: str) -> None:
    written = ast.walk(ast.parse((ROOT / file).read_text()))
    assert name in {node.name for node in written if isinstance(node, ast.FunctionDef)}


def test_the_reports_page_links_it() -> None:
    assert "(docs/security.md)" in (ROOT / "SECURITY.md").read_text()
