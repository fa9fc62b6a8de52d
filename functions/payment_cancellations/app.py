"""Payment cancellations: the user cancels the payment and gets the order back, editable or edited."""

from http import HTTPStatus
from typing import Any

from paylatch.domain import errors
from paylatch.domain.caller import Caller
from paylatch.domain.ids import fingerprint_of
from paylatch.domain.order import Content, PaymentStatus
from paylatch.runtime import requests
from paylatch.runtime.callers import caller_of
from paylatch.runtime.http import Response, new_api, routed
from paylatch.runtime.lambda_context import LambdaContext
from paylatch.runtime.operation import (
    BODIES,
    EDITABLE_ONLY,
    NO_ATTEMPT,
    WRITES,
    BodySpec,
    Operation,
    order_spec,
)
from paylatch.runtime.request_models import CancellationBody, edited, parsed
from paylatch.runtime.response_models import order_answer
from paylatch.runtime.wiring import entry, ports
from paylatch.use_cases.cancel_payment import cancel_payment
from paylatch.use_cases.read_order import WholeOrder
from paylatch.use_cases.stop_and_change import StopAndChange, stop_and_change

api = new_api()


@routed(
    api,
    Operation(
        route="POST /orders/{order_id}/payments/{attempt_id}/cancellation",
        name="cancel_payment",
        summary="Cancel a payment and unlock its order, with an edit if given",
        description=(
            "The payment is closed at its gateway first, then the order is unlocked. Safe to repeat. With `edit`, a "
            "merge patch of the order, one write unlocks and edits it; If-Match then names the revision that is "
            "edited. The edit is not made where the payment succeeded first or is under way, or while the gateway has "
            "not confirmed the cancellation (202)."
        ),
        tag="Payments",
        parameters=("IfMatch",),
        body=BodySpec("PaymentCancellation", "STOP_AND_CHANGE", required=False),
        answers={
            200: order_spec("The order, unlocked", "ORDER", "edit_order"),
            202: order_spec("The order, still locked: its gateway has not confirmed yet", "RELEASING_ORDER"),
        },
        problems=BODIES
        | WRITES
        | NO_ATTEMPT
        | EDITABLE_ONLY
        | {
            errors.EditNotAllowed,
            errors.OrderCancelled,
            errors.PaymentCompleted,
            errors.PaymentProcessing,
            errors.PreconditionRequired,
            errors.RevisionMismatch,
        },
    ),
)
def cancel(order_id: str, attempt_id: str) -> Response[str]:
    event = api.current_event.raw_event
    caller = caller_of(event)
    document = requests.optional_json_body(event)
    patch = parsed(CancellationBody, document).edit
    if "edit" in document:
        whole = _stop_and_change(order_id, attempt_id, patch, requests.required_if_match(event), caller)
    else:
        whole = cancel_payment(order_id, attempt_id, caller, ports())
    pending = whole.order.status is PaymentStatus.RELEASING and whole.order.held_by(attempt_id)
    return order_answer(whole, ports().clock.now(), HTTPStatus.ACCEPTED if pending else HTTPStatus.OK)


def _stop_and_change(
    order_id: str, attempt_id: str, patch: dict[str, Any], revision: int | None, caller: Caller
) -> WholeOrder:
    def change(content: Content) -> Content:
        return edited(content, patch)

    request = StopAndChange(
        order_id=order_id,
        attempt_id=attempt_id,
        change=change,
        fingerprint=fingerprint_of(requests.canonical(patch)),
        revision=revision,
    )
    with requests.fields_within("edit"):
        return stop_and_change(request, caller, ports())


@entry.http
def handler(event: dict[str, Any], context: LambdaContext) -> dict[str, Any]:
    return api.resolve(event, context)
