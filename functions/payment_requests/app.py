"""Payment requests: lock the order and send the buyer to the gateway; read an attempt."""

from datetime import timedelta
from http import HTTPStatus
from typing import Any

from aws_lambda_powertools.event_handler import Response
from aws_lambda_powertools.utilities.typing import LambdaContext

from paylatch.domain.payment import IN_FLIGHT
from paylatch.runtime import requests
from paylatch.runtime.callers import caller_of
from paylatch.runtime.http import answer, new_api
from paylatch.runtime.request_models import PaymentBody, parsed
from paylatch.runtime.response_models import attempt_response
from paylatch.runtime.settings import settings_from
from paylatch.runtime.wiring import entry, ports
from paylatch.use_cases.read_order import read_attempt
from paylatch.use_cases.request_payment import PaymentRequest, request_payment

api = new_api()


@api.post("/orders/<order_id>/payments")
def request(order_id: str) -> Response[str]:
    event = api.current_event.raw_event
    caller = caller_of(event)
    key = requests.required_idempotency_key(event)
    body = parsed(PaymentBody, requests.json_body(event))
    asked = PaymentRequest(
        order_id=order_id,
        idempotency_key=key,
        return_url=body.return_url,
        expires_in=timedelta(seconds=body.expires_in),
        gateway=body.gateway,
        revision=requests.if_match(event),
        callback_base=_public_url(),
    )
    attempt = request_payment(asked, caller, ports())
    location = {"Location": f"/orders/{order_id}/payments/{attempt.attempt_id}"}
    status = HTTPStatus.CREATED if attempt.status in IN_FLIGHT else HTTPStatus.OK
    return answer(attempt_response(attempt, order_id), status, location)


@api.get("/orders/<order_id>/payments/<attempt_id>")
def read(order_id: str, attempt_id: str) -> Response[str]:
    attempt = read_attempt(order_id, attempt_id, caller_of(api.current_event.raw_event), ports())
    return answer(attempt_response(attempt, order_id))


def _public_url() -> str:
    return settings_from().public_url or f"https://{api.current_event.request_context.domain_name}"


@entry.http
def handler(event: dict[str, Any], context: LambdaContext) -> dict[str, Any]:
    return api.resolve(event, context)
