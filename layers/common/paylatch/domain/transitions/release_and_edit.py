"""An order is unlocked and edited by one write: its user stopped the payment to change the order."""

from dataclasses import replace
from datetime import datetime

from paylatch.domain import clauses
from paylatch.domain.attempt_edit import AttemptEdit
from paylatch.domain.caller import Caller
from paylatch.domain.frozen_dataclass import dataclass
from paylatch.domain.order import Order, PaymentStatus
from paylatch.domain.payment import Attempt
from paylatch.domain.payment_terms import USUAL_TERMS, PaymentTerms
from paylatch.domain.release_reasons import ReleaseReason
from paylatch.domain.transitions.attempt_changes import past_attempt
from paylatch.domain.transitions.content_changes import content_replaced
from paylatch.domain.transitions.rule import PAYING, EventType, Rule
from paylatch.domain.transitions.transition import Transition, WriteContext
from paylatch.domain.transitions.unlocking import status_after, unlock

RELEASE_AND_EDIT = Rule(
    "release_and_edit",
    PAYING,
    PaymentStatus.PENDING_PAYMENT,
    EventType.ORDER_UNLOCKED,
    (
        clauses.ATTEMPT_HOLDS_IT,
        clauses.ATTEMPT_STATUS_AS_READ,
        clauses.CALLER_OWNS_IT,
        clauses.revision_is("the revision is the one that was read"),
        clauses.VERSION_CHECK,
    ),
)


@dataclass(frozen=True, slots=True)
class NewContent:
    """The stored content of the order's next revision, its terms, and the fingerprint of the edit that led to it.

    `has_contact`: whether it has an e-mail address or a locale.
    """

    content_id: str
    total: int
    fingerprint: str
    has_contact: bool = False
    terms: PaymentTerms = USUAL_TERMS


def release_and_edit(
    order: Order,
    attempt: Attempt,
    reason: ReleaseReason,
    check_at: datetime | None,
    caller: Caller,
    new: NewContent,
    write_context: WriteContext,
) -> Transition:
    """The order is pending payment again, at the next revision.

    `check_at` is set while the link stays live. The past attempt keeps the edit's fingerprint and revision, by which
    a repeated request is recognised.
    """
    revision = order.revision + 1
    kept = past_attempt(attempt, status_after(reason), check_at)
    return unlock(
        RELEASE_AND_EDIT,
        replace(order, pay_by=new.terms.pay_by),
        replace(kept, edit=AttemptEdit(new.fingerprint, revision)),
        {
            "attempt_id": attempt.attempt_id,
            "attempt_status": attempt.status,
            "caller": caller,
            "revision": order.revision,
            "version": order.version,
        },
        content_replaced(order, new.content_id, new.total, new.has_contact, new.terms),
        {"reason": reason.value, "revision": revision, "total": new.total},
        write_context,
    )
