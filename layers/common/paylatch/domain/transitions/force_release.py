"""An operator unlocks an order whose gateway gives no answer."""

from datetime import datetime

from paylatch.domain import clauses
from paylatch.domain.event_words import REMARK
from paylatch.domain.order import Order, PaymentStatus
from paylatch.domain.payment import Attempt
from paylatch.domain.release_reasons import ReleaseReason
from paylatch.domain.transitions.attempt_changes import past_attempt
from paylatch.domain.transitions.rule import PAYING, EventType, Rule
from paylatch.domain.transitions.transition import Transition, WriteContext
from paylatch.domain.transitions.unlocking import status_after, unlock

FORCE_RELEASE = Rule(
    "force_release",
    PAYING,
    PaymentStatus.PENDING_PAYMENT,
    EventType.ORDER_UNLOCKED,
    (clauses.ATTEMPT_HOLDS_IT, clauses.ATTEMPT_STATUS_AS_READ, clauses.VERSION_CHECK),
)


def force_release(
    order: Order, attempt: Attempt, reason: ReleaseReason, check_at: datetime, remark: str, write_context: WriteContext
) -> Transition:
    """An operator unlocks the order without its gateway's answer; the link is watched from then on."""
    return unlock(
        FORCE_RELEASE,
        order,
        past_attempt(attempt, status_after(reason), check_at),
        {"attempt_id": attempt.attempt_id, "attempt_status": attempt.status, "version": order.version},
        (),
        {"reason": reason.value, "forced": 1, REMARK: remark},
        write_context,
    )
