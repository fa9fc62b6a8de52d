"""HTTP for the functions behind the API: routing by Powertools, answers and errors in one form."""

import json
from collections.abc import Callable, Mapping
from http import HTTPStatus
from math import ceil
from typing import Any

from aws_lambda_powertools.event_handler import APIGatewayHttpResolver, Response

from paylatch.domain.errors import OrderLocked, OrderNotFound, OrderUnreadable, PaylatchError
from paylatch.domain.ids import is_order_id
from paylatch.ports import Metric
from paylatch.runtime.observability import logger
from paylatch.runtime.problems import (
    INTERNAL_ERROR,
    NO_STORE,
    NO_SUCH_ROUTE,
    Problem,
    problem_base,
    problem_document,
    problem_headers,
)
from paylatch.runtime.wiring import ports

JSON = "application/json"
PROBLEM = "application/problem+json"


def new_api() -> APIGatewayHttpResolver:
    """A router whose errors all come from the one table."""
    api = APIGatewayHttpResolver()
    api.exception_handler(PaylatchError)(told)
    api.exception_handler(Exception)(_unexpected)
    api.not_found(_no_such_route)
    api.use([_only_possible_orders])
    return api


def answer(
    document: Mapping[str, Any], status: HTTPStatus = HTTPStatus.OK, headers: Mapping[str, str] | None = None
) -> Response[str]:
    """A JSON answer, which nobody keeps unless the headers say otherwise."""
    all_headers = {**NO_STORE, **(headers or {})}
    return Response(status_code=status, content_type=JSON, body=_text(document), headers=all_headers)


def told(error: PaylatchError) -> Response[str]:
    """The problem document for an error."""
    document = problem_document(error)
    headers = problem_headers(error, _seconds_locked(error))
    note(error, document)
    return _problem_response(document, headers)


def note(error: PaylatchError, document: Mapping[str, Any]) -> None:
    """Log an error that is answered with this problem document, and count it where an alarm goes by it."""
    log = logger.error if document["status"] >= HTTPStatus.INTERNAL_SERVER_ERROR else logger.info
    log(document["code"], extra={"detail": str(error)})
    if isinstance(error, OrderUnreadable):
        ports().watch.count(Metric.ORDER_UNREADABLE, order_id=error.order_id, cause=error.cause)


def _unexpected(error: Exception) -> Response[str]:
    logger.exception("unexpected", exc_info=error)
    return _problem(INTERNAL_ERROR)


def _no_such_route(_: Exception) -> Response[str]:
    return _problem(NO_SUCH_ROUTE)


def _only_possible_orders(api: APIGatewayHttpResolver, call_next: Callable[..., Response[str]]) -> Response[str]:
    # The database has limits for its keys; what is no order's id is not even asked for.
    order_id = api.request.path_parameters.get("order_id")
    if order_id is not None and not is_order_id(order_id):
        raise OrderNotFound(order_id)
    return call_next(api)


def _problem(problem: Problem) -> Response[str]:
    return _problem_response(problem_base(problem, problem.title), {})


def _problem_response(document: Mapping[str, Any], headers: Mapping[str, str]) -> Response[str]:
    return Response(document["status"], content_type=PROBLEM, body=_text(document), headers={**NO_STORE, **headers})


def _seconds_locked(error: PaylatchError) -> int | None:
    if isinstance(error, OrderLocked) and error.retry_at is not None:
        return ceil((error.retry_at - ports().clock.now()).total_seconds())
    return None


def _text(document: Mapping[str, Any]) -> str:
    return json.dumps(document, ensure_ascii=False, separators=(",", ":"))
