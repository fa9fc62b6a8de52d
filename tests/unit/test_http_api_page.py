"""docs/http-api.md documents all existing calls and problems, and nothing else."""

import re

from docs import http_api
from openapi.operations import OPERATIONS
from paylatch.runtime.problems import INTERNAL_ERROR, NO_SUCH_ROUTE, PROBLEMS

PAGE = http_api.PAGE.read_text()
SECTIONS = {part.partition("\n")[0]: part for part in re.split(r"^###? ", PAGE, flags=re.MULTILINE)[1:]}


def test_it_has_every_call_and_no_other() -> None:
    calls = [title for title in SECTIONS if re.match("[A-Z]+ /", title)]
    expected = [operation.route for operation in OPERATIONS]
    assert calls == expected, "docs/http-api.md: give each call a section `### METHOD /path`, in this order"


def test_every_call_has_a_curl_to_copy() -> None:
    assert [operation.route for operation in OPERATIONS if "\ncurl " not in SECTIONS.get(operation.route, "")] == []


def test_the_errors_of_every_call_and_the_table_of_problems_are_up_to_date() -> None:
    assert http_api.page(PAGE) == PAGE, "run: python -m docs.http_api"
    assert http_api.BEGIN in PAGE
    assert [
        operation.route for operation in OPERATIONS if SECTIONS.get(operation.route, "").count("\nErrors:") != 1
    ] == []


def test_printing_replaces_a_paragraph_that_is_out_of_date() -> None:
    (read_order,) = [operation for operation in OPERATIONS if operation.name == "read_order"]
    stale = PAGE.replace(http_api.errors_paragraph(read_order), "Errors: 418\n`teapot`, 503 `store-unavailable`.")
    assert stale != PAGE
    assert http_api.page(stale) == PAGE


def test_every_problem_has_its_advice() -> None:
    assert set(http_api.ADVICE) == {problem.code for problem in (*PROBLEMS.values(), NO_SUCH_ROUTE, INTERNAL_ERROR)}
