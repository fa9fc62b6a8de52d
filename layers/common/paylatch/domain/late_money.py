"""What a *paid* result does to the order: a table, not an `if`."""

from dataclasses import dataclass
from enum import StrEnum

from paylatch.domain.order import Order, PaymentStatus
from paylatch.domain.payment import Attempt, Capture, SupersededAttempt


@dataclass(frozen=True, slots=True)
class Payment:
    """A gateway's word that it captured money for an attempt."""

    attempt_id: str
    gateway: str
    capture: Capture


class Situation(StrEnum):
    """How a payment finds the order."""

    RECORDED = "this payment already has its place"
    HOLDER_EXACT = "its attempt holds the order; amount and currency agree"
    HOLDER_DIFFERS = "its attempt holds the order; amount or currency differs"
    SAME_REVISION = "pending payment, same revision, nothing in flight"
    EDITED_SINCE = "pending payment, edited since"
    LATE_DIFFERS = "pending payment; amount or currency differs from the attempt's"
    UNKNOWN_ATTEMPT = "pending payment; the order has no such attempt at this gateway"
    NEWER_ATTEMPT = "locked by another attempt"
    PAID_ALREADY = "paid already"
    ORDER_CANCELLED = "cancelled"
    UNDER_REVIEW = "under review"


class Decision(StrEnum):
    """What is done about it."""

    NOTHING = "nothing"
    SETTLE = "settle"
    QUARANTINE = "quarantine"
    ACCEPT_LATE = "accept_late"
    OWE_REFUND = "owe_refund"


DECISIONS: dict[Situation, Decision] = {
    Situation.RECORDED: Decision.NOTHING,
    Situation.HOLDER_EXACT: Decision.SETTLE,
    Situation.HOLDER_DIFFERS: Decision.QUARANTINE,
    Situation.SAME_REVISION: Decision.ACCEPT_LATE,
    Situation.EDITED_SINCE: Decision.OWE_REFUND,
    Situation.LATE_DIFFERS: Decision.OWE_REFUND,
    Situation.UNKNOWN_ATTEMPT: Decision.OWE_REFUND,
    Situation.NEWER_ATTEMPT: Decision.OWE_REFUND,
    Situation.PAID_ALREADY: Decision.OWE_REFUND,
    Situation.ORDER_CANCELLED: Decision.OWE_REFUND,
    Situation.UNDER_REVIEW: Decision.OWE_REFUND,
}


def situation_of(order: Order, payment: Payment) -> Situation:
    """How this payment finds this order."""
    if order.records(payment.capture.payment_id):
        return Situation.RECORDED
    match order.status:
        case PaymentStatus.IN_PAYMENT | PaymentStatus.RELEASING:
            return _while_paying(order, payment)
        case PaymentStatus.PENDING_PAYMENT:
            return _while_pending(order, payment)
        case PaymentStatus.PAID:
            return Situation.PAID_ALREADY
        case PaymentStatus.CANCELLED:
            return Situation.ORDER_CANCELLED
        case PaymentStatus.REVIEW:
            return Situation.UNDER_REVIEW


def _while_paying(order: Order, payment: Payment) -> Situation:
    holder = order.attempt
    if holder is None or not _is_for(payment, holder):
        return Situation.NEWER_ATTEMPT
    return Situation.HOLDER_EXACT if agrees(payment.capture, holder) else Situation.HOLDER_DIFFERS


def _while_pending(order: Order, payment: Payment) -> Situation:
    late = order.superseded.get(payment.attempt_id)
    if late is None or not _is_for(payment, late):
        return Situation.UNKNOWN_ATTEMPT
    if not agrees(payment.capture, late):
        return Situation.LATE_DIFFERS
    return Situation.SAME_REVISION if late.revision == order.revision else Situation.EDITED_SINCE


def _is_for(payment: Payment, attempt: Attempt | SupersededAttempt) -> bool:
    return payment.attempt_id == attempt.attempt_id and payment.gateway == attempt.gateway


def agrees(capture: Capture, attempt: Attempt | SupersededAttempt) -> bool:
    """Whether that is the sum that was agreed on for the attempt."""
    return capture.amount == attempt.amount and capture.currency == attempt.currency
