"""HTTP for the functions behind the API: routing by Powertools, and responses in one form."""

from collections.abc import Callable, Mapping
from http import HTTPStatus
from typing import Any, NoReturn, TypeVar

from aws_lambda_powertools.event_handler import APIGatewayHttpResolver
from aws_lambda_powertools.event_handler import Response as Response

from paylatch.domain.errors import OrderNotFound
from paylatch.domain.ids import is_order_id
from paylatch.runtime.json_text import JSON, PROBLEM_JSON, json_text
from paylatch.runtime.operation import Operation, described
from paylatch.runtime.problems import NO_STORE, NO_SUCH_ROUTE, problem_base

Routed = TypeVar("Routed", bound=Callable[..., Response[str]])


def new_api() -> APIGatewayHttpResolver:
    """A router that passes all errors on to the handler's entry."""
    api = APIGatewayHttpResolver()
    api.exception_handler(Exception)(_raise)
    api.not_found(_no_such_route)
    api.use([_only_possible_orders])
    return api


def routed(api: APIGatewayHttpResolver, operation: Operation) -> Callable[[Routed], Routed]:
    """Have the API call the handler for this operation; the path's parameters are the handler's arguments."""
    method, _, path = operation.route.partition(" ")
    rule = path.replace("{", "<").replace("}", ">")

    def register(handler: Routed) -> Routed:
        api.route(rule, method)(handler)
        return described(operation)(handler)

    return register


def answer(
    document: Mapping[str, Any], status: HTTPStatus = HTTPStatus.OK, headers: Mapping[str, str] | None = None
) -> Response[str]:
    """A JSON response; not cacheable unless the headers say otherwise."""
    all_headers = {**NO_STORE, **(headers or {})}
    return Response(status_code=status, content_type=JSON, body=json_text(document), headers=all_headers)


def _raise(error: Exception) -> NoReturn:
    # Without this handler the router would log each error a second time.
    raise error


def _no_such_route(_: Exception) -> Response[str]:
    document = problem_base(NO_SUCH_ROUTE, NO_SUCH_ROUTE.title)
    return Response(NO_SUCH_ROUTE.status, content_type=PROBLEM_JSON, body=json_text(document), headers={**NO_STORE})


def _only_possible_orders(api: APIGatewayHttpResolver, call_next: Callable[..., Response[str]]) -> Response[str]:
    # The database limits the length of its keys: text that is not an order id is never looked up.
    order_id = api.request.path_parameters.get("order_id")
    if order_id is not None and not is_order_id(order_id):
        raise OrderNotFound(order_id)
    return call_next(api)
