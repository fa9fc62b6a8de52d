"""The operations on payments, and what gateways call."""

from openapi import examples
from openapi.operation import (
    ATTEMPT_PATH,
    BODIES,
    EDITABLE_ONLY,
    GATEWAYS,
    NO_ATTEMPT,
    ORDER_PATH,
    READS,
    STORE,
    WRITES,
    BodySpec,
    Operation,
    ResponseSpec,
    order_answer,
)
from paylatch.domain import errors

PAYMENTS = (
    Operation(
        route="POST /orders/{order_id}/payments",
        name="request_payment",
        summary="Lock an order and open its payment at a gateway",
        description=(
            "The same Idempotency-Key again: the same attempt, also when the first try died on the way, or the same "
            "refusal by the gateway; 200 once the attempt has ended. With If-Match the buyer pays for exactly that "
            "revision, or not at all. The buyer comes back to return_url with order_id and attempt_id in its query."
        ),
        tag="Payments",
        parameters=(*ORDER_PATH, "IdempotencyKeyRequired", "IfMatch"),
        body=BodySpec("PaymentRequest", examples.PAYMENT_REQUEST),
        answers={
            200: ResponseSpec(
                "The key's attempt, which has ended by now",
                "Attempt",
                examples.ENDED_ATTEMPT,
                ("Location",),
                ("read_attempt",),
            ),
            201: ResponseSpec(
                "The attempt; send the buyer to its pay_url",
                "Attempt",
                examples.ATTEMPT,
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
            errors.RevisionMismatch,
            errors.TooManyAttempts,
        },
    ),
    Operation(
        route="GET /orders/{order_id}/payments/{attempt_id}",
        name="read_attempt",
        summary="Look at a payment attempt",
        tag="Payments",
        parameters=ATTEMPT_PATH,
        answers={200: ResponseSpec("The attempt", "Attempt", examples.ATTEMPT)},
        problems=READS | NO_ATTEMPT,
    ),
    Operation(
        route="POST /orders/{order_id}/payments/{attempt_id}/cancellation",
        name="cancel_payment",
        summary="Give a payment up and get the order back",
        description="The payment is closed at its gateway first, then the order is unlocked. Safe to repeat.",
        tag="Payments",
        parameters=ATTEMPT_PATH,
        answers={
            200: order_answer("The order, unlocked", examples.ORDER, "edit_order"),
            202: order_answer("The order, still locked: its gateway has not confirmed yet", examples.RELEASING_ORDER),
        },
        problems=WRITES | NO_ATTEMPT | {errors.PaymentCompleted},
    ),
    Operation(
        route="POST /gateways/{gateway}/callbacks",
        name="receive_callback",
        summary="What a gateway reports",
        description="Signed by the gateway, in its own format. Not for shops.",
        tag="Payments",
        parameters=("Gateway",),
        answers={
            200: ResponseSpec("The gateway's own acknowledgement", media_type="text/plain"),
            204: ResponseSpec("The gateway's own acknowledgement, where it wants no body"),
        },
        problems=STORE
        | GATEWAYS
        | {
            errors.InvalidRequest,
            errors.CallbackRejected,
            errors.OrderNotFound,
            errors.BodyTooLarge,
            errors.OrderContended,
            errors.OrderTooLarge,
        },
        public=True,
    ),
)
