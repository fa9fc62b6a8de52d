"""Payment cancellations: the user cancels the payment and gets the order back, editable."""

from http import HTTPStatus
from typing import Any

from paylatch.domain import errors
from paylatch.domain.order import PaymentStatus
from paylatch.runtime.callers import caller_of
from paylatch.runtime.http import Response, new_api, routed
from paylatch.runtime.lambda_context import LambdaContext
from paylatch.runtime.operation import NO_ATTEMPT, WRITES, Operation, order_spec
from paylatch.runtime.response_models import order_answer
from paylatch.runtime.wiring import entry, ports
from paylatch.use_cases.cancel_payment import cancel_payment

api = new_api()


@routed(
    api,
    Operation(
        route="POST /orders/{order_id}/payments/{attempt_id}/cancellation",
        name="cancel_payment",
        summary="Give a payment up and get the order back",
        description="The payment is closed at its gateway first, then the order is unlocked. Safe to repeat.",
        tag="Payments",
        answers={
            200: order_spec("The order, unlocked", "ORDER", "edit_order"),
            202: order_spec("The order, still locked: its gateway has not confirmed yet", "RELEASING_ORDER"),
        },
        problems=WRITES | NO_ATTEMPT | {errors.PaymentCompleted},
    ),
)
def cancel(order_id: str, attempt_id: str) -> Response[str]:
    whole = cancel_payment(order_id, attempt_id, caller_of(api.current_event.raw_event), ports())
    pending = whole.order.status is PaymentStatus.RELEASING and whole.order.held_by(attempt_id)
    return order_answer(whole, HTTPStatus.ACCEPTED if pending else HTTPStatus.OK)


@entry.http
def handler(event: dict[str, Any], context: LambdaContext) -> dict[str, Any]:
    return api.resolve(event, context)
