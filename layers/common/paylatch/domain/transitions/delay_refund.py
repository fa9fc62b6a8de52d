"""A refund is tried again later."""

from dataclasses import replace
from datetime import datetime

from paylatch.domain import clauses
from paylatch.domain.event_words import CAUSE
from paylatch.domain.ledger import OPEN_REFUNDS
from paylatch.domain.order import Order
from paylatch.domain.payment import Refund, RefundStatus
from paylatch.domain.timestamps import as_text
from paylatch.domain.transitions.refund_changes import refund_changes
from paylatch.domain.transitions.rule import ANY, EventType, Rule
from paylatch.domain.transitions.transition import Transition, WriteContext

DELAY_REFUND = Rule(
    "delay_refund", ANY, None, EventType.REFUND_DELAYED, (clauses.refund_is_one_of(OPEN_REFUNDS), clauses.VERSION_CHECK)
)


def delay_refund(
    order: Order, refund: Refund, next_at: datetime, cause: str, write_context: WriteContext, unanswered: bool = False
) -> Transition:
    """The gateway has not confirmed the refund: ask again at `next_at`.

    `unanswered`: it did not say how an earlier try stands, so that none followed, and a failure stays the last report.
    """
    tries = refund.tries + 1
    failed_try = tries if unanswered and refund.failed else refund.failed_try
    later = replace(refund, status=RefundStatus.DUE, tries=tries, failed_try=failed_try, next_at=next_at)
    return refund_changes(DELAY_REFUND, order, later, write_context, {"next_at": as_text(next_at), CAUSE: cause})
