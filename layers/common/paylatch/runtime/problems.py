"""The one table from errors to HTTP: status, code and title of each problem document (RFC 9457)."""

from collections.abc import Mapping
from typing import Any

from paylatch.domain import erasure_errors, errors, refund_errors, webhook_errors
from paylatch.domain.frozen_dataclass import dataclass
from paylatch.domain.timestamps import as_text
from paylatch.runtime.redaction import redacted


@dataclass(frozen=True, slots=True)
class Problem:
    """The status, code and title of an error in HTTP responses."""

    status: int
    code: str
    title: str


PROBLEMS: dict[type[errors.PaylatchError], Problem] = {
    errors.InvalidRequest: Problem(400, "invalid-request", "The request is not valid"),
    errors.IdempotencyKeyMissing: Problem(400, "idempotency-key-missing", "An Idempotency-Key is required"),
    errors.CallbackRejected: Problem(401, "callback-rejected", "The callback is not genuine"),
    errors.EditNotAllowed: Problem(403, "edit-not-allowed", "The order's buyer may not make this edit"),
    errors.NotAllowed: Problem(403, "not-allowed", "The caller may not do this"),
    errors.OrderNotFound: Problem(404, "order-not-found", "There is no such order"),
    errors.RefundNotFound: Problem(404, "refund-not-found", "There is no such refund"),
    errors.AttemptNotFound: Problem(404, "attempt-not-found", "There is no such payment attempt"),
    errors.OrderLocked: Problem(409, "order-locked", "The order is locked while it is being paid"),
    errors.OrderPaid: Problem(409, "order-paid", "The order is paid"),
    errors.OrderCancelled: Problem(409, "order-cancelled", "The order is cancelled"),
    errors.OrderNotPayable: Problem(409, "not-payable", "The order cannot be paid now"),
    errors.PayByPassed: Problem(409, "pay-by-passed", "The time to pay for the order has passed"),
    errors.PaymentCompleted: Problem(409, "payment-completed", "The payment had already succeeded"),
    errors.PaymentProcessing: Problem(409, "payment-processing", "The payment is under way"),
    errors.ReferenceTaken: Problem(409, "reference-taken", "The seller has another order with this reference"),
    errors.TooManyAttempts: Problem(409, "too-many-attempts", "The order has had too many payment attempts"),
    refund_errors.OrderNotPaid: Problem(409, "order-not-paid", "The order is not paid"),
    refund_errors.RefundDisputed: Problem(409, "refund-disputed", "The payer disputes the payment"),
    refund_errors.RefundExceedsPayment: Problem(
        409, "refund-exceeds-payment", "The refund is more than is left of the payment"
    ),
    refund_errors.DecidedOtherwise: Problem(
        409, "decided-otherwise", "The opposite decision was already made about the payment"
    ),
    erasure_errors.OrderNotFinished: Problem(409, "order-not-finished", "The order is not finished yet"),
    erasure_errors.MoneyOutstanding: Problem(409, "money-outstanding", "Money of the order is not settled yet"),
    refund_errors.TooManyRefunds: Problem(409, "too-many-refunds", "The shop has requested too many refunds"),
    errors.RevisionMismatch: Problem(412, "revision-mismatch", "The order is at another revision"),
    errors.BodyTooLarge: Problem(413, "body-too-large", "The body is too large"),
    errors.UnsupportedMediaType: Problem(415, "unsupported-media-type", "The body's media type is not supported"),
    errors.IdempotencyKeyReused: Problem(422, "idempotency-key-reused", "The Idempotency-Key was used before"),
    errors.PreconditionRequired: Problem(428, "precondition-required", "If-Match is required"),
    errors.Refused: Problem(502, "gateway-refused", "The gateway refused the payment"),
    errors.RateLimited: Problem(503, "gateway-unavailable", "The gateway limits the rate of calls"),
    errors.NotAsked: Problem(503, "gateway-unavailable", "The gateway was not asked"),
    errors.Transient: Problem(503, "gateway-unavailable", "The gateway cannot be reached"),
    errors.OutcomeUnknown: Problem(503, "gateway-unavailable", "The gateway does not answer"),
    errors.Misconfigured: Problem(503, "gateway-unavailable", "The gateway cannot be used"),
    errors.StoreRefused: Problem(500, "store-refused", "The database refuses the request"),
    errors.StoreUnavailable: Problem(503, "store-unavailable", "The database does not answer"),
    errors.OrderUnreadable: Problem(503, "order-unreadable", "The order's record cannot be read"),
    errors.OrderTooLarge: Problem(507, "order-too-large", "The order's record is too large"),
    errors.OrderContended: Problem(503, "try-again", "The order kept changing"),
    errors.EventNotPublished: Problem(503, "event-not-published", "The event bus did not take an event"),
}
# Raised only in functions without an HTTP caller; their codes appear in the log.
LOG_ONLY: dict[type[errors.PaylatchError], Problem] = {
    errors.CallPostponed: Problem(429, "call-postponed", "The gateway's rate is used up for now"),
    errors.EventRefused: Problem(503, "event-not-published", "The event bus did not take an event"),
    errors.TimersNotSent: Problem(503, "timers-not-sent", "The queue did not take a timer"),
    webhook_errors.WebhookNotDelivered: Problem(503, "webhook-not-delivered", "The receiver did not take a webhook"),
}
# Problems without an error class of ours: an unknown route, and a fault of Paylatch.
NO_SUCH_ROUTE = Problem(404, "no-such-route", "There is no such path")
INTERNAL_ERROR = Problem(500, "internal-error", "Paylatch failed unexpectedly")
RETRY_SOON_SECONDS = 2
# Waits of hours need no frequent polling; a lock may also end long before its deadline.
RETRY_LATE_SECONDS = 3600
# Orders and payments are personal data and change at any moment.
NO_STORE = {"Cache-Control": "no-store"}
# The causes of gateways and of our own configuration belong in the log, not in responses.
_OUR_BUSINESS = (
    errors.StoreUnavailable,
    errors.StoreRefused,
    errors.OrderUnreadable,
    errors.OrderTooLarge,
    errors.EventNotPublished,
    errors.GatewayError,
)


def problem_of(error: Exception) -> Problem:
    """The row for this error, or for its nearest base class; the row of a fault of Paylatch where there is none."""
    rows = PROBLEMS | LOG_ONLY
    return next((rows[kind] for kind in type(error).__mro__ if kind in rows), INTERNAL_ERROR)


def problem_document(error: Exception) -> dict[str, Any]:
    """The response body for this error."""
    problem = problem_of(error)
    ours = problem is INTERNAL_ERROR or isinstance(error, _OUR_BUSINESS)
    return {**problem_base(problem, problem.title if ours else str(error)), **_members(error)}


def problem_base(problem: Problem, detail: str) -> dict[str, Any]:
    """The members that every problem document has."""
    return {
        "type": f"urn:paylatch:problem:{problem.code}",
        "title": problem.title,
        "status": problem.status,
        "detail": detail,
        "code": problem.code,
    }


def problem_headers(error: Exception, seconds_locked: int | None = None) -> dict[str, str]:
    """The Retry-After header, where waiting helps.

    `seconds_locked` is the time until the next check of the lock; None means hours.
    """
    if isinstance(error, errors.OrderLocked):
        seconds = RETRY_LATE_SECONDS if seconds_locked is None else min(seconds_locked, RETRY_LATE_SECONDS)
        return {"Retry-After": str(max(1, seconds))}
    return {"Retry-After": str(RETRY_SOON_SECONDS)} if problem_of(error).status == 503 else {}


def _members(error: Exception) -> Mapping[str, Any]:
    match error:
        case errors.InvalidRequest():
            return {"errors": _named(error.fields), "more_errors": error.more}
        case errors.EditNotAllowed():
            return {"errors": _named(error.fields)}
        case errors.OrderLocked():
            until = as_text(error.until) if error.until else None
            return {"attempt_id": error.attempt_id, "locked_until": until, "overdue": error.overdue}
        case refund_errors.RefundExceedsPayment():
            return {"left": error.left, "currency": error.currency}
        case errors.Refused():
            return {"cause": None if error.shown_cause is None else redacted(error.shown_cause)}
        case errors.RevisionMismatch():
            return {"revision": error.current}
    return {}


def _named(fields: Mapping[str, str]) -> list[dict[str, str]]:
    return [{"field": name, "problem": problem} for name, problem in fields.items()]
