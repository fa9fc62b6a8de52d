"""Every operation: what it takes, what it answers, and exactly the problems it can tell."""

from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import Any

from paylatch.domain import errors
from paylatch.runtime.contract import examples
from paylatch.runtime.contract.problem_responses import Errors

JSON = "application/json"
MERGE_PATCH = "application/merge-patch+json"
ORDER_PATH = ("OrderId",)
ATTEMPT_PATH = ("OrderId", "AttemptId")


@dataclass(frozen=True, slots=True)
class Body:
    """A request body: its component, an example, and the media types it may come in."""

    schema: str
    example: Mapping[str, Any]
    media_types: tuple[str, ...] = (JSON,)


@dataclass(frozen=True, slots=True)
class Answer:
    """A success: its component and an example; `headers` and `links` by their component's name."""

    description: str
    schema: str = ""
    example: Mapping[str, Any] | None = None
    headers: tuple[str, ...] = ()
    links: tuple[str, ...] = ()
    media_type: str = JSON


@dataclass(frozen=True, slots=True, kw_only=True)
class Operation:
    """One call of the API. `public` ones need no token."""

    route: str
    name: str
    summary: str
    description: str = ""
    tag: str
    parameters: tuple[str, ...] = ()
    body: Body | None = None
    answers: Mapping[int, Answer]
    problems: Errors = field(default_factory=frozenset)
    public: bool = False


STORE = frozenset({errors.StoreUnavailable, errors.OrderUnreadable})
READS = STORE | {errors.NotAllowed, errors.OrderNotFound}
WRITES = READS | {errors.OrderContended, errors.OrderTooLarge}
BODIES = frozenset({errors.InvalidRequest, errors.BodyTooLarge, errors.UnsupportedMediaType})
NO_ATTEMPT = frozenset({errors.AttemptNotFound})
EDITABLE_ONLY = frozenset({errors.OrderLocked, errors.OrderPaid})
GATEWAYS = frozenset(
    {errors.Refused, errors.RateLimited, errors.Transient, errors.OutcomeUnknown, errors.Misconfigured}
)


def _order(description: str, example: Mapping[str, Any], *links: str) -> Answer:
    return Answer(description, "Order", example, ("ETag",), links)


ORDERS = (
    Operation(
        route="POST /orders",
        name="create_order",
        summary="Place an order",
        description="By a service, or by the seller whose order it is. The same Idempotency-Key again: the same order.",
        tag="Orders",
        parameters=("IdempotencyKey",),
        body=Body("NewOrder", examples.NEW_ORDER),
        answers={
            201: Answer(
                "The order, at revision 1",
                "Order",
                examples.ORDER,
                ("ETag", "Location"),
                ("read_order", "edit_order", "cancel_order", "request_payment", "read_history"),
            )
        },
        problems=BODIES | STORE | {errors.NotAllowed, errors.IdempotencyKeyReused, errors.OrderTooLarge},
    ),
    Operation(
        route="GET /orders/{order_id}",
        name="read_order",
        summary="Look at an order",
        tag="Orders",
        parameters=ORDER_PATH,
        answers={200: _order("The order as it is now", examples.ORDER)},
        problems=READS,
    ),
    Operation(
        route="PATCH /orders/{order_id}",
        name="edit_order",
        summary="Edit an order that nobody is paying",
        description="If-Match names the revision that is edited. An edit that changes nothing makes no new revision.",
        tag="Orders",
        parameters=(*ORDER_PATH, "IfMatchRequired"),
        body=Body("OrderPatch", examples.ORDER_PATCH, (MERGE_PATCH, JSON)),
        answers={200: _order("The order at its next revision", examples.EDITED_ORDER, "edit_order")},
        problems=BODIES
        | WRITES
        | EDITABLE_ONLY
        | {errors.OrderCancelled, errors.RevisionMismatch, errors.PreconditionRequired},
    ),
    Operation(
        route="POST /orders/{order_id}/cancellation",
        name="cancel_order",
        summary="End an unpaid order for good",
        description="A second time changes nothing.",
        tag="Orders",
        parameters=ORDER_PATH,
        answers={200: _order("The cancelled order", examples.CANCELLED_ORDER)},
        problems=WRITES | EDITABLE_ONLY,
    ),
    Operation(
        route="GET /orders/{order_id}/history",
        name="read_history",
        summary="What happened to an order",
        description="Recorded a moment after the fact; without a gap as far as it reaches.",
        tag="Orders",
        parameters=ORDER_PATH,
        answers={200: Answer("All events, in order", "History", examples.HISTORY)},
        problems=READS,
    ),
)
PAYMENTS = (
    Operation(
        route="POST /orders/{order_id}/payments",
        name="request_payment",
        summary="Lock an order and open its payment at a gateway",
        description=(
            "The same Idempotency-Key again: the same attempt, also when the first try died on the way. With If-Match "
            "the buyer pays for exactly that revision, or not at all."
        ),
        tag="Payments",
        parameters=(*ORDER_PATH, "IdempotencyKeyRequired", "IfMatch"),
        body=Body("PaymentRequest", examples.PAYMENT_REQUEST),
        answers={
            201: Answer(
                "The attempt; send the buyer to its pay_url",
                "Attempt",
                examples.ATTEMPT,
                ("Location",),
                ("read_attempt", "cancel_payment"),
            )
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
        answers={200: Answer("The attempt", "Attempt", examples.ATTEMPT)},
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
            200: _order("The order, unlocked", examples.ORDER, "edit_order"),
            202: _order("The order, still locked: its gateway has not confirmed yet", examples.RELEASING_ORDER),
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
            200: Answer("The gateway's own acknowledgement", media_type="text/plain"),
            204: Answer("The gateway's own acknowledgement, where it wants no body"),
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
OPERATIONS = (
    *ORDERS,
    *PAYMENTS,
    Operation(
        route="GET /operations/attention",
        name="needing_attention",
        summary="What an operator must look at",
        description="Payments under review, releases that no gateway confirms, refunds owed for over an hour.",
        tag="Operations",
        answers={200: Answer("At most 100 orders, without their content", "Attention", examples.ATTENTION)},
        problems=STORE | {errors.NotAllowed},
    ),
    Operation(
        route="POST /orders/{order_id}/payments/{attempt_id}/recheck",
        name="recheck_payment",
        summary="Ask the gateway again what became of a payment",
        tag="Operations",
        parameters=ATTEMPT_PATH,
        answers={200: _order("The order after the gateway's answer", examples.ORDER)},
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
        answers={200: _order("The order, paid or unlocked", examples.PAID_ORDER)},
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
