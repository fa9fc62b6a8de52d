"""The whole document, put together."""

import json
import re
from functools import cache
from pathlib import Path
from typing import Any

from openapi import examples, fields
from openapi.examples import ATTEMPT_ID, ORDER_ID, ORDERS, REFUND_ID
from openapi.operations import OPERATIONS, TAGS
from openapi.problem_responses import problem_answers, problem_schemas
from openapi.request_schemas import request_schemas
from openapi.response_schemas import response_schemas
from openapi.schemas import Schema, component
from paylatch.domain.attention import Cause
from paylatch.domain.cursors import LONGEST_CURSOR
from paylatch.domain.listing import LARGEST_LISTING
from paylatch.domain.statement import Discrepancy
from paylatch.ports import LARGEST_PAGE, LAST_SEQ
from paylatch.runtime.json_text import JSON
from paylatch.runtime.operation import BodySpec, Operation, ResponseSpec
from paylatch.runtime.problems import INTERNAL_ERROR, NO_SUCH_ROUTE
from paylatch.runtime.request_fields import LONGEST_CODE
from paylatch.runtime.text_rules import LINE_PATTERN
from paylatch.version import VERSION

# What `GET /openapi.json` answers with, and what the last release answered with.
PUBLISHED = Path(__file__).parents[1] / "functions" / "orders" / "openapi.json"
RELEASED = Path(__file__).with_name("released.json")
_DESCRIPTION = """\
Locks an order while its buyer is paying, and gives the same order back, editable, the moment they stop.

Errors are problem documents (RFC 9457): `code` names the problem, `type` is `urn:paylatch:problem:` and the code. API
Gateway itself answers 401, 429 and what goes wrong before a function is reached, with a `message`; so it does for a
path or a method that is not here (404). Somebody else's order is 404. A role that may not do a thing at all is 403.
"""
_LICENSE = {"name": "Apache-2.0", "identifier": "Apache-2.0"}
_SERVERS = [
    {
        "url": "https://{api_id}.execute-api.{region}.amazonaws.com",
        "description": "A stack without a domain of its own: its output `ApiUrl`",
        "variables": {"api_id": {"default": "example"}, "region": {"default": "eu-west-1"}},
    },
    {"url": "http://127.0.0.1:3000", "description": "The local stack: `make dev`"},
]
_ALWAYS = (INTERNAL_ERROR,)
_BY_API_GATEWAY = {"401": "Unauthorized", "429": "Too Many Requests"}
_ALSO_BY_API_GATEWAY = {
    "404": "Not Found",
    "413": "Request Entity Too Large",
    "500": "Internal Server Error",
    "503": "Service Unavailable",
}


@cache
def document() -> dict[str, Any]:
    """The contract of this version."""
    return {
        "openapi": "3.1.0",
        "info": {"title": "Paylatch", "version": VERSION, "description": _DESCRIPTION, "license": _LICENSE},
        "servers": _SERVERS,
        "tags": [{"name": name, "description": TAGS[name]} for name in TAGS],
        "security": [{"callers": []}],
        "paths": _paths(),
        "components": {
            "schemas": _schemas(),
            "parameters": _PARAMETERS,
            "headers": _HEADERS,
            "links": _LINKS,
            "securitySchemes": {
                "callers": {
                    "type": "http",
                    "scheme": "bearer",
                    "bearerFormat": "JWT",
                    "description": "Its groups, roles or scopes name buyer, seller, service or operator",
                }
            },
        },
    }


def published_text() -> str:
    """The document as the file holds it."""
    return json.dumps(document(), ensure_ascii=False, indent=1) + "\n"


def _schemas() -> dict[str, Schema]:
    return dict(sorted({**request_schemas(), **response_schemas(), **problem_schemas()}.items()))


def _paths() -> dict[str, dict[str, Any]]:
    paths: dict[str, dict[str, Any]] = {}
    for operation in OPERATIONS:
        method, _, path = operation.route.partition(" ")
        paths.setdefault(path, {})[method.lower()] = _operation(operation)
    return paths


def _operation(operation: Operation) -> dict[str, Any]:
    described: dict[str, Any] = {
        "operationId": operation.name,
        "summary": operation.summary,
        "tags": [operation.tag],
        "responses": dict(sorted(_answers(operation).items())),
    }
    if operation.description:
        described["description"] = operation.description
    if parameters := (*_in_route(operation.route), *operation.parameters):
        described["parameters"] = [{"$ref": f"#/components/parameters/{name}"} for name in parameters]
    if operation.body is not None:
        described["requestBody"] = _body(operation.body)
    if operation.public:
        described["security"] = []
    return described


def _body(body: BodySpec) -> dict[str, Any]:
    content = {"schema": component(body.schema), "examples": _example(body.example)}
    return {"required": body.required, "content": dict.fromkeys(body.media_types, content)}


def _answers(operation: Operation) -> dict[str, Any]:
    parameters = (*_in_route(operation.route), *operation.parameters)
    own = (*_ALWAYS, NO_SUCH_ROUTE) if parameters and not operation.public else _ALWAYS
    answers = {str(status): _answer(answer) for status, answer in operation.answers.items()}
    answers |= problem_answers(operation.problems, own)
    for status, text in _BY_API_GATEWAY.items():
        if status not in answers and not (operation.public and status == "401"):
            answers[status] = {"description": f"API Gateway: {text}", "content": {JSON: _message(text)}}
    for status, text in _ALSO_BY_API_GATEWAY.items():
        if status in answers:
            answers[status]["content"][JSON] = _message(text)
            answers[status]["description"] += f"; or API Gateway: {text}"
    return answers


def _answer(answer: ResponseSpec) -> dict[str, Any]:
    described: dict[str, Any] = {"description": answer.description}
    if answer.schema:
        content = {"schema": component(answer.schema), "examples": _example(answer.example)}
        described["content"] = {answer.media_type: content}
    elif answer.media_type != JSON:
        described["content"] = {answer.media_type: {"schema": fields.TEXT}}
    if answer.headers:
        described["headers"] = {name: {"$ref": f"#/components/headers/{name}"} for name in answer.headers}
    if answer.links:
        described["links"] = {name: {"$ref": f"#/components/links/{name}"} for name in answer.links}
    return described


def _example(name: str) -> dict[str, Any]:
    return {"example": {"value": getattr(examples, name)}}


def _in_route(route: str) -> list[str]:
    """The components of the path's parameters: `OrderId` for `{order_id}`."""
    return [name.title().replace("_", "") for name in re.findall(r"{(\w+)}", route)]


def _message(text: str) -> dict[str, Any]:
    return {"schema": component("Message"), "examples": {"message": {"value": {"message": text}}}}


def _in_path(name: str, schema: Schema, example: str) -> dict[str, Any]:
    return {"name": name, "in": "path", "required": True, "schema": schema, "example": example}


def _in_query(name: str, least: int, most: int, usual: int, description: str) -> dict[str, Any]:
    schema = {"type": "integer", "minimum": least, "maximum": most, "default": usual}
    return {"name": name, "in": "query", "schema": schema, "example": usual, "description": description}


def _in_header(name: str, schema: Schema, example: str, description: str, *, required: bool) -> dict[str, Any]:
    return {
        "name": name,
        "in": "header",
        "required": required,
        "schema": schema,
        "example": example,
        "description": description,
    }


def _filter(name: str, schema: Schema, example: str, description: str) -> dict[str, Any]:
    return {"name": name, "in": "query", "schema": schema, "example": example, "description": description}


_CODE: Schema = {"type": "string", "minLength": 1, "maxLength": LONGEST_CODE, "pattern": LINE_PATTERN}
_STATUS: Schema = component("PaymentStatus")
_CURSOR: Schema = {"type": "string", "minLength": 1, "maxLength": LONGEST_CURSOR}
_KEY = (
    "Idempotency-Key",
    fields.IDEMPOTENCY_KEY,
    "b7f1c1de-0001",
    "A repetition with the same key is the same request",
)
_REVISION = (
    "If-Match",
    fields.IF_MATCH,
    '"1.3"',
    "The order's ETag, of which the revision is compared; or the revision alone",
)
_PARAMETERS = {
    "OrderId": _in_path("order_id", fields.ORDER_ID, ORDER_ID),
    "AttemptId": _in_path("attempt_id", fields.ATTEMPT_ID, ATTEMPT_ID),
    "RefundId": _in_path("refund_id", fields.REFUND_ID, REFUND_ID),
    "Gateway": _in_path("gateway", fields.GATEWAY, "sandbox"),
    "Day": _in_path("day", {"type": "string", "format": "date"}, "2026-11-25"),
    "Discrepancy": _in_path("discrepancy", component("Discrepancy"), Discrepancy.UNKNOWN_ORDER.value),
    "PaymentId": _in_path("payment_id", {"type": "string", "maxLength": 255, "pattern": "^[!-~]+$"}, "pi_83H2"),
    "Cause": _in_path("cause", component("Cause"), Cause.RELEASE_UNCONFIRMED.value),
    "After": _in_query("after", 0, LAST_SEQ, 0, "The `seq` after which the page begins"),
    "Limit": _in_query("limit", 1, LARGEST_PAGE, LARGEST_PAGE, "How many events at most"),
    "SellerId": _filter("seller_id", _CODE, "seller-1", "Orders of this seller"),
    "BuyerId": _filter("buyer_id", _CODE, "buyer-7", "Orders of this buyer"),
    "Reference": _filter("reference", _CODE, "2026-0042", "Orders with this reference; requires `seller_id`"),
    "Status": _filter("status", _STATUS, "paid", "Orders in this status; it filters within a page"),
    "OrdersLimit": _in_query("limit", 1, LARGEST_LISTING, LARGEST_LISTING, "How many orders at most"),
    "Cursor": _filter("cursor", _CURSOR, ORDERS["next_cursor"], "The `next_cursor` of the page before"),
    "IdempotencyKey": _in_header(*_KEY, required=False),
    "IdempotencyKeyRequired": _in_header(*_KEY, required=True),
    "IfMatch": _in_header(*_REVISION, required=False),
    "IfMatchRequired": _in_header(*_REVISION, required=True),
}
_HEADERS = {
    "ETag": {"description": "The order's revision and version", "required": True, "schema": fields.ETAG},
    "Location": {
        "description": "Where it can be read",
        "required": True,
        "schema": {"type": "string", "format": "uri-reference"},
    },
}
_OF_ORDER = {"order_id": "$response.body#/order_id"}
_OF_ATTEMPT = {**_OF_ORDER, "attempt_id": "$response.body#/attempt_id"}
_LINKS: dict[str, dict[str, Any]] = {
    "read_order": {"operationId": "read_order", "parameters": _OF_ORDER},
    "edit_order": {"operationId": "edit_order", "parameters": {**_OF_ORDER, "If-Match": "$response.header.ETag"}},
    "cancel_order": {"operationId": "cancel_order", "parameters": _OF_ORDER},
    "read_history": {"operationId": "read_history", "parameters": _OF_ORDER},
    "request_payment": {"operationId": "request_payment", "parameters": _OF_ORDER},
    "read_attempt": {"operationId": "read_attempt", "parameters": _OF_ATTEMPT},
    "cancel_payment": {"operationId": "cancel_payment", "parameters": _OF_ATTEMPT},
}
