"""Metrics and failure logs for operators."""

from collections.abc import Mapping
from enum import StrEnum
from typing import Protocol

from paylatch.domain import errors, webhook_errors


class Metric(StrEnum):
    """The metrics of the dashboard and its alarms, by name.

    `UNKNOWN_PAYMENT`: a payment of this stack for an order that does not exist here. `FOREIGN_PAYMENT`: a payment
    of another stack or shop on the same gateway account. `SWEEP_FAILED`: one order that failed in a sweep.
    `SWEEP_STOPPED_EARLY`: a run whose time ran out. `PAID_WITHOUT_CALLBACK`: an order that a timer or the sweep found
    paid by asking the gateway; it is counted as `ORDER_PAID` too.
    `ORDER_RETIRED`: an order that is kept no longer.
    `READ_FAILED`: a part of an index, or an order in it, that a run skipped and the next run reads again.
    `TIMERS_NOT_SENT`: a batch of timers, whose orders the next sweep finds. `CALL_POSTPONED`: an order that waits
    because its gateway's rate is used up.
    `ORDER_UNREADABLE`, `EVENT_UNREADABLE`: records that this release does not understand. `EVENT_REFUSED`: an event
    that the event bus refuses for good. `STORE_REFUSED`: a request that the database rejects as such.
    `STATEMENT_DIFFERS`: a discrepancy that reconciliation found. `RECONCILIATION_FAILED`: a list that a gateway did not
    give, or an entry that could not be put right. `RECONCILIATION_LATE`: a list of an earlier day that is not done.
    `WEBHOOK_FAILED`: one try of a webhook, or a key that signed none. `UNEXPECTED_ERROR`: a fault of Paylatch.
    """

    CALLBACK_REJECTED = "CallbackRejected"
    GATEWAY_MISCONFIGURED = "GatewayMisconfigured"
    GATEWAY_REFUSED = "GatewayRefused"
    GATEWAY_UNAVAILABLE = "GatewayUnavailable"
    RELEASE_PENDING = "ReleasePending"
    PAYMENT_PROCESSING = "PaymentProcessing"
    ORDER_LOCKED = "OrderLocked"
    ORDER_PAID = "OrderPaid"
    ORDER_RETIRED = "OrderRetired"
    PAID_WITHOUT_CALLBACK = "PaidWithoutCallback"
    ORDER_UNLOCKED = "OrderUnlocked"
    LATE_MONEY = "LateMoney"
    PAYMENT_MISMATCHED = "PaymentMismatched"
    REFUND_ISSUED = "RefundIssued"
    REFUND_REFUSED = "RefundRefused"
    MONEY_RETURNED = "MoneyReturned"
    DISPUTE_OPENED = "DisputeOpened"
    DISPUTE_CLOSED = "DisputeClosed"
    OLDEST_REFUND_OWED = "OldestRefundOwedSeconds"
    OLDEST_LOCK_OVERDUE = "OldestLockOverdueSeconds"
    OLDEST_ATTENTION = "OldestAttentionSeconds"
    SWEEP_FAILED = "SweepFailed"
    SWEEP_STOPPED_EARLY = "SweepStoppedEarly"
    UNKNOWN_PAYMENT = "UnknownPayment"
    FOREIGN_PAYMENT = "ForeignPayment"
    READ_FAILED = "ReadFailed"
    TIMERS_NOT_SENT = "TimersNotSent"
    CALL_POSTPONED = "CallPostponed"
    ORDER_UNREADABLE = "OrderUnreadable"
    EVENT_UNREADABLE = "EventUnreadable"
    EVENT_REFUSED = "EventRefused"
    STORE_REFUSED = "StoreRefused"
    STATEMENT_DIFFERS = "StatementDiffers"
    RECONCILIATION_FAILED = "ReconciliationFailed"
    RECONCILIATION_LATE = "ReconciliationLate"
    WEBHOOK_FAILED = "WebhookFailed"
    UNEXPECTED_ERROR = "UnexpectedError"


_OF_ERRORS: Mapping[type[errors.PaylatchError], Metric] = {
    errors.CallbackRejected: Metric.CALLBACK_REJECTED,
    errors.Misconfigured: Metric.GATEWAY_MISCONFIGURED,
    errors.Refused: Metric.GATEWAY_REFUSED,
    errors.GatewayError: Metric.GATEWAY_UNAVAILABLE,
    errors.OrderUnreadable: Metric.ORDER_UNREADABLE,
    errors.StoreRefused: Metric.STORE_REFUSED,
    errors.CallPostponed: Metric.CALL_POSTPONED,
    errors.TimersNotSent: Metric.TIMERS_NOT_SENT,
    webhook_errors.WebhookNotDelivered: Metric.WEBHOOK_FAILED,
}


def metric_of(error: Exception) -> Metric | None:
    """The metric that counts this error, by its class or the nearest base class; None where none does."""
    if not isinstance(error, errors.PaylatchError):
        return Metric.UNEXPECTED_ERROR
    return next((_OF_ERRORS[kind] for kind in type(error).__mro__ if kind in _OF_ERRORS), None)


class Metrics(Protocol):
    """The port to which use cases report metrics and failures."""

    def count(self, metric: Metric, value: int = 1, **details: str | int) -> None:
        """Add to a metric, with the details that a person needs to find the cause."""

    def fail(self, error: Exception, metric: Metric | None = None, **details: str) -> None:
        """Log a handled error: its cause, and the order, attempt and gateway that it names, or else `details`.

        The error counts under `metric`; without one, under what `metric_of` gives.
        """
