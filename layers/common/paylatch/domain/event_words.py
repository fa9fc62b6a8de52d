"""The types of events, and the names of those details that have readers of their own or are erased."""

from enum import StrEnum

# An operator's reason for a decision. Only operators read it.
REMARK = "remark"
# The note on a settlement without a gateway. Buyers do not read it.
NOTE = "note"
# How the money arrived that a named person declares.
METHOD = "method"
# A gateway's cause for its refusal. Buyers do not read it.
CAUSE = "cause"


class EventType(StrEnum):
    """What happened to the order."""

    ORDER_CREATED = "OrderCreated"
    ORDER_EDITED = "OrderEdited"
    ORDER_LOCKED = "OrderLocked"
    PAYMENT_OPENED = "PaymentOpened"
    PAYMENT_PROCESSING = "PaymentProcessing"
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
    ORDER_HANDED_OVER = "OrderHandedOver"
    PAY_LINK_ISSUED = "PayLinkIssued"
    PERSONAL_DATA_ERASED = "PersonalDataErased"


# A refund: caused by money that does not pay for the order, requested by the shop, or declared as made.
REFUND_EVENTS = frozenset({EventType.REFUND_DUE, EventType.REFUND_ISSUED})
