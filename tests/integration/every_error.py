"""Every error that can be raised, with what is expected of it, and a store that raises it."""

from collections.abc import Callable
from functools import partial
from importlib import import_module
from typing import Any

from botocore.exceptions import ClientError, EndpointConnectionError, NoCredentialsError

from openapi.problem_responses import EXAMPLES
from paylatch.domain import errors, webhook_errors
from paylatch.ports import Metric
from paylatch.runtime.problems import INTERNAL_ERROR, PROBLEMS, Problem
from tests.fakes.recorded_log import RecordedLog

METRICS: dict[type[Exception], Metric] = {
    errors.CallbackRejected: Metric.CALLBACK_REJECTED,
    errors.Misconfigured: Metric.GATEWAY_MISCONFIGURED,
    errors.Refused: Metric.GATEWAY_REFUSED,
    errors.GatewayError: Metric.GATEWAY_UNAVAILABLE,
    errors.OrderUnreadable: Metric.ORDER_UNREADABLE,
    errors.StoreRefused: Metric.STORE_REFUSED,
    errors.TimersNotSent: Metric.TIMERS_NOT_SENT,
    errors.CallPostponed: Metric.CALL_POSTPONED,
    webhook_errors.WebhookNotDelivered: Metric.WEBHOOK_FAILED,
}
for module in ("alipay", "payu", "sandbox", "stripe"):
    import_module(f"paylatch.gateways.{module}")


def kinds(root: type[errors.PaylatchError]) -> set[type[errors.PaylatchError]]:
    return {kind for each in root.__subclasses__() for kind in {each, *kinds(each)}}


def made(kind: type[errors.PaylatchError]) -> Exception:
    """One error of this class, with an example's data."""
    for example in EXAMPLES:
        if issubclass(kind, type(example)):
            error = kind.__new__(kind)
            error.args = example.args
            error.__dict__.update(vars(example))
            return error
    if issubclass(kind, errors.CallPostponed):
        return kind("sandbox", 2.5)
    return kind("sandbox", "no") if issubclass(kind, errors.GatewayError) else kind("no")


def named(kind: type[Exception]) -> str:
    return f"{kind.__module__.rpartition('.')[2]}.{kind.__name__}"


def surrogate() -> Exception:
    return UnicodeEncodeError("utf-8", "\ud800", 0, 1, "surrogates not allowed")


OURS = sorted((kind for kind in kinds(errors.PaylatchError) if kind.__module__.startswith("paylatch.")), key=str)
MAKERS: dict[str, Callable[[], Exception]] = {
    **{named(kind): partial(made, kind) for kind in OURS},
    **{f"kind of {named(kind)}": partial(made, type("Nearer", (kind,), {})) for kind in OURS},
    "ClientError": lambda: ClientError({"Error": {"Code": "AccessDeniedException"}}, "UpdateItem"),
    "EndpointConnectionError": lambda: EndpointConnectionError(endpoint_url="https://dynamodb"),
    "NoCredentialsError": NoCredentialsError,
    "Exception": lambda: Exception("a mistake"),
    "KeyError": lambda: KeyError("total"),
    "LookupError": lambda: LookupError("content is missing"),
    "RecursionError": RecursionError,
    "UnicodeEncodeError": surrogate,
}


class RaisingStore:
    """A store of which every call raises."""

    def __init__(self, make: Callable[[], Exception]) -> None:
        self._make = make

    def __getattr__(self, name: str) -> Callable[..., Any]:
        def call(*_: Any, **__: Any) -> Any:
            raise self._make()

        return call


def expected(error: Exception) -> tuple[Problem, Metric | None]:
    """The nearest row, by the table that is the contract, and what is counted, written down once more."""
    near = type(error).__mro__
    problem = next((PROBLEMS[kind] for kind in near if kind in PROBLEMS), INTERNAL_ERROR)
    if isinstance(error, errors.TimersNotSent):
        problem = Problem(503, "timers-not-sent", "The queue did not take a timer")
    if isinstance(error, webhook_errors.WebhookNotDelivered):
        problem = Problem(503, "webhook-not-delivered", "The receiver did not take a webhook")
    if isinstance(error, errors.CallPostponed):
        problem = Problem(429, "call-postponed", "The gateway's rate is used up for now")
    metric = next((METRICS[kind] for kind in near if kind in METRICS), None)
    return problem, metric if isinstance(error, errors.PaylatchError) else Metric.UNEXPECTED_ERROR


def check_line(
    lines: RecordedLog, counted: list[str], error: Exception, *, of_schedule: bool = False
) -> dict[str, Any]:
    """One line and one metric for this error. Gives the line."""
    problem, metric = expected(error)
    line = lines.only
    assert (line["code"], line["error"]) == (problem.code, type(error).__name__)
    assert line["cause"]
    assert line["message"] == (metric.value if metric else problem.code)
    assert counted == ([metric.value] if metric else [])
    assert (line["level"] == "ERROR") == (problem.status >= 500)
    if isinstance(error, errors.GatewayError):
        assert line["gateway"] == error.gateway
    return line
