"""The functions' real handlers, loaded from their files, and a call of one with an API Gateway event."""

from collections.abc import Callable, Mapping
from functools import cache, wraps
from importlib.util import module_from_spec, spec_from_file_location
from typing import Any, NamedTuple

from local.api_client import ApiResponse, response_of
from tests.orders_table import ROOT

Handler = Callable[[dict[str, Any], Any], Any]


class Context:
    """Lambda's context of a call."""

    function_name = "paylatch"
    memory_limit_in_mb = 1024
    invoked_function_arn = "arn:aws:lambda:eu-west-1:123456789012:function:paylatch"
    aws_request_id = "8476a536-e9f4-11e8-9739-2dfe598c3fcd"

    def __init__(self, milliseconds: Callable[[], int] = lambda: 60_000) -> None:
        self.get_remaining_time_in_millis = milliseconds


class SentResponse(NamedTuple):
    """What API Gateway sends of a function's answer."""

    status: int
    headers: Mapping[str, str]
    content: bytes


# The functions that run at this moment, the innermost last.
running: list[str] = []


@cache
def handler_of(function: str) -> Handler:
    """The handler of a function, loaded once. While it handles an event, the function is in `running`."""
    spec = spec_from_file_location(f"{function}_app", ROOT / "functions" / function / "app.py")
    if spec is None or spec.loader is None:
        raise LookupError(function)
    module = module_from_spec(spec)
    spec.loader.exec_module(module)
    handler: Handler = module.handler

    @wraps(handler)
    def handle(event: dict[str, Any], context: Any) -> Any:
        running.append(function)
        try:
            return handler(event, context)
        finally:
            running.remove(function)

    return handle


def sent_response(function: str, event: dict[str, Any], context: Context | None = None) -> SentResponse:
    """What goes back to the caller whose request is that event. Raises `UnicodeError` where it is no UTF-8."""
    answer = handler_of(function)(event, context or Context())
    repeated = {name: values[0] for name, values in (answer.get("multiValueHeaders") or {}).items()}
    content = (answer.get("body") or "").encode()
    return SentResponse(int(answer["statusCode"]), {**(answer.get("headers") or {}), **repeated}, content)


def invoke(function: str, event: dict[str, Any], context: Context | None = None) -> ApiResponse:
    """The same, as a client receives it. Raises `ValueError` where announced JSON is none."""
    return response_of(*sent_response(function, event, context))
