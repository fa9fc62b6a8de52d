"""One table from errors to HTTP answers."""

from datetime import UTC, datetime
from typing import Any

import pytest

from paylatch.domain import erasure_errors, errors, refund_errors
from paylatch.runtime.problems import LOG_ONLY, PROBLEMS, problem_document, problem_headers

UNTIL = datetime(2026, 11, 24, 12, 15, tzinfo=UTC)
EXAMPLES: list[errors.PaylatchError] = [
    errors.InvalidRequest({"lines.0.sku": "must be text", "note": "is too long"}),
    errors.NotAllowed("no"),
    errors.OrderNotFound("D7KY3NPF3FM5GY6V"),
    errors.AttemptNotFound("D7KY3NPF3FM5GY6V_GGAQ3T7D"),
    errors.OrderLocked("D7KY3NPF3FM5GY6V_GGAQ3T7D", UNTIL),
    errors.OrderPaid("paid"),
    errors.OrderCancelled("cancelled"),
    errors.OrderContended("busy"),
    errors.EventNotPublished("ThrottlingException of arn:aws:events"),
    errors.RevisionMismatch(7),
    errors.PreconditionRequired("If-Match"),
    errors.IdempotencyKeyMissing("missing"),
    errors.IdempotencyKeyReused("reused"),
    errors.PaymentCompleted("paid"),
    errors.PaymentProcessing("under way"),
    errors.StoreUnavailable("UpdateItem: timeout at 10.0.0.1"),
    errors.StoreRefused("UpdateItem", "AccessDeniedException: User: arn:aws:sts::123456789012:assumed-role/x"),
    errors.Transient("stripe", "429 from api.stripe.com"),
    errors.OutcomeUnknown("stripe", "read timed out"),
    errors.Refused("stripe", "card number 4242"),
    errors.Misconfigured("stripe", "the secret sk_live_1 is wrong"),
    errors.CallbackRejected("stripe", "no live secret made this signature"),
    errors.BodyTooLarge(65536),
    errors.RateLimited("stripe", "429"),
    errors.NotAsked("stripe", "no time is left"),
    errors.RefundNotFound("D7KY3NPF3FM5GY6V_R4G8XK2M5N7QW"),
    errors.ReferenceTaken("taken"),
    errors.EditNotAllowed({"lines": "gift: a buyer leaves a line as it is that is fixed"}),
    errors.OrderNotPayable("The order's seller has set it to not payable."),
    errors.PayByPassed("The order was to be paid earlier."),
    errors.TooManyAttempts("This order has had 100 payment attempts."),
    errors.OrderUnreadable("D7KY3NPF3FM5GY6V", "payment_status: on_hold is not known"),
    errors.OrderTooLarge("UpdateItem"),
    errors.UnsupportedMediaType(("application/json",)),
    erasure_errors.OrderNotFinished("pending_payment"),
    erasure_errors.MoneyOutstanding("a refund"),
    refund_errors.OrderNotPaid("pending_payment"),
    refund_errors.RefundDisputed("disputed"),
    refund_errors.RefundExceedsPayment(1250, "EUR"),
    refund_errors.TooManyRefunds("20"),
    refund_errors.DecidedOtherwise("refund"),
]
CONTRACT = {
    "idempotency-key-missing": 400,
    "callback-rejected": 401,
    "order-locked": 409,
    "order-paid": 409,
    "order-cancelled": 409,
    "not-payable": 409,
    "pay-by-passed": 409,
    "payment-completed": 409,
    "payment-processing": 409,
    "reference-taken": 409,
    "decided-otherwise": 409,
    "order-not-paid": 409,
    "refund-disputed": 409,
    "refund-exceeds-payment": 409,
    "order-not-finished": 409,
    "money-outstanding": 409,
    "too-many-refunds": 409,
    "revision-mismatch": 412,
    "idempotency-key-reused": 422,
    "precondition-required": 428,
    "store-refused": 500,
    "gateway-refused": 502,
    "gateway-unavailable": 503,
}


def kinds(root: type[errors.PaylatchError]) -> set[type[errors.PaylatchError]]:
    return {kind for each in root.__subclasses__() for kind in {each, *kinds(each)}}


def test_every_error_that_is_raised_has_its_row_and_its_example() -> None:
    raised = kinds(errors.PaylatchError) - {errors.GatewayError} - set(LOG_ONLY)
    modules = {errors.__name__, erasure_errors.__name__, refund_errors.__name__}
    assert {kind for kind in raised if kind.__module__ in modules} == set(PROBLEMS)
    assert {type(example) for example in EXAMPLES} == set(PROBLEMS)


def test_the_contracts_codes_have_the_contracts_statuses() -> None:
    statuses = {problem.code: problem.status for problem in PROBLEMS.values()}
    assert {code: statuses[code] for code in CONTRACT} == CONTRACT


@pytest.mark.parametrize("error", EXAMPLES, ids=lambda error: type(error).__name__)
def test_every_problem_has_the_standards_members(error: errors.PaylatchError) -> None:
    document = problem_document(error)
    assert document["type"] == f"urn:paylatch:problem:{document['code']}"
    assert all(document[name] for name in ("title", "status", "detail", "code"))


@pytest.mark.parametrize(
    "error",
    [
        each
        for each in EXAMPLES
        if isinstance(each, errors.GatewayError | errors.StoreUnavailable | errors.StoreRefused)
    ],
)
def test_what_is_our_business_stays_with_us(error: errors.PaylatchError) -> None:
    assert str(error) not in str(problem_document(error))
    assert problem_document(error)["detail"] == problem_document(error)["title"]


MEMBERS: list[tuple[errors.PaylatchError, dict[str, Any]]] = [
    (EXAMPLES[4], {"attempt_id": "D7KY3NPF3FM5GY6V_GGAQ3T7D", "locked_until": "2026-11-24T12:15:00.000Z"}),
    (errors.OrderLocked("A", None), {"attempt_id": "A", "locked_until": None}),
    (errors.RevisionMismatch(7), {"revision": 7}),
    (
        EXAMPLES[0],
        {"errors": [{"field": "lines.0.sku", "problem": "must be text"}, {"field": "note", "problem": "is too long"}]},
    ),
]


@pytest.mark.parametrize(("error", "members"), MEMBERS)
def test_a_problem_carries_the_errors_data(error: errors.PaylatchError, members: dict[str, Any]) -> None:
    assert problem_document(error).items() >= members.items()


def test_retry_after_where_waiting_helps_and_never_zero() -> None:
    locked = errors.OrderLocked("A", UNTIL)
    assert problem_headers(locked, 600) == {"Retry-After": "600"}
    assert int(problem_headers(locked, 0)["Retry-After"]) >= 1
    assert int(problem_headers(locked, -5)["Retry-After"]) >= 1
    assert int(problem_headers(locked)["Retry-After"]) >= 1
    assert "Retry-After" in problem_headers(errors.StoreUnavailable("x"))
    assert problem_headers(errors.OrderPaid("paid")) == {}
