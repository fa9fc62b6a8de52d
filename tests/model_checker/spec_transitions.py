"""The design's state table, repeated here: the model checker does not rely on the product's own."""

from paylatch.domain.order import PaymentStatus

_PENDING = frozenset({PaymentStatus.PENDING_PAYMENT})
_PAYING = frozenset({PaymentStatus.IN_PAYMENT, PaymentStatus.RELEASING})
_REVIEW = frozenset({PaymentStatus.REVIEW})
_PAID = frozenset({PaymentStatus.PAID})
_ANY = frozenset(PaymentStatus)

# The states that a transition starts from and the state it leads to; None leaves the state unchanged.
SPEC_TRANSITIONS: dict[str, tuple[frozenset[PaymentStatus], PaymentStatus | None, str]] = {
    "create": (frozenset(), PaymentStatus.PENDING_PAYMENT, "OrderCreated"),
    "edit": (_PENDING, PaymentStatus.PENDING_PAYMENT, "OrderEdited"),
    "lock": (_PENDING, PaymentStatus.IN_PAYMENT, "OrderLocked"),
    "record_session": (frozenset({PaymentStatus.IN_PAYMENT}), PaymentStatus.IN_PAYMENT, "PaymentOpened"),
    "mark_processing": (_PAYING, PaymentStatus.IN_PAYMENT, "PaymentProcessing"),
    "settle": (_PAYING, PaymentStatus.PAID, "OrderPaid"),
    "settle_manually": (_PENDING, PaymentStatus.PAID, "OrderPaid"),
    "settle_free": (_PENDING, PaymentStatus.PAID, "OrderPaid"),
    "release": (_PAYING, PaymentStatus.PENDING_PAYMENT, "OrderUnlocked"),
    "release_and_edit": (_PAYING, PaymentStatus.PENDING_PAYMENT, "OrderUnlocked"),
    "force_release": (_PAYING, PaymentStatus.PENDING_PAYMENT, "OrderUnlocked"),
    "await_release": (_PAYING, PaymentStatus.RELEASING, "ReleasePending"),
    "accept_late": (_PENDING, PaymentStatus.PAID, "OrderPaid"),
    "claim": (_PENDING, PaymentStatus.PENDING_PAYMENT, "PaymentClaimed"),
    "owe_refund": (_ANY, None, "RefundDue"),
    "request_refund": (_PAID, None, "RefundDue"),
    "refund_manually": (_PAID, None, "RefundIssued"),
    "delay_refund": (_ANY, None, "RefundDelayed"),
    "refunded": (_ANY, None, "RefundIssued"),
    "refund_failed": (_ANY, None, "RefundFailed"),
    "refuse_refund": (_ANY, None, "RefundRefused"),
    "write_off": (_ANY, None, "RefundWrittenOff"),
    "money_returned": (_ANY, None, "MoneyReturned"),
    "dispute_opened": (_ANY, None, "DisputeOpened"),
    "dispute_closed": (_ANY, None, "DisputeClosed"),
    "end_links": (_ANY, None, "LinkExpired"),
    "watch_link": (_ANY, None, "LinkStillLive"),
    "quarantine": (_PAYING, PaymentStatus.REVIEW, "PaymentMismatched"),
    "settle_review": (_REVIEW, PaymentStatus.PAID, "OrderPaid"),
    "refund_review": (_REVIEW, PaymentStatus.PENDING_PAYMENT, "OrderUnlocked"),
    "cancel_order": (_PENDING, PaymentStatus.CANCELLED, "OrderCancelled"),
}
# The further demands of a transition's guard: an order that differs in one of these alone must refuse it.
SPEC_GUARDS: dict[str, tuple[str, ...]] = {
    "create": (),
    "edit": ("has other owners", "is at another revision", "changed since"),
    "lock": (
        "has other owners",
        "costs nothing",
        "had this attempt before",
        "had this attempt long ago",
        "had too many attempts",
    ),
    "record_session": ("is held by another attempt", "has its attempt elsewhere"),
    "mark_processing": ("is held by another attempt", "changed since"),
    "settle": (
        "is held by another attempt",
        "is paid at another gateway",
        "costs more",
        "costs other money",
        "has a place for this payment",
        "changed since, and is being released",
        "changed since, and was processing",
    ),
    "settle_manually": ("costs more", "costs other money", "has a place for this payment", "changed since"),
    "settle_free": ("has other owners", "costs more", "changed since"),
    "release": (
        "is held by another attempt",
        "has its attempt elsewhere",
        "has a place for this payment",
        "changed since",
    ),
    "release_and_edit": (
        "is held by another attempt",
        "has its attempt elsewhere",
        "has other owners",
        "is at another revision",
        "changed since",
    ),
    "force_release": ("is held by another attempt", "has its attempt elsewhere", "changed since"),
    "await_release": ("is held by another attempt", "changed since"),
    "accept_late": ("is at another revision", "has a place for this payment", "changed since"),
    "claim": ("has a place for this payment", "changed since"),
    "owe_refund": ("has a place for this payment", "changed since"),
    "request_refund": ("is paid by other money", "knows this refund", "changed since"),
    "refund_manually": ("is paid by other money", "knows this refund", "changed since"),
    "delay_refund": ("has given this money back", "has written this refund off", "changed since"),
    "refunded": ("has given this money back", "changed since"),
    "refund_failed": ("knows nothing of this refund", "has written this refund off", "changed since"),
    "refuse_refund": ("has given this money back", "has written this refund off", "changed since"),
    "write_off": ("has given this money back", "has written this refund off", "changed since"),
    "money_returned": ("knows that it went back", "changed since"),
    "dispute_opened": ("knows this dispute", "changed since"),
    "dispute_closed": ("knows how this dispute ended", "changed since"),
    "end_links": ("changed since",),
    "watch_link": ("changed since",),
    "quarantine": (
        "is held by another attempt",
        "is paid at another gateway",
        "has a place for this payment",
        "changed since",
    ),
    "settle_review": ("is held by another attempt", "changed since"),
    "refund_review": ("is held by another attempt", "changed since"),
    "cancel_order": ("has other owners", "changed since"),
}
