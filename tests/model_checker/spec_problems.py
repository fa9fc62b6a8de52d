"""The HTTP contract's status and code of each refusal, repeated here: the product's own table may be wrong."""

from paylatch.domain import erasure_errors, errors, refund_errors

PROBLEMS: dict[type[errors.PaylatchError], tuple[int, str]] = {
    errors.InvalidRequest: (400, "invalid-request"),
    errors.CallbackRejected: (401, "callback-rejected"),
    errors.EditNotAllowed: (403, "edit-not-allowed"),
    errors.NotAllowed: (403, "not-allowed"),
    errors.OrderNotFound: (404, "order-not-found"),
    errors.AttemptNotFound: (404, "attempt-not-found"),
    errors.RefundNotFound: (404, "refund-not-found"),
    errors.TooManyAttempts: (409, "too-many-attempts"),
    errors.OrderLocked: (409, "order-locked"),
    errors.OrderPaid: (409, "order-paid"),
    errors.OrderCancelled: (409, "order-cancelled"),
    errors.OrderNotPayable: (409, "not-payable"),
    errors.PayByPassed: (409, "pay-by-passed"),
    errors.PaymentCompleted: (409, "payment-completed"),
    errors.PaymentProcessing: (409, "payment-processing"),
    erasure_errors.OrderNotFinished: (409, "order-not-finished"),
    erasure_errors.MoneyOutstanding: (409, "money-outstanding"),
    refund_errors.OrderNotPaid: (409, "order-not-paid"),
    refund_errors.RefundDisputed: (409, "refund-disputed"),
    refund_errors.RefundExceedsPayment: (409, "refund-exceeds-payment"),
    errors.RevisionMismatch: (412, "revision-mismatch"),
    errors.IdempotencyKeyReused: (422, "idempotency-key-reused"),
    errors.Refused: (502, "gateway-refused"),
    errors.Transient: (503, "gateway-unavailable"),
    errors.OutcomeUnknown: (503, "gateway-unavailable"),
    errors.Misconfigured: (503, "gateway-unavailable"),
    errors.StoreUnavailable: (503, "store-unavailable"),
    errors.OrderContended: (503, "try-again"),
}
