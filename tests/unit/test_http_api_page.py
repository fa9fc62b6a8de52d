"""docs/http-api.md: about the calls that there are, the problems that there are, and nothing else."""

import re
from itertools import groupby

from paylatch.runtime.contract.operations import OPERATIONS, Operation
from paylatch.runtime.problems import INTERNAL_ERROR, NO_SUCH_ROUTE, PROBLEMS
from tests.orders_table import ROOT

PAGE = (ROOT / "docs" / "http-api.md").read_text()
SECTIONS = {part.partition("\n")[0]: part for part in re.split(r"^###? ", PAGE, flags=re.MULTILINE)[1:]}
ROW = re.compile(
    r"^\| (?P<status>\d+) \| `(?P<code>[a-z-]+)` \| (?P<title>[^|]+) \| (?P<advice>[^|]+) \|$", re.MULTILINE
)


def refusals_of(operation: Operation) -> list[tuple[str, str]]:
    told = {(PROBLEMS[kind].status, PROBLEMS[kind].code) for kind in operation.problems}
    return [(str(status), code) for status, code in sorted(told)]


def test_it_has_every_call_and_no_other() -> None:
    calls = [title for title in SECTIONS if re.match("[A-Z]+ /", title)]
    assert calls == [operation.route for operation in OPERATIONS]


def test_every_call_has_a_curl_to_copy() -> None:
    assert [operation.route for operation in OPERATIONS if "\ncurl " not in SECTIONS[operation.route]] == []


def test_every_call_names_exactly_its_refusals() -> None:
    for operation in OPERATIONS:
        told = SECTIONS[operation.route].partition("Refusals:")[2].partition("\n\n")[0]
        assert re.findall(r"(\d{3})\s`([a-z-]+)`", told) == refusals_of(operation), operation.route


def test_the_table_of_problems_is_the_code_s() -> None:
    problems = sorted(
        {*PROBLEMS.values(), NO_SUCH_ROUTE, INTERNAL_ERROR}, key=lambda problem: (problem.status, problem.code)
    )
    by_code = {key: list(same) for key, same in groupby(problems, key=lambda problem: (problem.status, problem.code))}
    rows = [row.groupdict() for row in ROW.finditer(SECTIONS["Every problem"])]
    assert [(int(row["status"]), row["code"]) for row in rows] == list(by_code)
    for row in rows:
        titles = {problem.title for problem in by_code[int(row["status"]), row["code"]]}
        assert set(row["title"].split("; ")) == titles
