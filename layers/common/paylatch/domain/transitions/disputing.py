"""What a gateway reports of disputes (chargebacks). The order's status stays as it is."""

from paylatch.domain import guards
from paylatch.domain.changes import Change, Set
from paylatch.domain.guards import Clause
from paylatch.domain.money_documents import dispute_document
from paylatch.domain.order import Order
from paylatch.domain.payment import Dispute
from paylatch.domain.timestamps import as_text
from paylatch.domain.transitions.transition import Transition, WriteContext, transition


def dispute_opened(order: Order, dispute: Dispute, attempt_id: str, write_context: WriteContext) -> Transition:
    """A payer contests a payment: its money may be taken back."""
    return _dispute(
        "dispute_opened", order, dispute, attempt_id, guards.dispute_is_new(dispute.dispute_id), write_context
    )


def dispute_closed(order: Order, dispute: Dispute, attempt_id: str, write_context: WriteContext) -> Transition:
    """A dispute was won or lost, whether or not its beginning was reported."""
    clause = guards.dispute_is_not_closed(dispute.dispute_id)
    return _dispute("dispute_closed", order, dispute, attempt_id, clause, write_context)


def _dispute(
    name: str, order: Order, dispute: Dispute, attempt_id: str, stood: Clause, write_context: WriteContext
) -> Transition:
    due = {"evidence_due": as_text(dispute.evidence_due)} if dispute.evidence_due else {}
    return transition(
        name,
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
