"""What the transitions of a dispute (chargeback) share."""

from dataclasses import replace

from paylatch.domain.changes import Change, Set
from paylatch.domain.money_documents import dispute_document
from paylatch.domain.order import Order
from paylatch.domain.payment import Dispute
from paylatch.domain.timestamps import as_text
from paylatch.domain.transitions.attempt_changes import attention
from paylatch.domain.transitions.rule import Rule
from paylatch.domain.transitions.transition import Transition, WriteContext, transition


def dispute_changes(
    rule: Rule, order: Order, dispute: Dispute, attempt_id: str, write_context: WriteContext
) -> Transition:
    """The transition of that row, which records the dispute as it is now; `since` is when it was first recorded."""
    known = order.disputes.get(dispute.dispute_id)
    dispute = replace(dispute, since=(known.since if known else None) or write_context.at)
    after = replace(order, disputes={**order.disputes, dispute.dispute_id: dispute})
    due = {"evidence_due": as_text(dispute.evidence_due)} if dispute.evidence_due else {}
    return transition(
        rule,
        write_context,
        {"dispute_id": dispute.dispute_id, "version": order.version},
        (*_recorded(order, dispute), *attention(after)),
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
