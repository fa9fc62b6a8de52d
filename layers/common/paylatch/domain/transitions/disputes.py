"""A dispute (chargeback) that a gateway reports. The order's status does not change."""

from paylatch.domain import guards
from paylatch.domain.changes import Change, Set
from paylatch.domain.guards import Clause
from paylatch.domain.money_documents import dispute_document
from paylatch.domain.order import Order
from paylatch.domain.payment import Dispute
from paylatch.domain.timestamps import as_text
from paylatch.domain.transitions.rule import ANY, EventType, Rule
from paylatch.domain.transitions.transition import Transition, WriteContext, transition

DISPUTE_OPENED = Rule("dispute_opened", ANY, None, EventType.DISPUTE_OPENED)
DISPUTE_CLOSED = Rule("dispute_closed", ANY, None, EventType.DISPUTE_CLOSED)


def dispute_opened(order: Order, dispute: Dispute, attempt_id: str, write_context: WriteContext) -> Transition:
    """A payer contests a payment: its money may be taken back."""
    return _dispute(
        DISPUTE_OPENED, order, dispute, attempt_id, guards.dispute_is_new(dispute.dispute_id), write_context
    )


def dispute_closed(order: Order, dispute: Dispute, attempt_id: str, write_context: WriteContext) -> Transition:
    """A dispute was won or lost, whether or not its beginning was reported."""
    clause = guards.dispute_is_not_closed(dispute.dispute_id)
    return _dispute(DISPUTE_CLOSED, order, dispute, attempt_id, clause, write_context)


def _dispute(
    rule: Rule, order: Order, dispute: Dispute, attempt_id: str, stood: Clause, write_context: WriteContext
) -> Transition:
    due = {"evidence_due": as_text(dispute.evidence_due)} if dispute.evidence_due else {}
    return transition(
        rule,
        write_context,
        (stood, guards.version_is(order.version)),
        _recorded(order, dispute),
        attempt_id,
        {
            "dispute_id": dispute.dispute_id,
            "payment_id": dispute.payment_id,
            "amount": dispute.amount,
            "currency": dispute.currency,
            "status": dispute.status.value,
            **due,
        },
    )


def _recorded(order: Order, dispute: Dispute) -> tuple[Change, ...]:
    path, document = ("disputes", dispute.dispute_id), dispute_document(dispute)
    if dispute.dispute_id not in order.disputes:
        return (Set(path, document),)
    # By field, as a later release may have written more of it.
    return tuple(Set((*path, name), value) for name, value in document.items())
