"""The state table: for every transition the statuses it leads from, the one it leads to, and its event.

This is the only place that says so. The guard in Python, the DynamoDB condition, the tests' matrix and the diagram in
the docs are all made from it.
"""

from enum import StrEnum

from paylatch.domain.frozen_dataclass import dataclass
from paylatch.domain.order import PaymentStatus

_PENDING = frozenset({PaymentStatus.PENDING_PAYMENT})
_PAYING = frozenset({PaymentStatus.IN_PAYMENT, PaymentStatus.RELEASING})
_REVIEW = frozenset({PaymentStatus.REVIEW})
_ANY = frozenset(PaymentStatus)


class EventType(StrEnum):
    """What happened to the order."""

    ORDER_CREATED = "OrderCreated"
    ORDER_EDITED = "OrderEdited"
    ORDER_LOCKED = "OrderLocked"
    PAYMENT_OPENED = "PaymentOpened"
    ORDER_PAID = "OrderPaid"
    ORDER_UNLOCKED = "OrderUnlocked"
    RELEASE_PENDING = "ReleasePending"
    REFUND_DUE = "RefundDue"
    REFUND_DELAYED = "RefundDelayed"
    REFUND_ISSUED = "RefundIssued"
    REFUND_FAILED = "RefundFailed"
    REFUND_REFUSED = "RefundRefused"
    REFUND_WRITTEN_OFF = "RefundWrittenOff"
    PAYMENT_CLAIMED = "PaymentClaimed"
    MONEY_RETURNED = "MoneyReturned"
    DISPUTE_OPENED = "DisputeOpened"
    DISPUTE_CLOSED = "DisputeClosed"
    LINK_EXPIRED = "LinkExpired"
    LINK_STILL_LIVE = "LinkStillLive"
    PAYMENT_MISMATCHED = "PaymentMismatched"
    ORDER_CANCELLED = "OrderCancelled"


@dataclass(frozen=True, slots=True)
class Rule:
    """One row. An empty `sources` means that the order must not exist; `target` None leaves the status as it is."""

    sources: frozenset[PaymentStatus]
    target: PaymentStatus | None
    event: EventType


STATE_TABLE: dict[str, Rule] = {
    "create": Rule(
        frozenset(),
        PaymentStatus.PENDING_PAYMENT,
        EventType.ORDER_CREATED,
    ),
    "edit": Rule(
        _PENDING,
        PaymentStatus.PENDING_PAYMENT,
        EventType.ORDER_EDITED,
    ),
    "lock": Rule(
        _PENDING,
        PaymentStatus.IN_PAYMENT,
        EventType.ORDER_LOCKED,
    ),
    "record_session": Rule(
        frozenset({PaymentStatus.IN_PAYMENT}),
        PaymentStatus.IN_PAYMENT,
        EventType.PAYMENT_OPENED,
    ),
    "settle": Rule(
        _PAYING,
        PaymentStatus.PAID,
        EventType.ORDER_PAID,
    ),
    "release": Rule(
        _PAYING,
        PaymentStatus.PENDING_PAYMENT,
        EventType.ORDER_UNLOCKED,
    ),
    "force_release": Rule(
        _PAYING,
        PaymentStatus.PENDING_PAYMENT,
        EventType.ORDER_UNLOCKED,
    ),
    "await_release": Rule(
        _PAYING,
        PaymentStatus.RELEASING,
        EventType.RELEASE_PENDING,
    ),
    "accept_late": Rule(
        _PENDING,
        PaymentStatus.PAID,
        EventType.ORDER_PAID,
    ),
    "claim": Rule(
        _PENDING,
        PaymentStatus.PENDING_PAYMENT,
        EventType.PAYMENT_CLAIMED,
    ),
    "owe_refund": Rule(
        _ANY,
        None,
        EventType.REFUND_DUE,
    ),
    "delay_refund": Rule(
        _ANY,
        None,
        EventType.REFUND_DELAYED,
    ),
    "refunded": Rule(
        _ANY,
        None,
        EventType.REFUND_ISSUED,
    ),
    "refund_failed": Rule(
        _ANY,
        None,
        EventType.REFUND_FAILED,
    ),
    "refuse_refund": Rule(
        _ANY,
        None,
        EventType.REFUND_REFUSED,
    ),
    "write_off": Rule(
        _ANY,
        None,
        EventType.REFUND_WRITTEN_OFF,
    ),
    "money_returned": Rule(
        _ANY,
        None,
        EventType.MONEY_RETURNED,
    ),
    "dispute_opened": Rule(
        _ANY,
        None,
        EventType.DISPUTE_OPENED,
    ),
    "dispute_closed": Rule(
        _ANY,
        None,
        EventType.DISPUTE_CLOSED,
    ),
    "end_link": Rule(
        _ANY,
        None,
        EventType.LINK_EXPIRED,
    ),
    "watch_link": Rule(
        _ANY,
        None,
        EventType.LINK_STILL_LIVE,
    ),
    "quarantine": Rule(
        _PAYING,
        PaymentStatus.REVIEW,
        EventType.PAYMENT_MISMATCHED,
    ),
    "settle_review": Rule(
        _REVIEW,
        PaymentStatus.PAID,
        EventType.ORDER_PAID,
    ),
    "refund_review": Rule(
        _REVIEW,
        PaymentStatus.PENDING_PAYMENT,
        EventType.ORDER_UNLOCKED,
    ),
    "cancel_order": Rule(
        _PENDING,
        PaymentStatus.CANCELLED,
        EventType.ORDER_CANCELLED,
    ),
}
