"""Orders: create, read, edit, cancel, history."""

import json
from functools import cache
from http import HTTPStatus
from pathlib import Path
from typing import Any

from aws_lambda_powertools.event_handler import Response
from aws_lambda_powertools.utilities.typing import LambdaContext

from paylatch.domain.ids import fingerprint_of
from paylatch.domain.order import Content
from paylatch.runtime import requests
from paylatch.runtime.callers import caller_of
from paylatch.runtime.http import answer, new_api
from paylatch.runtime.request_models import OrderBody, edited, parsed
from paylatch.runtime.response_models import history_response, order_answer
from paylatch.runtime.wiring import entry, ports
from paylatch.use_cases.create_order import OrderRequest, create_order
from paylatch.use_cases.edit_order import cancel_order, edit_order
from paylatch.use_cases.read_order import read_history, read_order

api = new_api()
PATCHES = ("application/merge-patch+json", "application/json")


@api.post("/orders")
def create() -> Response[str]:
    event = api.current_event.raw_event
    caller = caller_of(event)
    key = requests.idempotency_key(event)
    body = parsed(OrderBody, requests.json_body(event))
    request = OrderRequest(
        reference=body.reference,
        buyer_id=body.buyer_id,
        seller_id=body.seller_id,
        currency=body.currency,
        content=body.content(),
        fingerprint=fingerprint_of(requests.canonical(body.model_dump(exclude_defaults=True))),
        idempotency_key=key,
    )
    return order_answer(create_order(request, caller, ports()), HTTPStatus.CREATED)


@api.get("/orders/<order_id>")
def read(order_id: str) -> Response[str]:
    return order_answer(read_order(order_id, caller_of(api.current_event.raw_event), ports()))


@api.patch("/orders/<order_id>")
def edit(order_id: str) -> Response[str]:
    event = api.current_event.raw_event
    caller = caller_of(event)
    patch = requests.json_body(event, PATCHES)

    def change(content: Content) -> Content:
        return edited(content, patch)

    return order_answer(edit_order(order_id, change, requests.if_match(event), caller, ports()))


@api.post("/orders/<order_id>/cancellation")
def cancel(order_id: str) -> Response[str]:
    return order_answer(cancel_order(order_id, caller_of(api.current_event.raw_event), ports()))


@api.get("/orders/<order_id>/history")
def history(order_id: str) -> Response[str]:
    event = api.current_event.raw_event
    caller = caller_of(event)
    after, limit = requests.page(event)
    return answer(history_response(read_history(order_id, after, limit, caller, ports())))


@api.get("/openapi.json")
def openapi() -> Response[str]:
    return answer(_contract(), headers={"Cache-Control": "public, max-age=300"})


@cache
def _contract() -> dict[str, Any]:
    document: dict[str, Any] = json.loads(Path(__file__).with_name("openapi.json").read_bytes())
    return document


@entry.http
def handler(event: dict[str, Any], context: LambdaContext) -> dict[str, Any]:
    return api.resolve(event, context)
