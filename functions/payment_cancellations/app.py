"""Payment cancellations: the user cancels the payment and gets the order back, editable."""

from http import HTTPStatus
from typing import Any

from aws_lambda_powertools.event_handler import Response
from aws_lambda_powertools.utilities.typing import LambdaContext

from paylatch.domain.order import PaymentStatus
from paylatch.runtime.callers import caller_of
from paylatch.runtime.http import new_api
from paylatch.runtime.response_models import order_answer
from paylatch.runtime.wiring import entry, ports
from paylatch.use_cases.cancel_payment import cancel_payment

api = new_api()


@api.post("/orders/<order_id>/payments/<attempt_id>/cancellation")
def cancel(order_id: str, attempt_id: str) -> Response[str]:
    whole = cancel_payment(order_id, attempt_id, caller_of(api.current_event.raw_event), ports())
    pending = whole.order.status is PaymentStatus.RELEASING and whole.order.held_by(attempt_id)
    return order_answer(whole, HTTPStatus.ACCEPTED if pending else HTTPStatus.OK)


@entry.http
def handler(event: dict[str, Any], context: LambdaContext) -> dict[str, Any]:
    return api.resolve(event, context)
