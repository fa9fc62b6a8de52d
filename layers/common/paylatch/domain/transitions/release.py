"""An order is unlocked: the payment ended without paying for it."""

from dataclasses import replace
from datetime import datetime

from paylatch.domain import clauses
from paylatch.domain.attempt_edit import AttemptEdit
from paylatch.domain.changes import Change
from paylatch.domain.clauses import ClauseValues
from paylatch.domain.event_words import CAUSE
from paylatch.domain.order import Order, PaymentStatus
from paylatch.domain.payment import Attempt, CapturedPayment
from paylatch.domain.release_reasons import ReleaseReason
from paylatch.domain.transitions.attempt_changes import money, past_attempt, placed, with_payment
from paylatch.domain.transitions.causes import stored_cause
from paylatch.domain.transitions.rule import PAYING, USUAL, EventType, Rule
from paylatch.domain.transitions.transition import Transition, WriteContext
from paylatch.domain.transitions.unlocking import status_after, unlock

MONEY_WENT_BACK = "where captured money went back"
RELEASE = Rule(
    "release",
    PAYING,
    PaymentStatus.PENDING_PAYMENT,
    EventType.ORDER_UNLOCKED,
    (clauses.ATTEMPT_HOLDS_IT, clauses.ATTEMPT_STATUS_AS_READ),
    {
        USUAL: (clauses.VERSION_CHECK,),
        MONEY_WENT_BACK: (clauses.PAYMENT_HAS_NO_PLACE, clauses.VERSION_CHECK),
    },
)


def release(
    order: Order,
    attempt: Attempt,
    reason: ReleaseReason,
    check_at: datetime | None,
    write_context: WriteContext,
    returned: CapturedPayment | None = None,
    cause: str = "",
    edit: AttemptEdit | None = None,
) -> Transition:
    """The unlocking unit: the same order is pending payment again.

    `check_at` is set while the link stays live. `returned` is money that was captured and has gone back whole since.
    `cause` is what the gateway said when it refused to open the payment. `edit` is one that changes nothing, for which
    the attempt was stopped.
    """
    after = order if returned is None else with_payment(order, returned)
    changes: tuple[Change, ...] = () if returned is None else placed(returned, order)
    sums = {} if returned is None else money(returned.capture)
    values: ClauseValues = {
        "attempt_id": attempt.attempt_id,
        "attempt_status": attempt.status,
        "version": order.version,
    }
    if returned is not None:
        values["payment_id"] = returned.payment_id
    return unlock(
        RELEASE,
        after,
        replace(past_attempt(attempt, status_after(reason), check_at), edit=edit),
        values,
        changes,
        {"reason": reason.value, **sums, **({CAUSE: stored_cause(cause)} if cause else {})},
        write_context,
        USUAL if returned is None else MONEY_WENT_BACK,
    )
