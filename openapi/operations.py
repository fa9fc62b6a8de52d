"""Every operation: what it takes, what it answers, and exactly the problems it can tell."""

from openapi import examples
from openapi.operation import (
    ATTEMPT_PATH,
    BODIES,
    GATEWAYS,
    NO_ATTEMPT,
    REFUND_PATH,
    WRITES,
    BodySpec,
    Operation,
    ResponseSpec,
    order_answer,
)
from openapi.order_operations import ORDERS
from openapi.payment_operations import PAYMENTS
from paylatch.domain import errors

OPERATIONS = (
    *ORDERS,
    *PAYMENTS,
    Operation(
        route="GET /operations/attention",
        name="needing_attention",
        summary="What an operator must look at",
        description=(
            "Payments under review, releases that no gateway confirms, refunds owed for over an hour. What cannot be "
            "read is named and hides nothing else."
        ),
        tag="Operations",
        answers={200: ResponseSpec("At most 100 orders, without their content", "Attention", examples.ATTENTION)},
        problems={errors.StoreUnavailable, errors.StoreRefused, errors.NotAllowed},
    ),
    Operation(
        route="POST /orders/{order_id}/payments/{attempt_id}/recheck",
        name="recheck_payment",
        summary="Ask the gateway again what became of a payment",
        tag="Operations",
        parameters=ATTEMPT_PATH,
        answers={200: order_answer("The order after the gateway's answer", examples.ORDER)},
        problems=WRITES | NO_ATTEMPT | GATEWAYS,
    ),
    Operation(
        route="POST /orders/{order_id}/payments/{attempt_id}/resolution",
        name="resolve_review",
        summary="Decide about a payment whose money does not match",
        description="`settle` takes the money as the payment; `refund` gives it back, and with it the order.",
        tag="Operations",
        parameters=ATTEMPT_PATH,
        body=BodySpec("Resolution", examples.RESOLUTION),
        answers={200: order_answer("The order, paid or unlocked", examples.PAID_ORDER)},
        problems=BODIES | WRITES | NO_ATTEMPT,
    ),
    Operation(
        route="POST /orders/{order_id}/payments/{attempt_id}/release",
        name="release_by_operator",
        summary="Unlock an order whose gateway gives no answer",
        description=(
            "Without the gateway's word: the payer's link is watched from then on, and money that still comes through "
            "it pays for the order or goes back. A second time changes nothing."
        ),
        tag="Operations",
        parameters=ATTEMPT_PATH,
        body=BodySpec("Reason", examples.REASON),
        answers={200: order_answer("The order, unlocked", examples.ORDER)},
        problems=BODIES | WRITES | NO_ATTEMPT | {errors.PaymentCompleted},
    ),
    Operation(
        route="POST /orders/{order_id}/refunds/{refund_id}/write-off",
        name="write_off_refund",
        summary="Give up on a refund that the gateway will never make",
        description="The sum stays visible, with who gave it up and why. A second time changes nothing.",
        tag="Operations",
        parameters=REFUND_PATH,
        body=BodySpec("Reason", examples.REASON),
        answers={200: order_answer("The order", examples.WRITTEN_OFF_ORDER)},
        problems=BODIES | WRITES | {errors.RefundNotFound},
    ),
    Operation(
        route="GET /openapi.json",
        name="read_openapi",
        summary="This document",
        tag="Operations",
        answers={200: ResponseSpec("OpenAPI 3.1", "OpenApi", {"openapi": "3.1.0"})},
        public=True,
    ),
)
