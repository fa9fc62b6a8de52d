"""Operations: the orders that need a person, and operators' decisions about them."""

from typing import Any

from aws_lambda_powertools.event_handler import Response
from aws_lambda_powertools.utilities.typing import LambdaContext

from paylatch.runtime import requests
from paylatch.runtime.callers import caller_of
from paylatch.runtime.http import answer, new_api
from paylatch.runtime.request_models import ReasonBody, ResolutionBody, parsed
from paylatch.runtime.response_models import attention_response, order_answer
from paylatch.runtime.time_budget import STORE_REQUEST_SECONDS, time_for
from paylatch.runtime.wiring import entry, ports
from paylatch.use_cases.force_release import release_by_operator
from paylatch.use_cases.review_payment import Resolution, needing_attention, recheck_payment, resolve_review
from paylatch.use_cases.write_off_refund import write_off_refund

api = new_api()


@api.get("/operations/attention")
def attention() -> Response[str]:
    has_time = time_for(STORE_REQUEST_SECONDS, api.lambda_context)
    found = needing_attention(caller_of(api.current_event.raw_event), has_time, ports())
    return answer(attention_response(found.orders, found.unread))


@api.post("/orders/<order_id>/payments/<attempt_id>/recheck")
def recheck(order_id: str, attempt_id: str) -> Response[str]:
    return order_answer(recheck_payment(order_id, attempt_id, caller_of(api.current_event.raw_event), ports()))


@api.post("/orders/<order_id>/payments/<attempt_id>/resolution")
def resolve(order_id: str, attempt_id: str) -> Response[str]:
    event = api.current_event.raw_event
    caller = caller_of(event)
    body = parsed(ResolutionBody, requests.json_body(event))
    return order_answer(resolve_review(order_id, attempt_id, Resolution(body.action), body.reason, caller, ports()))


@api.post("/orders/<order_id>/payments/<attempt_id>/release")
def release(order_id: str, attempt_id: str) -> Response[str]:
    event = api.current_event.raw_event
    caller = caller_of(event)
    body = parsed(ReasonBody, requests.json_body(event))
    return order_answer(release_by_operator(order_id, attempt_id, body.reason, caller, ports()))


@api.post("/orders/<order_id>/refunds/<refund_id>/write-off")
def write_off(order_id: str, refund_id: str) -> Response[str]:
    event = api.current_event.raw_event
    caller = caller_of(event)
    body = parsed(ReasonBody, requests.json_body(event))
    return order_answer(write_off_refund(order_id, refund_id, body.reason, caller, ports()))


@entry.http
def handler(event: dict[str, Any], context: LambdaContext) -> dict[str, Any]:
    return api.resolve(event, context)
