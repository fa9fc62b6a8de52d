"""A function that deviates from its use case is reported."""

from collections.abc import Callable
from inspect import unwrap
from typing import Any

import pytest

from paylatch.runtime.response_models import order_answer
from paylatch.use_cases.cancel_payment import cancel_payment
from tests.api.handlers import handler_of
from tests.model_checker.handler_equivalence import compare_handlers_again
from tests.model_checker.search import Failure

CODE = "live-link:open:cancel-payment:1:short"


@pytest.mark.parametrize(
    "code",
    [
        CODE,
        "final:new:pay+edit-seller:0:short",
        "live-link:open:sweep:1:short",
        "live-link:open:timer:1:short",
        "underpaid:review:recheck:1:short",
    ],
)
def test_handlers_make_the_calls_of_their_use_cases_and_return_their_results(code: str) -> None:
    message = compare_handlers_again(f"functions {code}")
    assert isinstance(message, int), str(message)
    assert message > 20


def answers_as_if_all_were_done(whole: Any, now: Any, _: object) -> Any:
    return order_answer(whole, now)


def cancels_twice(*arguments: Any) -> Any:
    cancel_payment(*arguments)
    return cancel_payment(*arguments)


@pytest.mark.parametrize(
    ("name", "planted", "what"),
    [
        ("order_answer", answers_as_if_all_were_done, "got"),
        ("cancel_payment", cancels_twice, "its use case"),
    ],
)
def test_a_handler_that_differs_from_its_use_case_is_detected(
    name: str, planted: Callable[..., Any], what: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    function: Any = unwrap(handler_of("payment_cancellations"))
    monkeypatch.setitem(function.__globals__, name, planted)
    found = compare_handlers_again(f"functions {CODE}")
    assert isinstance(found, Failure)
    assert what in found.what
    assert found.code == f"functions {CODE}"
