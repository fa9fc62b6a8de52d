"""An invalid body's answer names a few faults, says that there are more, and is never larger than the request."""

import json
from collections.abc import Callable
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from paylatch.domain.errors import InvalidRequest
from paylatch.domain.limits import MOST_FAULTS
from paylatch.domain.line_rules import refuse_invalid_lines
from paylatch.domain.order import Content, Line
from paylatch.runtime.problems import problem_document
from paylatch.runtime.request_models import Body, OrderBody, PaymentBody, ResolutionBody, edited, parsed

# A body of a few bytes may get an answer of a few faults.
SMALL = 4096
MODELS: list[type[Body]] = [OrderBody, PaymentBody, ResolutionBody]
NAMES = st.text(max_size=200) | st.sampled_from([*OrderBody.model_fields, *PaymentBody.model_fields])
VALUES = st.recursive(
    st.none() | st.booleans() | st.integers() | st.text(max_size=300),
    lambda inner: st.lists(inner, max_size=10) | st.dictionaries(NAMES, inner, max_size=10),
    max_leaves=20,
)
BODIES = st.dictionaries(NAMES, VALUES, max_size=30)


def problem_in(reading: Callable[[], object]) -> dict[str, Any] | None:
    """The answer's document; None for a body that is valid."""
    try:
        reading()
    except InvalidRequest as error:
        return problem_document(error)
    return None


def problem_of(model: type[Body], body: Any) -> dict[str, Any] | None:
    return problem_in(lambda: parsed(model, body))


def size(document: Any) -> int:
    return len(json.dumps(document, ensure_ascii=False, separators=(",", ":")).encode())


LARGE: dict[str, Any] = {
    "many unknown fields": {f"field-{number}": 0 for number in range(3000)},
    "many short unknown fields": {chr(0x100 + number): 0 for number in range(6000)},
    "one long unknown field": {"x" * 60_000: 0},
    "many long unknown fields": {f"{number}" + "x" * 1000: 0 for number in range(60)},
    "many unknown fields in many lines": {"lines": [{str(field): 0 for field in range(20)} for _ in range(200)]},
    "many empty lines": {"lines": [{}] * 200},
    "many lines that are numbers": {"lines": [0] * 20_000},
    "names of control characters": {"\x01" * length: 0 for length in range(1, 300)},
    "names outside the first plane": {"\U0001f600" * length: 0 for length in range(1, 300)},
}


@pytest.mark.parametrize("case", LARGE)
@pytest.mark.parametrize("model", MODELS, ids=lambda model: model.__name__)
def test_a_large_body_gets_a_small_answer(model: type[Body], case: str) -> None:
    problem = problem_of(model, LARGE[case])
    assert problem is not None
    assert size(problem) <= max(SMALL, size(LARGE[case]) // 2)
    assert 1 <= len(problem["errors"]) <= MOST_FAULTS
    assert len(problem["detail"]) < 1000


@given(st.sampled_from(MODELS), BODIES)
def test_no_answer_is_larger_than_its_request(model: type[Body], body: dict[str, Any]) -> None:
    problem = problem_of(model, body)
    assert problem is None or size(problem) <= max(SMALL, size(body))


@given(BODIES)
def test_no_answer_to_an_edit_is_larger_than_its_request(patch: dict[str, Any]) -> None:
    content = Content((Line("tea-01", "Green tea", 2, 1250),))
    problem = problem_in(lambda: edited(content, patch))
    assert problem is None or size(problem) <= max(SMALL, size(patch))


def test_it_counts_the_faults_that_it_does_not_name() -> None:
    body = {f"field-{number}": 0 for number in range(MOST_FAULTS + 7)}
    problem = problem_of(ResolutionBody, body)
    assert problem is not None
    assert len(problem["errors"]) == MOST_FAULTS == 20
    assert problem["more_errors"] == 7 + 2, "and the two fields that are missing"
    assert problem["detail"].endswith("; and 26 more")


def test_it_counts_the_lines_that_it_does_not_name() -> None:
    lines = [Line("tea-01", "Green tea", 2, 1250)] * (1 + MOST_FAULTS + 7)
    problem = problem_in(lambda: refuse_invalid_lines(lines))
    assert problem is not None
    assert len(problem["errors"]) == MOST_FAULTS
    assert problem["more_errors"] == 7
    assert problem["detail"].endswith("; and 24 more")


def test_few_faults_are_all_named_and_there_are_no_more() -> None:
    problem = problem_of(ResolutionBody, {"action": "steal"})
    assert problem is not None
    assert [error["field"] for error in problem["errors"]] == ["reason", "action"]
    assert problem["errors"][1]["problem"] == "must be one of settle, refund"
    assert problem["more_errors"] == 0
    assert "more" not in problem["detail"]


def test_a_long_name_is_shortened_and_a_short_one_is_not() -> None:
    problem = problem_of(ResolutionBody, {"action": "settle", "reason": "x", "y" * 40: 0, "z" * 41: 0})
    assert problem is not None
    assert [error["field"] for error in problem["errors"]] == ["y" * 40, "z" * 39 + "…"]
