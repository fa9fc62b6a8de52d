"""The operations on orders."""

from openapi import examples
from openapi.operation import (
    BODIES,
    EDITABLE_ONLY,
    JSON,
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

MERGE_PATCH = "application/merge-patch+json"
ORDERS = (
    Operation(
        route="POST /orders",
        name="create_order",
        summary="Place an order",
        description="By a service, or by the seller whose order it is. The same Idempotency-Key again: the same order.",
        tag="Orders",
        parameters=("IdempotencyKey",),
        body=BodySpec("NewOrder", examples.NEW_ORDER),
        answers={
            201: ResponseSpec(
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
        answers={200: order_answer("The order as it is now", examples.ORDER)},
        problems=READS,
    ),
    Operation(
        route="PATCH /orders/{order_id}",
        name="edit_order",
        summary="Edit an order that nobody is paying",
        description="If-Match names the revision that is edited. An edit that changes nothing makes no new revision.",
        tag="Orders",
        parameters=(*ORDER_PATH, "IfMatchRequired"),
        body=BodySpec("OrderPatch", examples.ORDER_PATCH, (MERGE_PATCH, JSON)),
        answers={200: order_answer("The order at its next revision", examples.EDITED_ORDER, "edit_order")},
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
        answers={200: order_answer("The cancelled order", examples.CANCELLED_ORDER)},
        problems=WRITES | EDITABLE_ONLY,
    ),
    Operation(
        route="GET /orders/{order_id}/history",
        name="read_history",
        summary="What happened to an order",
        description=(
            "Recorded a moment after the fact; without a gap as far as it reaches. In pages: `next_after` is the next "
            "one's `after`, null where there is no more by now."
        ),
        tag="Orders",
        parameters=(*ORDER_PATH, "After", "Limit"),
        answers={200: ResponseSpec("One page of events, in order", "History", examples.HISTORY)},
        problems=READS | {errors.InvalidRequest},
    ),
)
