"""An order that costs nothing is paid, without a gateway and without a lock."""

from dataclasses import replace

from paylatch.domain import clauses
from paylatch.domain.attempt_documents import attempt_document
from paylatch.domain.caller import Caller
from paylatch.domain.changes import Increment, Set
from paylatch.domain.order import Order, PaymentStatus
from paylatch.domain.payment import AttemptStatus
from paylatch.domain.transitions.rule import PENDING, EventType, Rule
from paylatch.domain.transitions.term_changes import expiry_follows
from paylatch.domain.transitions.transition import Transition, WriteContext, transition
from paylatch.domain.without_gateway import NO_GATEWAY

SETTLE_FREE = Rule(
    "settle_free",
    PENDING,
    PaymentStatus.PAID,
    EventType.ORDER_PAID,
    (
        clauses.CALLER_PAYS_FOR_IT,
        clauses.ORDER_IS_FREE,
        clauses.ORDER_IS_PAYABLE,
        clauses.PAY_BY_IS_AHEAD,
        clauses.VERSION_CHECK,
    ),
)


def settle_free(
    order: Order, attempt_id: str, fingerprint: str, caller: Caller, write_context: WriteContext
) -> Transition:
    """The attempt settles the order with no money: it never waits for a payer, and nothing is due.

    Planned from a read, whose order has not had this attempt and may have one more.
    """
    return transition(
        SETTLE_FREE,
        write_context,
        {"caller": caller, "version": order.version, "now": write_context.at},
        (
            Set(
                ("attempt",),
                attempt_document(
                    attempt_id, AttemptStatus.SUCCEEDED, NO_GATEWAY, write_context.at, write_context.at, fingerprint
                ),
            ),
            Increment(("attempts_made",)),
            *expiry_follows(replace(order, status=PaymentStatus.PAID)),
        ),
        attempt_id,
        {"gateway": NO_GATEWAY, "amount": 0, "currency": order.currency},
    )
