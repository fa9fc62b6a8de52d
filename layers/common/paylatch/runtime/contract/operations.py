"""Every operation: what it takes, what it answers, and exactly the problems it can tell."""

from paylatch.domain import errors
from paylatch.runtime.contract import examples
from paylatch.runtime.contract.operation import (
    ATTEMPT_PATH,
    BODIES,
    GATEWAYS,
    NO_ATTEMPT,
    WRITES,
    Answer,
    Body,
    Operation,
    order_answer,
)
from paylatch.runtime.contract.order_operations import ORDERS
from paylatch.runtime.contract.payment_operations import PAYMENTS

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
        answers={200: Answer("At most 100 orders, without their content", "Attention", examples.ATTENTION)},
        problems={errors.StoreUnavailable, errors.NotAllowed},
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
        body=Body("Resolution", examples.RESOLUTION),
        answers={200: order_answer("The order, paid or unlocked", examples.PAID_ORDER)},
        problems=BODIES | WRITES | NO_ATTEMPT,
    ),
    Operation(
        route="GET /openapi.json",
        name="read_openapi",
        summary="This document",
        tag="Operations",
        answers={200: Answer("OpenAPI 3.1", "OpenApi", {"openapi": "3.1.0"})},
        public=True,
    ),
)
