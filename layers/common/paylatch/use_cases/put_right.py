"""A listed capture, refund or dispute that an order does not explain is named, and put right where a rule covers it.

The gateway is asked before anything is named: a list is a moment older than the head that it is held against.
"""

from collections.abc import Sequence
from datetime import datetime

from paylatch.domain.discrepancies import WITHOUT_A_RULE, agrees_with, name_of_capture, name_of_dispute
from paylatch.domain.errors import OrderUnreadable
from paylatch.domain.frozen_dataclass import dataclass
from paylatch.domain.ids import ORDER_ID_LENGTH
from paylatch.domain.late_money import Evidence, Payment
from paylatch.domain.order import Order
from paylatch.domain.payment import Capture, DisputeStatus, Refund, RefundStatus
from paylatch.domain.retention import was_settled
from paylatch.domain.statement import (
    Discrepancy,
    Finding,
    ListedDispute,
    ListedRefund,
    StatementEntry,
)
from paylatch.ports import Metric, Ports, ReconciliationStore, RefundState
from paylatch.use_cases.record_dispute import record_dispute
from paylatch.use_cases.record_return import handle_money_returned, record_return, went_back_elsewhere
from paylatch.use_cases.refund_payment import handle_refund_event
from paylatch.use_cases.settle_payment import settle_payment
from paylatch.use_cases.unknown_order import count_unknown


@dataclass(frozen=True, slots=True)
class Case:
    """One entry of a gateway's statement, with the attempt that it is of, and the ports.

    `open_findings` are those of its payment that a person must act on; `named` is what was found by now.
    """

    gateway: str
    entry: StatementEntry
    attempt_id: str
    store: ReconciliationStore
    ports: Ports
    open_findings: Sequence[Finding]
    named: set[Discrepancy]

    @property
    def order_id(self) -> str:
        """The order."""
        return self.attempt_id[:ORDER_ID_LENGTH]

    def head(self) -> Order | None:
        """The order's head as it is now."""
        return self.ports.store.read_head(self.order_id)

    def payment(self, capture: Capture) -> Payment:
        """That money, which the gateway was just asked about."""
        return Payment(self.attempt_id, self.gateway, capture, Evidence.CONFIRMED)


def put_right(case: Case, head: Order | OrderUnreadable | None, retired_at: datetime | None) -> None:
    """Compare the entry with the head; record a difference, and let the existing transitions put it right.

    A difference is written down before it is put right. Raises a gateway error where there is no answer,
    `OrderContended` and what the store raises: the entry must be looked at again.
    """
    if head is None:
        if retired_at is None or not was_settled(case.entry.at, retired_at):
            _unknown_order(case, retired=retired_at is not None)
    elif isinstance(head, OrderUnreadable):
        _add(case, Discrepancy.UNREADABLE_ORDER, _listed_money(case.entry))
    else:
        if not agrees_with(head, case.entry):
            _ask(case, head)
        if case.open_findings:
            _look_again(case)


def _look_again(case: Case) -> None:
    """Ask about the payment, also where the list agrees; a finding that is gone needs no person any more."""
    _capture(case)
    for finding in case.open_findings:
        if finding.discrepancy not in case.named:
            case.store.mark_explained(finding.key, case.ports.clock.now())


def _ask(case: Case, order: Order) -> None:
    match case.entry:
        case ListedRefund(is_ours=True, refund_id=name) if name in order.refunds:
            _own_refund(case, order.refunds[name])
            _beside_own_refund(case)
        case ListedDispute() as entry:
            if not order.records(entry.payment_id):
                _capture(case)
            _dispute(case, entry)
        case _:
            _capture(case)


def _capture(case: Case) -> None:
    capture = case.ports.gateways.named(case.gateway).query_payment(case.entry.payment_id)
    order = case.head()
    if order is None or capture is None:
        _add(case, Discrepancy.NOT_SHOWN, _listed_money(case.entry))
        return
    name = name_of_capture(order, case.gateway, case.attempt_id, capture, case.ports.rules.late_money)
    if name is None:
        return
    recorded = order.records(capture.payment_id)
    returned_more = name in (Discrepancy.REFUND_BY_HAND, Discrepancy.PARTIAL_REFUND)
    payment = case.payment(capture)
    if returned_more and not went_back_elsewhere(order, payment, case.ports):
        return
    _add(case, name, capture, put_right=not recorded or returned_more)
    if not recorded:
        _settle(case, payment)
    elif returned_more:
        handle_money_returned(case.order_id, payment, case.ports)


def _settle(case: Case, payment: Payment) -> None:
    order = settle_payment(case.order_id, payment, case.ports)
    if payment.capture.returned:
        # A concurrent writer without this answer may have recorded the payment in between.
        record_return(order, payment, case.ports)


def _own_refund(case: Case, refund: Refund) -> None:
    state = case.ports.gateways.named(case.gateway).query_refund(refund)
    made = refund.status is RefundStatus.REFUNDED
    name = {
        (RefundState.FAILED, True): Discrepancy.REFUND_FAILED,
        (RefundState.DONE, False): Discrepancy.REFUND_UNRECORDED,
    }.get((state, made))
    if name is None:
        return
    _add(case, name, Capture(refund.payment_id, refund.amount, refund.currency), subject=refund.refund_id)
    handle_refund_event(case.order_id, refund.refund_id, case.gateway, case.ports)


def _beside_own_refund(case: Case) -> None:
    order = case.head()
    if order is not None and not agrees_with(order, case.entry):
        _capture(case)


def _dispute(case: Case, entry: ListedDispute) -> None:
    order, dispute = case.head(), entry.dispute
    name = name_of_dispute(order, dispute) if order else None
    if name is None:
        return
    _add(case, name, dispute.contested, subject=dispute.dispute_id)
    # The money first: once the dispute is recorded, nothing would lead back here.
    if dispute.status is DisputeStatus.LOST:
        handle_money_returned(case.order_id, case.payment(dispute.contested), case.ports)
    record_dispute(case.order_id, case.attempt_id, dispute, case.gateway, case.ports)


def _unknown_order(case: Case, *, retired: bool) -> None:
    money = _listed_money(case.entry)
    if _add(case, Discrepancy.UNKNOWN_ORDER, money):
        count_unknown(case.payment(money), case.ports, retired=retired)


def _listed_money(entry: StatementEntry) -> Capture:
    return entry.dispute.contested if isinstance(entry, ListedDispute) else entry.capture


def _add(case: Case, discrepancy: Discrepancy, money: Capture, *, subject: str = "", put_right: bool = True) -> bool:
    """Write the discrepancy down and count it: whether it is new.

    One that no rule covers is there in each run, and counted in the first. Any other is counted again where a run ended
    before it was put right: that run may have ended before it counted it.
    """
    finding = Finding(
        gateway=case.gateway,
        day=case.entry.at.date().isoformat(),
        discrepancy=discrepancy,
        subject=subject or money.payment_id,
        payment_id=money.payment_id,
        attempt_id=case.attempt_id,
        amount=money.amount,
        currency=money.currency,
        returned=money.returned,
        put_right=put_right and discrepancy not in WITHOUT_A_RULE,
    )
    case.named.add(discrepancy)
    if not finding.put_right and any(known.discrepancy is discrepancy for known in case.open_findings):
        return False
    new = case.store.add_finding(finding, case.ports.clock.now())
    if new or finding.put_right:
        _count(finding, case.ports)
    return new


def _count(finding: Finding, ports: Ports) -> None:
    ports.metrics.count(
        Metric.STATEMENT_DIFFERS,
        gateway=finding.gateway,
        discrepancy=finding.discrepancy.value,
        subject=finding.subject,
        payment_id=finding.payment_id,
        attempt_id=finding.attempt_id,
        amount=finding.amount,
        currency=finding.currency,
        put_right=str(finding.put_right).lower(),
    )
