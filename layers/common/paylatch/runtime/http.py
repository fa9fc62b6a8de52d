"""HTTP for the functions behind the API: routing by Powertools, answers and errors in one form."""

import json
from collections.abc import Mapping
from http import HTTPStatus
from typing import Any

from aws_lambda_powertools.event_handler import APIGatewayHttpResolver, Response

from paylatch.domain.errors import OrderLocked, PaylatchError
from paylatch.runtime.observability import logger
from paylatch.runtime.problems import problem_document, problem_headers
from paylatch.runtime.wiring import ports

JSON = "application/json"
PROBLEM = "application/problem+json"


def new_api() -> APIGatewayHttpResolver:
    """A router whose errors all come from the one table."""
    api = APIGatewayHttpResolver()
    api.exception_handler(PaylatchError)(told)
    api.exception_handler(Exception)(_unexpected)
    api.not_found(_no_such_route)
    return api


def answer(
    document: Mapping[str, Any], status: HTTPStatus = HTTPStatus.OK, headers: Mapping[str, str] | None = None
) -> Response[str]:
    """A JSON answer."""
    return Response(status_code=status, content_type=JSON, body=_text(document), headers=dict(headers or {}))


def told(error: PaylatchError) -> Response[str]:
    """The problem document for an error."""
    document = problem_document(error)
    headers = problem_headers(error, _seconds_locked(error))
    logger.info(document["code"], extra={"detail": str(error)})
    return Response(status_code=document["status"], content_type=PROBLEM, body=_text(document), headers=headers)


def _unexpected(error: Exception) -> Response[str]:
    logger.exception("unexpected", exc_info=error)
    return _problem(HTTPStatus.INTERNAL_SERVER_ERROR, "internal-error", "Something went wrong here")


def _no_such_route(_: Exception) -> Response[str]:
    return _problem(HTTPStatus.NOT_FOUND, "no-such-route", "There is nothing here")


def _problem(status: HTTPStatus, code: str, title: str) -> Response[str]:
    document = {"type": f"urn:paylatch:problem:{code}", "title": title, "status": status.value, "code": code}
    return Response(status_code=status, content_type=PROBLEM, body=_text({**document, "detail": title}))


def _seconds_locked(error: PaylatchError) -> int | None:
    if isinstance(error, OrderLocked) and error.until is not None:
        return int((error.until - ports().clock.now()).total_seconds())
    return None


def _text(document: Mapping[str, Any]) -> str:
    return json.dumps(document, ensure_ascii=False, separators=(",", ":"))
