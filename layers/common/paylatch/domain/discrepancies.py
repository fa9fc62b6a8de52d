"""The comparison of a gateway's statement with an order's head: pure, without a request to the gateway."""

from paylatch.domain.late_money import Evidence, Payment, Situation, situation_of
from paylatch.domain.ledger import refunded_amount
from paylatch.domain.order import Order
from paylatch.domain.payment import Capture, CapturedPayment, Dispute, DisputeStatus, RefundStatus
from paylatch.domain.payment_terms import LateMoney
from paylatch.domain.statement import (
    Discrepancy,
    ListedCapture,
    ListedDispute,
    ListedRefund,
    ListedState,
    StatementEntry,
)

_BY_SITUATION = {
    Situation.HOLDER_EXACT: Discrepancy.MISSING_WEBHOOK,
    Situation.SAME_REVISION: Discrepancy.MISSING_WEBHOOK,
    Situation.PAID_ALREADY: Discrepancy.DOUBLE_CAPTURE,
    Situation.ORDER_CANCELLED: Discrepancy.CAPTURED_AFTER_CANCEL,
    Situation.HOLDER_DIFFERS: Discrepancy.WRONG_AMOUNT,
    Situation.LATE_DIFFERS: Discrepancy.WRONG_AMOUNT,
    Situation.LATE_GOES_BACK: Discrepancy.LATE_CAPTURE,
}
# Differences that no transition covers.
WITHOUT_A_RULE = frozenset(
    {Discrepancy.RETURNED_LESS, Discrepancy.UNKNOWN_ORDER, Discrepancy.UNREADABLE_ORDER, Discrepancy.NOT_SHOWN}
)


def agrees_with(order: Order, entry: StatementEntry) -> bool:
    """Whether the head explains the entry, as far as both have the data; otherwise the gateway is asked."""
    known = order.payments.get(entry.payment_id)
    if known is None or not order.records(entry.payment_id):
        return isinstance(entry, ListedRefund) and entry.state is ListedState.FAILED
    match entry:
        case ListedCapture():
            return _explains(known, entry.capture)
        case ListedRefund():
            return _explains_refund(order, known, entry)
        case ListedDispute():
            return _explains_dispute(order, entry.dispute) and _is_lost_sum_recorded(order, known, entry.dispute)


def name_of_capture(
    order: Order, gateway: str, attempt_id: str, capture: Capture, late_money: LateMoney
) -> Discrepancy | None:
    """What the gateway's present word about a payment differs by from the head; None where they agree.

    `late_money` is the stack's word about late money, where the order has none.
    """
    known = order.payments.get(capture.payment_id)
    if known is None or not order.records(capture.payment_id):
        return _name_of_unrecorded(order, gateway, attempt_id, capture, late_money)
    if not _is_sum_of(known, capture):
        return _wrong_sum(capture, known.currency)
    if capture.returned > known.returned:
        return Discrepancy.PARTIAL_REFUND if capture.held else Discrepancy.REFUND_BY_HAND
    return Discrepancy.RETURNED_LESS if capture.returned < known.returned else None


def name_of_dispute(order: Order, dispute: Dispute) -> Discrepancy | None:
    """The difference between the gateway's report of a dispute and the head; None where they agree."""
    known = order.payments.get(dispute.payment_id)
    if _explains_dispute(order, dispute) and (known is None or _is_lost_sum_recorded(order, known, dispute)):
        return None
    return Discrepancy.DISPUTE_LOST if dispute.status is DisputeStatus.LOST else Discrepancy.DISPUTE_UNRECORDED


def _name_of_unrecorded(
    order: Order, gateway: str, attempt_id: str, capture: Capture, late_money: LateMoney
) -> Discrepancy:
    if not order.had(attempt_id):
        return Discrepancy.UNKNOWN_ATTEMPT
    if attempt_id in order.evicted_attempt_ids:
        return Discrepancy.EVICTED_ATTEMPT
    situation = situation_of(order, Payment(attempt_id, gateway, capture, Evidence.CONFIRMED), late_money)
    name = _BY_SITUATION.get(situation, Discrepancy.LATE_CAPTURE)
    return _wrong_sum(capture, order.currency) if name is Discrepancy.WRONG_AMOUNT else name


def _wrong_sum(capture: Capture, currency: str) -> Discrepancy:
    return Discrepancy.WRONG_AMOUNT if capture.currency == currency else Discrepancy.WRONG_CURRENCY


def _is_sum_of(known: CapturedPayment, capture: Capture) -> bool:
    return (known.amount, known.currency) == (capture.amount, capture.currency)


def _explains(known: CapturedPayment, capture: Capture) -> bool:
    return _is_sum_of(known, capture) and capture.returned <= known.returned


def _explains_refund(order: Order, known: CapturedPayment, entry: ListedRefund) -> bool:
    own = order.refunds.get(entry.refund_id) if entry.is_ours else None
    if own is not None:
        made = own.status is RefundStatus.REFUNDED
        if made and entry.state is ListedState.DONE:
            return _explains(known, entry.capture)
        return entry.state is (ListedState.DONE if made else ListedState.FAILED) or entry.state is ListedState.UNDER_WAY
    if entry.state is ListedState.FAILED:
        return known.returned <= entry.capture.returned
    return _explains(known, entry.capture)


def _explains_dispute(order: Order, dispute: Dispute) -> bool:
    known = order.disputes.get(dispute.dispute_id)
    if known is None:
        return False
    return known.status is dispute.status or dispute.status is DisputeStatus.OPEN


def _is_lost_sum_recorded(order: Order, known: CapturedPayment, dispute: Dispute) -> bool:
    """Whether as much is recorded as returned in other ways than by our refunds as a lost dispute took."""
    if dispute.status is not DisputeStatus.LOST or dispute.currency != known.currency:
        return True
    refunded = refunded_amount(order, known)
    return known.returned - refunded >= min(dispute.amount, known.amount - refunded)
