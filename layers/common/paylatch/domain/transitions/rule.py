"""A row of the state table: the statuses that a transition leads from, the one it leads to, and its event.

The module of each transition has its row; `STATE_TABLE` lists them. The guard in Python, the DynamoDB condition, the
tests' matrix and the diagram in the docs are made from it.
"""

from dataclasses import dataclass
from enum import StrEnum

from paylatch.domain.order import PaymentStatus

PENDING = frozenset({PaymentStatus.PENDING_PAYMENT})
PAYING = frozenset({PaymentStatus.IN_PAYMENT, PaymentStatus.RELEASING})
REVIEW = frozenset({PaymentStatus.REVIEW})
ANY = frozenset(PaymentStatus)


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

    name: str
    sources: frozenset[PaymentStatus]
    target: PaymentStatus | None
    event: EventType
