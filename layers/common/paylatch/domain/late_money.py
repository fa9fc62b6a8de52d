"""The late-money table: the effect of a *paid* result on an order.

A row is the state in which the payment finds the order (`Situation`); a column is how much of the money the gateway
still holds, as far as known (`Holding`).
"""

from datetime import datetime
from enum import StrEnum

from paylatch.domain.frozen_dataclass import dataclass
from paylatch.domain.limits import STATEMENT_LASTS
from paylatch.domain.order import Order, PaymentStatus
from paylatch.domain.payment import Attempt, Capture, PastAttempt
from paylatch.domain.payment_terms import LateMoney


class Evidence(StrEnum):
    """The source of a statement that money was captured."""

    STATED = "the gateway reported it by itself"
    CONFIRMED = "the gateway was asked, and just said so"
    UNANSWERED = "the gateway was asked, and did not answer"


@dataclass(frozen=True, slots=True)
class Payment:
    """A gateway's statement that it captured money for an attempt.

    `stated_at` is the gateway's own time of the statement, None where unknown.
    """

    attempt_id: str
    gateway: str
    capture: Capture
    evidence: Evidence = Evidence.STATED
    stated_at: datetime | None = None


class Holding(StrEnum):
    """How much of the money the gateway still holds, as far as known."""

    ALL = "asked: it still holds all of it"
    PART = "asked: it still holds a part"
    NOTHING = "asked: it holds nothing any more"
    STATED_RECENTLY = "not asked; said at most 15 minutes ago"
    STATED_EARLIER = "not asked; said longer ago, or it is not known when"
    NO_ANSWER = "asked, without an answer"


class Situation(StrEnum):
    """The state in which a payment finds the order."""

    RECORDED = "this payment already has its place"
    HOLDER_EXACT = "its attempt holds the order; amount and currency agree"
    HOLDER_DIFFERS = "its attempt holds the order; amount or currency differs"
    SAME_REVISION = "pending payment, same revision, nothing in flight"
    LATE_GOES_BACK = "pending payment, same revision, nothing in flight; order or stack has late money refunded"
    EDITED_SINCE = "pending payment, edited since"
    LATE_DIFFERS = "pending payment; amount or currency differs from the attempt's"
    UNKNOWN_ATTEMPT = "pending payment; the order has no such attempt at this gateway"
    NEWER_ATTEMPT = "locked by another attempt"
    PAID_ALREADY = "paid already"
    ORDER_CANCELLED = "cancelled"
    UNDER_REVIEW = "under review"


class Decision(StrEnum):
    """The action for a captured payment."""

    NOTHING = "nothing"
    ASK = "ask"
    WAIT = "wait"
    CLAIM = "claim"
    SETTLE = "settle"
    QUARANTINE = "quarantine"
    RELEASE = "release"
    ACCEPT_LATE = "accept_late"
    OWE_REFUND = "owe_refund"
    RECORD_RETURN = "record_return"


Row = dict[Holding, Decision]


def _row(everything: Decision, part: Decision, nothing: Decision, lately: Decision, before: Decision) -> Row:
    return {
        Holding.ALL: everything,
        Holding.PART: part,
        Holding.NOTHING: nothing,
        Holding.STATED_RECENTLY: lately,
        Holding.STATED_EARLIER: before,
    }


_D = Decision
_GOES_BACK = _row(_D.OWE_REFUND, _D.OWE_REFUND, _D.RECORD_RETURN, _D.OWE_REFUND, _D.OWE_REFUND) | {
    Holding.NO_ANSWER: _D.OWE_REFUND
}
# Only the order's own payment is confirmed at the gateway. Money that goes back in any case needs no confirmation.
DECISIONS: dict[Situation, Row] = {
    Situation.RECORDED: dict.fromkeys(Holding, _D.NOTHING),
    Situation.HOLDER_EXACT: _row(_D.SETTLE, _D.QUARANTINE, _D.RELEASE, _D.SETTLE, _D.ASK)
    | {Holding.NO_ANSWER: _D.WAIT},
    Situation.HOLDER_DIFFERS: _row(_D.QUARANTINE, _D.QUARANTINE, _D.RELEASE, _D.QUARANTINE, _D.ASK)
    | {Holding.NO_ANSWER: _D.WAIT},
    Situation.SAME_REVISION: _row(_D.ACCEPT_LATE, _D.OWE_REFUND, _D.RECORD_RETURN, _D.ASK, _D.ASK)
    | {Holding.NO_ANSWER: _D.CLAIM},
    Situation.LATE_GOES_BACK: _row(_D.OWE_REFUND, _D.OWE_REFUND, _D.RECORD_RETURN, _D.ASK, _D.ASK)
    | {Holding.NO_ANSWER: _D.CLAIM},
    Situation.EDITED_SINCE: _GOES_BACK,
    Situation.LATE_DIFFERS: _GOES_BACK,
    Situation.UNKNOWN_ATTEMPT: _GOES_BACK,
    Situation.NEWER_ATTEMPT: _GOES_BACK,
    Situation.PAID_ALREADY: _GOES_BACK,
    Situation.ORDER_CANCELLED: _GOES_BACK,
    Situation.UNDER_REVIEW: _GOES_BACK,
}


def holding_of(payment: Payment, now: datetime) -> Holding:
    """How much the gateway still holds, according to this statement."""
    match payment.evidence:
        case Evidence.UNANSWERED:
            return Holding.NO_ANSWER
        case Evidence.STATED:
            lately = payment.stated_at is not None and abs(now - payment.stated_at) <= STATEMENT_LASTS
            return Holding.STATED_RECENTLY if lately and not payment.capture.returned else Holding.STATED_EARLIER
        case Evidence.CONFIRMED if not payment.capture.returned:
            return Holding.ALL
        case Evidence.CONFIRMED:
            return Holding.PART if payment.capture.held else Holding.NOTHING


def decision_on(situation: Situation, payment: Payment, now: datetime) -> Decision:
    """The table's cell for this payment."""
    return DECISIONS[situation][holding_of(payment, now)]


def situation_of(order: Order, payment: Payment, usual: LateMoney = LateMoney.ACCEPT) -> Situation:
    """The state of this order when this payment arrives; `usual` is the stack's policy, where the order has none."""
    if order.records(payment.capture.payment_id):
        return Situation.RECORDED
    match order.status:
        case PaymentStatus.IN_PAYMENT | PaymentStatus.RELEASING:
            return _while_paying(order, payment)
        case PaymentStatus.PENDING_PAYMENT:
            return _while_pending(order, payment, order.late_money or usual)
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


def _while_pending(order: Order, payment: Payment, policy: LateMoney) -> Situation:
    late = order.past_attempts.get(payment.attempt_id)
    if late is None or not _is_for(payment, late):
        return Situation.UNKNOWN_ATTEMPT
    if not agrees(payment.capture, late):
        return Situation.LATE_DIFFERS
    if late.revision != order.revision:
        return Situation.EDITED_SINCE
    return Situation.SAME_REVISION if policy is LateMoney.ACCEPT else Situation.LATE_GOES_BACK


def _is_for(payment: Payment, attempt: Attempt | PastAttempt) -> bool:
    return payment.attempt_id == attempt.attempt_id and payment.gateway == attempt.gateway


def agrees(capture: Capture, attempt: Attempt | PastAttempt) -> bool:
    """Whether the capture has the attempt's amount and currency."""
    return capture.amount == attempt.amount and capture.currency == attempt.currency
