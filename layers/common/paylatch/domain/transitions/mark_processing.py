"""The gateway reports that the payment is under way: the payer has submitted it, and the bank has not decided."""

from dataclasses import replace
from datetime import datetime

from paylatch.domain import clauses
from paylatch.domain.changes import Remove, Set
from paylatch.domain.order import Order, PaymentStatus
from paylatch.domain.payment import Attempt, AttemptStatus
from paylatch.domain.timestamps import as_text
from paylatch.domain.transitions.attempt_changes import attention
from paylatch.domain.transitions.rule import PAYING, EventType, Rule
from paylatch.domain.transitions.term_changes import expiry_follows
from paylatch.domain.transitions.transition import Transition, WriteContext, transition

MARK_PROCESSING = Rule(
    "mark_processing",
    PAYING,
    PaymentStatus.IN_PAYMENT,
    EventType.PAYMENT_PROCESSING,
    (clauses.ATTEMPT_HOLDS_IT, clauses.VERSION_CHECK),
)


def mark_processing(
    order: Order, attempt: Attempt, until: datetime, next_check: datetime, write_context: WriteContext
) -> Transition:
    """The order stays locked, visibly *processing*, and the gateway is asked again at `next_check`.

    From `until` on a person is shown the order; an attempt that was under way before keeps an earlier one. The reason
    of a release that was begun stays: it counts where the payment fails.
    """
    since, until = attempt.processing_since or write_context.at, min(attempt.processing_until or until, until)
    under_way = replace(attempt, status=AttemptStatus.PROCESSING, processing_since=since, processing_until=until)
    after = replace(order, status=PaymentStatus.IN_PAYMENT, attempt=under_way)
    return transition(
        MARK_PROCESSING,
        write_context,
        {"attempt_id": attempt.attempt_id, "version": order.version},
        (
            Set(("attempt", "status"), AttemptStatus.PROCESSING.value),
            Set(("attempt", "processing_since"), as_text(since)),
            Set(("attempt", "processing_until"), as_text(until)),
            # The payer has used it. Where the payment fails, the session is closed.
            Remove(("attempt", "pay_url")),
            Set(("due_at",), as_text(next_check)),
            *expiry_follows(after),
            *attention(after),
        ),
        attempt.attempt_id,
        {"next_check": as_text(next_check), "until": as_text(until)},
    )
