"""The state table: every transition, from where to where, under which guard, leaving which event.

This is the only place that says so. The guard in Python, the DynamoDB condition, the tests' matrix and the diagram in
the docs are all made from it.
"""

from dataclasses import dataclass
from enum import StrEnum

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
    guard: str


STATE_TABLE: dict[str, Rule] = {
    "create": Rule(
        frozenset(),
        PaymentStatus.PENDING_PAYMENT,
        EventType.ORDER_CREATED,
        "no such order",
    ),
    "edit": Rule(
        _PENDING,
        PaymentStatus.PENDING_PAYMENT,
        EventType.ORDER_EDITED,
        "caller owns it; revision is If-Match's; version unchanged",
    ),
    "lock": Rule(
        _PENDING,
        PaymentStatus.IN_PAYMENT,
        EventType.ORDER_LOCKED,
        "caller owns it; revision is If-Match's where given; the attempt is new; fewer than 100 attempts were made",
    ),
    "record_session": Rule(
        frozenset({PaymentStatus.IN_PAYMENT}),
        PaymentStatus.IN_PAYMENT,
        EventType.PAYMENT_OPENED,
        "attempt is mine and opening",
    ),
    "settle": Rule(
        _PAYING,
        PaymentStatus.PAID,
        EventType.ORDER_PAID,
        "attempt is mine, at this gateway; amount and currency equal the order's; this payment has no place yet; "
        "in payment, or version unchanged",
    ),
    "release": Rule(
        _PAYING,
        PaymentStatus.PENDING_PAYMENT,
        EventType.ORDER_UNLOCKED,
        "attempt is mine, as it was when it closed; version unchanged",
    ),
    "force_release": Rule(
        _PAYING,
        PaymentStatus.PENDING_PAYMENT,
        EventType.ORDER_UNLOCKED,
        "attempt is mine; version unchanged; an operator says so",
    ),
    "await_release": Rule(
        _PAYING,
        PaymentStatus.RELEASING,
        EventType.RELEASE_PENDING,
        "attempt is mine; version unchanged",
    ),
    "accept_late": Rule(
        _PENDING,
        PaymentStatus.PAID,
        EventType.ORDER_PAID,
        "same revision as the late attempt; this payment has no place yet; version unchanged",
    ),
    "claim": Rule(
        _PENDING,
        PaymentStatus.PENDING_PAYMENT,
        EventType.PAYMENT_CLAIMED,
        "this payment has no place yet; version unchanged",
    ),
    "owe_refund": Rule(
        _ANY,
        None,
        EventType.REFUND_DUE,
        "this payment has no place yet; version unchanged",
    ),
    "delay_refund": Rule(
        _ANY,
        None,
        EventType.REFUND_DELAYED,
        "that refund is due or refused; version unchanged",
    ),
    "refunded": Rule(
        _ANY,
        None,
        EventType.REFUND_ISSUED,
        "that refund is not made yet; version unchanged",
    ),
    "refund_failed": Rule(
        _ANY,
        None,
        EventType.REFUND_FAILED,
        "that refund is not written off; version unchanged",
    ),
    "refuse_refund": Rule(
        _ANY,
        None,
        EventType.REFUND_REFUSED,
        "that refund is due or refused; version unchanged",
    ),
    "write_off": Rule(
        _ANY,
        None,
        EventType.REFUND_WRITTEN_OFF,
        "that refund is due or refused; version unchanged; an operator says so",
    ),
    "money_returned": Rule(
        _ANY,
        None,
        EventType.MONEY_RETURNED,
        "this payment has no place yet, or less of it was returned so far; version unchanged",
    ),
    "dispute_opened": Rule(
        _ANY,
        None,
        EventType.DISPUTE_OPENED,
        "this dispute is not known yet; version unchanged",
    ),
    "dispute_closed": Rule(
        _ANY,
        None,
        EventType.DISPUTE_CLOSED,
        "this dispute is not closed yet; version unchanged",
    ),
    "end_link": Rule(
        _ANY,
        None,
        EventType.LINK_EXPIRED,
        "version unchanged",
    ),
    "watch_link": Rule(
        _ANY,
        None,
        EventType.LINK_STILL_LIVE,
        "version unchanged",
    ),
    "quarantine": Rule(
        _PAYING,
        PaymentStatus.REVIEW,
        EventType.PAYMENT_MISMATCHED,
        "attempt is mine, at this gateway; this payment has no place yet; version unchanged",
    ),
    "settle_review": Rule(
        _REVIEW,
        PaymentStatus.PAID,
        EventType.ORDER_PAID,
        "attempt is mine; version unchanged; an operator says so",
    ),
    "refund_review": Rule(
        _REVIEW,
        PaymentStatus.PENDING_PAYMENT,
        EventType.ORDER_UNLOCKED,
        "attempt is mine; version unchanged; an operator says so",
    ),
    "cancel_order": Rule(
        _PENDING,
        PaymentStatus.CANCELLED,
        EventType.ORDER_CANCELLED,
        "caller owns it; version unchanged",
    ),
}
