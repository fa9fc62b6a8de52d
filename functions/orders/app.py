"""Orders: create, list, read, edit, cancel, settle by hand, erase, history."""

import json
import time
from functools import cache
from http import HTTPStatus
from pathlib import Path
from typing import Any

from paylatch.domain import errors
from paylatch.domain.ids import fingerprint_of
from paylatch.domain.manual_settlement import ManualMethod, ManualSettlement
from paylatch.runtime import requests
from paylatch.runtime.callers import caller_of
from paylatch.runtime.http import Response, answer, new_api, routed
from paylatch.runtime.lambda_context import LambdaContext
from paylatch.runtime.operation import (
    BODIES,
    EDITABLE_ONLY,
    READS,
    STORE,
    WRITES,
    BodySpec,
    Operation,
    ResponseSpec,
    order_spec,
)
from paylatch.runtime.order_operations import ERASE, SETTLE_MANUALLY
from paylatch.runtime.orders_query import orders_query
from paylatch.runtime.request_models import HandoverBody, OrderBody, SettlementBody, edited, parsed
from paylatch.runtime.response_models import history_response, order_answer, orders_response
from paylatch.runtime.time_budget import STORE_REQUEST_SECONDS, time_for
from paylatch.runtime.wiring import entry, ports, timers
from paylatch.use_cases.create_order import OrderRequest, create_order
from paylatch.use_cases.edit_order import cancel_order, edit_order
from paylatch.use_cases.erase_personal_data import erase_personal_data
from paylatch.use_cases.hand_over_order import hand_over_order
from paylatch.use_cases.list_orders import list_orders
from paylatch.use_cases.read_order import read_history, read_order
from paylatch.use_cases.settle_order_manually import settle_order_manually

api = new_api()
# What a step of an erasure deletes or rewrites, and the content, which is read for the answer.
REQUESTS_OF_AN_ERASURE = 2
PATCHES = ("application/merge-patch+json", "application/json")


@routed(
    api,
    Operation(
        route="POST /orders",
        name="create_order",
        summary="Place an order",
        description=(
            "By a service, or by the seller whose order it is. The same Idempotency-Key gives the same order again. "
            "With `unique_reference` the seller and the reference take the place of the key."
        ),
        tag="Orders",
        parameters=("IdempotencyKey",),
        body=BodySpec("NewOrder", "NEW_ORDER"),
        answers={
            201: ResponseSpec(
                "The order, at revision 1",
                "Order",
                "ORDER",
                ("ETag", "Location"),
                ("read_order", "edit_order", "cancel_order", "request_payment", "read_history"),
            )
        },
        problems=BODIES
        | STORE
        | {errors.NotAllowed, errors.IdempotencyKeyReused, errors.OrderTooLarge, errors.ReferenceTaken},
    ),
)
def create() -> Response[str]:
    event = api.current_event.raw_event
    caller = caller_of(event)
    body = parsed(OrderBody, requests.json_body(event))
    request = OrderRequest(
        reference=body.reference,
        buyer_id=body.buyer_id,
        seller_id=body.seller_id,
        currency=body.currency,
        content=body.content(),
        fingerprint=fingerprint_of(requests.canonical(body.model_dump(exclude_defaults=True))),
        idempotency_key=None if body.unique_reference else requests.idempotency_key(event),
        unique_reference=body.unique_reference,
    )
    return order_answer(create_order(request, caller, ports()), ports().clock.now(), HTTPStatus.CREATED)


@routed(
    api,
    Operation(
        route="GET /orders",
        name="list_orders",
        summary="List orders, the newest first",
        description=(
            "A buyer's or a seller's own; a service and an operator name `seller_id` or `buyer_id`. A page can have "
            "fewer orders than `limit`, or none, and still a `next_cursor`."
        ),
        tag="Orders",
        parameters=("SellerId", "BuyerId", "Reference", "Status", "OrdersLimit", "Cursor"),
        answers={200: ResponseSpec("One page of orders, without their content", "OrderPage", "ORDERS")},
        problems={errors.InvalidRequest, errors.NotAllowed, errors.StoreUnavailable, errors.StoreRefused},
    ),
)
def list_page() -> Response[str]:
    event = api.current_event.raw_event
    caller = caller_of(event)
    query = orders_query(requests.query_of(event))
    page = list_orders(query.wanted, query.cursor, query.limit, caller, ports(), time.sleep)
    return answer(orders_response(page, ports().clock.now()))


@routed(
    api,
    Operation(
        route="GET /orders/{order_id}",
        name="read_order",
        summary="Read an order",
        tag="Orders",
        answers={200: order_spec("The order as it is now", "ORDER")},
        problems=READS,
    ),
)
def read(order_id: str) -> Response[str]:
    return order_answer(read_order(order_id, caller_of(api.current_event.raw_event), ports()), ports().clock.now())


@routed(
    api,
    Operation(
        route="PATCH /orders/{order_id}",
        name="edit_order",
        summary="Edit an order that nobody is paying",
        description=(
            "If-Match names the revision that is edited. An edit that changes nothing makes no new revision. A service "
            "hands the order over with `buyer_id` and no other field; the revision stays."
        ),
        tag="Orders",
        parameters=("IfMatchRequired",),
        body=BodySpec("OrderEdit", "ORDER_PATCH", PATCHES[:1]),
        answers={200: order_spec("The order at its next revision", "EDITED_ORDER", "edit_order")},
        problems=BODIES
        | WRITES
        | EDITABLE_ONLY
        | {errors.EditNotAllowed, errors.OrderCancelled, errors.RevisionMismatch, errors.PreconditionRequired},
    ),
)
def edit(order_id: str) -> Response[str]:
    event = api.current_event.raw_event
    caller = caller_of(event)
    patch = requests.json_body(event, PATCHES)

    revision = requests.required_if_match(event)
    if "buyer_id" in patch:
        buyer_id = parsed(HandoverBody, patch).buyer_id
        whole = hand_over_order(order_id, buyer_id, revision, caller, ports(), timers())
    else:
        whole = edit_order(order_id, lambda content: edited(content, patch), revision, caller, ports(), timers())
    return order_answer(whole, ports().clock.now())


@routed(
    api,
    Operation(
        route="POST /orders/{order_id}/cancellation",
        name="cancel_order",
        summary="Cancel an unpaid order for good",
        description="A repetition changes nothing.",
        tag="Orders",
        answers={200: order_spec("The cancelled order", "CANCELLED_ORDER")},
        problems=WRITES | EDITABLE_ONLY,
    ),
)
def cancel(order_id: str) -> Response[str]:
    whole = cancel_order(order_id, caller_of(api.current_event.raw_event), ports(), timers())
    return order_answer(whole, ports().clock.now())


@routed(api, SETTLE_MANUALLY)
def settle(order_id: str) -> Response[str]:
    event = api.current_event.raw_event
    caller = caller_of(event)
    body = parsed(SettlementBody, requests.json_body(event))
    settlement = ManualSettlement(ManualMethod(body.method), body.amount, body.note)
    return order_answer(settle_order_manually(order_id, settlement, caller, ports(), timers()), ports().clock.now())


@routed(api, ERASE)
def erase(order_id: str) -> Response[str]:
    caller = caller_of(api.current_event.raw_event)
    has_time = time_for(REQUESTS_OF_AN_ERASURE * STORE_REQUEST_SECONDS, api.lambda_context)
    return order_answer(erase_personal_data(order_id, caller, has_time, ports()), ports().clock.now())


@routed(
    api,
    Operation(
        route="GET /orders/{order_id}/history",
        name="read_history",
        summary="Read an order's history",
        description=(
            "Events are recorded a moment after the change, without gaps. In pages: `next_after` is the `after` of the "
            "next page, null where there are no more events yet."
        ),
        tag="Orders",
        parameters=("After", "Limit"),
        answers={200: ResponseSpec("One page of events, in order", "History", "HISTORY")},
        problems=READS | {errors.InvalidRequest},
    ),
)
def history(order_id: str) -> Response[str]:
    event = api.current_event.raw_event
    caller = caller_of(event)
    after, limit = requests.page(event)
    return answer(history_response(read_history(order_id, after, limit, caller, ports())))


@routed(
    api,
    Operation(
        route="GET /openapi.json",
        name="read_openapi",
        summary="This document",
        tag="Operations",
        answers={200: ResponseSpec("OpenAPI 3.1", "OpenApi", "OPENAPI")},
        public=True,
    ),
)
def openapi() -> Response[str]:
    return answer(_contract(), headers={"Cache-Control": "public, max-age=300"})


@cache
def _contract() -> dict[str, Any]:
    document: dict[str, Any] = json.loads(Path(__file__).with_name("openapi.json").read_bytes())
    return document


@entry.http
def handler(event: dict[str, Any], context: LambdaContext) -> dict[str, Any]:
    return api.resolve(event, context)
