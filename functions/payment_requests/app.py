"""Requests for money: lock the order and send the buyer to the gateway; read an attempt; a link to pay by; refunds."""

from datetime import timedelta
from http import HTTPStatus
from typing import Any

from paylatch.domain import errors, refund_errors
from paylatch.domain.payment import IN_FLIGHT, RefundStatus
from paylatch.domain.refund_request import RefundRequest
from paylatch.runtime import requests
from paylatch.runtime.callers import caller_of
from paylatch.runtime.http import Response, answer, new_api, routed
from paylatch.runtime.lambda_context import LambdaContext
from paylatch.runtime.operation import (
    BODIES,
    EDITABLE_ONLY,
    GATEWAYS,
    NO_ATTEMPT,
    READS,
    WRITES,
    BodySpec,
    Operation,
    ResponseSpec,
)
from paylatch.runtime.pay_link_models import PayLinkBody
from paylatch.runtime.request_models import PaymentBody, RefundRequestBody, parsed
from paylatch.runtime.response_models import attempt_response, pay_link_response, refund_response
from paylatch.runtime.settings import pages_url_from, settings_from
from paylatch.runtime.wiring import entry, ports
from paylatch.use_cases.issue_pay_link import LinkRequest, issue_pay_link
from paylatch.use_cases.payment_request import PaymentRequest
from paylatch.use_cases.read_order import read_attempt
from paylatch.use_cases.request_payment import request_payment
from paylatch.use_cases.request_refund import request_refund

api = new_api()


@routed(
    api,
    Operation(
        route="POST /orders/{order_id}/payments",
        name="request_payment",
        summary="Lock an order and open its payment at a gateway",
        description=(
            "The same Idempotency-Key gives the same attempt again, also where the first try ended half-way, or the "
            "same refusal by the gateway; 200 once the attempt has ended. With If-Match the buyer pays for exactly "
            "that revision, or not at all. The buyer comes back to return_url with order_id and attempt_id in its "
            "query. An order that costs nothing is paid at once: its attempt has succeeded, its gateway is `none`."
        ),
        tag="Payments",
        parameters=("IdempotencyKeyRequired", "IfMatch"),
        body=BodySpec("PaymentRequest", "PAYMENT_REQUEST"),
        answers={
            200: ResponseSpec(
                "The attempt of an earlier request with this key, which has ended",
                "Attempt",
                "ENDED_ATTEMPT",
                ("Location",),
                ("read_attempt",),
            ),
            201: ResponseSpec(
                "The attempt; send the buyer to its pay_url, where it has one",
                "Attempt",
                "ATTEMPT",
                ("Location",),
                ("read_attempt", "cancel_payment"),
            ),
        },
        problems=BODIES
        | WRITES
        | EDITABLE_ONLY
        | GATEWAYS
        | {
            errors.IdempotencyKeyMissing,
            errors.IdempotencyKeyReused,
            errors.OrderCancelled,
            errors.OrderNotPayable,
            errors.PayByPassed,
            errors.RevisionMismatch,
            errors.TooManyAttempts,
        },
    ),
)
def request(order_id: str) -> Response[str]:
    event = api.current_event.raw_event
    caller = caller_of(event)
    key = requests.required_idempotency_key(event)
    body = parsed(PaymentBody, requests.json_body(event))
    asked = PaymentRequest(
        order_id=order_id,
        idempotency_key=key,
        return_url=body.return_url,
        expires_in=None if body.expires_in is None else timedelta(seconds=body.expires_in),
        gateway=body.gateway,
        revision=requests.if_match(event),
        callback_base=_public_url(),
    )
    payment = request_payment(asked, caller, ports())
    attempt = payment.attempt
    location = {"Location": f"/orders/{order_id}/payments/{attempt.attempt_id}"}
    status = HTTPStatus.CREATED if attempt.status in IN_FLIGHT or payment.settled_now else HTTPStatus.OK
    return answer(attempt_response(attempt, order_id), status, location)


@routed(
    api,
    Operation(
        route="GET /orders/{order_id}/payments/{attempt_id}",
        name="read_attempt",
        summary="Read a payment attempt",
        tag="Payments",
        answers={200: ResponseSpec("The attempt", "Attempt", "ATTEMPT")},
        problems=READS | NO_ATTEMPT,
    ),
)
def read(order_id: str, attempt_id: str) -> Response[str]:
    attempt = read_attempt(order_id, attempt_id, caller_of(api.current_event.raw_event), ports())
    return answer(attempt_response(attempt, order_id))


@routed(
    api,
    Operation(
        route="POST /orders/{order_id}/pay-link",
        name="issue_pay_link",
        summary="Get an order's payment link",
        description=(
            "By its seller, its buyer or a service. The link opens a page on which anybody who has it can see the "
            "amount and pay; it does not expire. A repetition gives the same link. `renew` replaces it by a new one, "
            "and the old one stops working."
        ),
        tag="Payments",
        body=BodySpec("PayLinkRequest", "PAY_LINK_REQUEST", required=False),
        answers={200: ResponseSpec("The order's payment link", "PayLink", "PAY_LINK")},
        problems=BODIES | WRITES,
    ),
)
def pay_link(order_id: str) -> Response[str]:
    event = api.current_event.raw_event
    caller = caller_of(event)
    body = parsed(PayLinkBody, requests.optional_json_body(event))
    # Before the write: a link that nobody is given is none.
    pages = pages_url_from()
    link_id = issue_pay_link(LinkRequest(order_id, body.renew, body.return_url), caller, ports())
    return answer(pay_link_response(pages, order_id, link_id))


@routed(
    api,
    Operation(
        route="POST /orders/{order_id}/refunds",
        name="request_refund",
        summary="Refund a paid order, in whole or in part",
        description=(
            "By its seller, a service or an operator; several for one payment. The gateway is asked within seconds, "
            "and until it answers; for a payment without a gateway the caller declares the refund. The same "
            "Idempotency-Key gives the same refund again, with 200 once it has ended."
        ),
        tag="Refunds",
        parameters=("IdempotencyKeyRequired",),
        body=BodySpec("RefundRequest", "REFUND_REQUEST"),
        answers={
            201: ResponseSpec("The refund, which is due, or declared as made", "Refund", "REFUND"),
            200: ResponseSpec("The refund of an earlier request, which has ended", "Refund", "MADE_REFUND"),
        },
        problems=BODIES
        | WRITES
        | {
            errors.IdempotencyKeyMissing,
            errors.IdempotencyKeyReused,
            refund_errors.OrderNotPaid,
            refund_errors.RefundDisputed,
            refund_errors.RefundExceedsPayment,
            refund_errors.TooManyRefunds,
            errors.Misconfigured,
        },
    ),
)
def refund(order_id: str) -> Response[str]:
    event = api.current_event.raw_event
    caller = caller_of(event)
    key = requests.required_idempotency_key(event)
    body = parsed(RefundRequestBody, requests.json_body(event))
    requested = request_refund(RefundRequest(order_id, body.amount, body.reason, key), caller, ports())
    due = requested.refund.status is RefundStatus.DUE
    status = HTTPStatus.CREATED if requested.is_new or due else HTTPStatus.OK
    return answer(refund_response(requested.refund), status)


def _public_url() -> str:
    return settings_from().public_url or f"https://{api.current_event.request_context.domain_name}"


@entry.http
def handler(event: dict[str, Any], context: LambdaContext) -> dict[str, Any]:
    return api.resolve(event, context)
