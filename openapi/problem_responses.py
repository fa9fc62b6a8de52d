"""The error answers, all of them made from the table of problems."""

from collections.abc import Iterable
from datetime import UTC, datetime
from itertools import groupby
from typing import Any

from openapi import fields
from openapi.examples import ATTEMPT_ID, ORDER_ID, REFUND_ID
from openapi.schemas import Schema, component, exactly, or_null
from paylatch.domain import erasure_errors, errors, refund_errors
from paylatch.domain.limits import MOST_FAULTS
from paylatch.runtime.operation import Errors
from paylatch.runtime.problems import (
    INTERNAL_ERROR,
    NO_SUCH_ROUTE,
    PROBLEMS,
    Problem,
    problem_base,
    problem_document,
    problem_headers,
)

_FIELD_ERRORS = {
    "type": "array",
    "items": component("FieldError"),
    "minItems": 1,
    "maxItems": MOST_FAULTS,
}
_MORE_ERRORS = {"type": "integer", "minimum": 0, "description": "Faults that `errors` does not name"}
# The members that a problem has beyond those of every problem.
MEMBERS: dict[type[errors.PaylatchError], Schema] = {
    errors.InvalidRequest: {"errors": _FIELD_ERRORS, "more_errors": _MORE_ERRORS},
    errors.EditNotAllowed: {"errors": _FIELD_ERRORS},
    errors.OrderLocked: {
        "attempt_id": fields.ATTEMPT_ID,
        "locked_until": or_null(fields.TIMESTAMP),
        "overdue": {"type": "boolean", "description": "Its time has passed; it may end any moment"},
    },
    errors.Refused: {
        "cause": or_null({**fields.TEXT, "description": "What the gateway said; null for the order's buyer"})
    },
    refund_errors.RefundExceedsPayment: {
        "left": {**fields.COUNT, "minimum": 0, "description": "What can still be refunded, in minor units"},
        "currency": fields.TEXT,
    },
    errors.RevisionMismatch: {"revision": {**fields.COUNT, "description": "The revision that the order has now"}},
}
EXAMPLES: tuple[errors.PaylatchError, ...] = (
    errors.InvalidRequest({"lines.0.quantity": "Input should be greater than or equal to 1"}),
    errors.IdempotencyKeyMissing("This request needs an Idempotency-Key header."),
    errors.CallbackRejected("sandbox", "the signature does not match"),
    errors.EditNotAllowed({"lines": "TEA-01: a buyer asks for 10 at most"}),
    errors.NotAllowed("An operator reads orders and does not change them."),
    errors.OrderNotFound(ORDER_ID),
    errors.AttemptNotFound(ATTEMPT_ID),
    errors.RefundNotFound(REFUND_ID),
    errors.OrderLocked(ATTEMPT_ID, datetime(2026, 5, 4, 9, 45, tzinfo=UTC)),
    errors.OrderPaid("The order is paid."),
    errors.OrderCancelled("The order is cancelled."),
    errors.OrderNotPayable("The order's seller has set it to not payable."),
    errors.PayByPassed("The time to pay for the order has passed, and the order is about to be cancelled."),
    errors.PaymentCompleted("The payment had already succeeded."),
    errors.PaymentProcessing("The payment is under way, and the bank has not decided: it cannot be cancelled now."),
    errors.ReferenceTaken("The seller has another order with this reference."),
    errors.TooManyAttempts("This order has had 100 payment attempts. Place another order."),
    erasure_errors.OrderNotFinished("The order is pending_payment: it is erased once it is paid or cancelled."),
    erasure_errors.MoneyOutstanding("Not settled yet: a refund that is owed."),
    refund_errors.OrderNotPaid("The order is pending_payment: there is no payment to refund."),
    refund_errors.RefundDisputed(
        "The payer disputes the payment. It cannot be refunded until the gateway has decided."
    ),
    refund_errors.RefundExceedsPayment(1250, "EUR"),
    refund_errors.DecidedOtherwise("An operator has already decided to refund this payment."),
    refund_errors.TooManyRefunds("20 refunds of this order have already been requested."),
    errors.RevisionMismatch(2),
    errors.BodyTooLarge(65_536),
    errors.UnsupportedMediaType(("application/merge-patch+json", "application/json")),
    errors.IdempotencyKeyReused("This Idempotency-Key was used for another payment request."),
    errors.PreconditionRequired("An edit requires If-Match with the revision that it is based on."),
    errors.Refused("sandbox", "amount too small"),
    errors.RateLimited("sandbox", "429"),
    errors.NotAsked("sandbox", "no time is left"),
    errors.Transient("sandbox", "connection refused"),
    errors.OutcomeUnknown("sandbox", "read timeout"),
    errors.Misconfigured("sandbox", "key refused"),
    errors.StoreUnavailable("UpdateItem: read timeout"),
    errors.StoreRefused("UpdateItem", "AccessDeniedException"),
    errors.OrderUnreadable(ORDER_ID, "payment_status is not known"),
    errors.OrderTooLarge("UpdateItem"),
    errors.OrderContended("The order kept changing; try again."),
    errors.EventNotPublished("ThrottlingException"),
)
_OURS = (NO_SUCH_ROUTE, INTERNAL_ERROR)
_RETRY_AFTER = {
    "description": "Seconds after which to repeat the request",
    "required": True,
    "schema": {"type": "integer", "minimum": 1},
}


def problem_schemas() -> dict[str, Schema]:
    """The component of every problem: generated clients have one class, whose `code` says which problem it is."""
    codes = sorted({problem.code for problem in (*PROBLEMS.values(), *_OURS)})
    base = {
        "type": {"type": "string", "pattern": "^urn:paylatch:problem:[a-z-]+$"},
        "title": fields.TEXT,
        "status": {"type": "integer", "minimum": 400, "maximum": 599},
        "detail": {**fields.TEXT, "description": "For people; may change"},
        "code": component("ProblemCode"),
    }
    members = _members()
    return {
        "Problem": exactly(base | members, members, "Why a request was refused or failed: RFC 9457. Decide by `code`"),
        "ProblemCode": {"type": "string", "enum": codes},
        "FieldError": exactly({"field": fields.TEXT, "problem": fields.TEXT}, description="What is wrong with a field"),
    }


def problem_answers(kinds: Errors, own: Iterable[Problem] = ()) -> dict[str, Any]:
    """The answers for these errors, and for problems that no error of ours stands for, by status."""
    problems = sorted({*(PROBLEMS[kind] for kind in kinds), *own}, key=lambda problem: (problem.status, problem.code))
    return {
        str(status): _answer(list(dict.fromkeys(problem.code for problem in same)))
        for status, same in groupby(problems, key=lambda problem: problem.status)
    }


def _answer(codes: list[str]) -> dict[str, Any]:
    content = {
        # Beside a reference, which generators of clients follow: validators hold each call to its own codes.
        "schema": {**component("Problem"), "properties": {"code": {"enum": codes}}},
        "examples": {code: {"value": _example(code)} for code in codes},
    }
    answer: dict[str, Any] = {"description": ", ".join(codes), "content": {"application/problem+json": content}}
    waits = [bool(_waits(code)) for code in codes]
    if any(waits):
        answer["headers"] = {"Retry-After": {**_RETRY_AFTER, "required": all(waits)}}
    return answer


def _example(code: str) -> dict[str, Any]:
    for problem in _OURS:
        if problem.code == code:
            return problem_base(problem, problem.title)
    return problem_document(_error(code))


def _waits(code: str) -> dict[str, str]:
    return {} if code in {problem.code for problem in _OURS} else problem_headers(_error(code))


def _error(code: str) -> errors.PaylatchError:
    return next(error for error in EXAMPLES if PROBLEMS[type(error)].code == code)


def _members() -> Schema:
    """The members of all problems, each with the codes that have it in its description."""
    schemas = {name: schema for members in MEMBERS.values() for name, schema in members.items()}
    return {name: {**schema, "description": _meaning(name, schema)} for name, schema in sorted(schemas.items())}


def _meaning(name: str, schema: Schema) -> str:
    own = next((each["description"] for each in (schema, *schema.get("anyOf", ())) if "description" in each), "")
    codes = sorted({f"`{PROBLEMS[error].code}`" for error, members in MEMBERS.items() if name in members})
    return f"{own}; with {', '.join(codes)}" if own else f"With {', '.join(codes)}"
