"""What an operator should know."""

from enum import StrEnum
from typing import Protocol


class Metric(StrEnum):
    """What is counted for the dashboard and its alarms; the name is the metric's.

    `UNKNOWN_PAYMENT` is a payment of this stack for an order that is not here, `FOREIGN_PAYMENT` one of another stack
    or shop on the same gateway account. `SWEEP_FAILED` is one order of a sweep. `READ_FAILED` is a part of an index, or
    an order that it names, which was passed over and is read again by the next run. `ORDER_UNREADABLE` and
    `EVENT_UNREADABLE` are records that this release does not understand.
    """

    CALLBACK_REJECTED = "CallbackRejected"
    GATEWAY_MISCONFIGURED = "GatewayMisconfigured"
    GATEWAY_UNAVAILABLE = "GatewayUnavailable"
    RELEASE_PENDING = "ReleasePending"
    ORDER_LOCKED = "OrderLocked"
    ORDER_PAID = "OrderPaid"
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
    UNKNOWN_PAYMENT = "UnknownPayment"
    FOREIGN_PAYMENT = "ForeignPayment"
    READ_FAILED = "ReadFailed"
    ORDER_UNREADABLE = "OrderUnreadable"
    EVENT_UNREADABLE = "EventUnreadable"


class Watch(Protocol):
    """Where use cases say what an operator should know."""

    def count(self, metric: Metric, value: int = 1, **details: str | int) -> None:
        """Count something, with the details that a person needs to find it."""
