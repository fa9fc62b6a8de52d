"""An order is unlocked: the payment ended without paying for it."""

from datetime import datetime

from paylatch.domain import guards
from paylatch.domain.changes import Change
from paylatch.domain.order import Order, PaymentStatus
from paylatch.domain.payment import Attempt, CapturedPayment, status_after
from paylatch.domain.release_reasons import ReleaseReason
from paylatch.domain.transitions.attempt_changes import money, past_attempt, placed, with_payment
from paylatch.domain.transitions.rule import PAYING, EventType, Rule
from paylatch.domain.transitions.transition import Transition, WriteContext
from paylatch.domain.transitions.unlocking import unlock

RELEASE = Rule("release", PAYING, PaymentStatus.PENDING_PAYMENT, EventType.ORDER_UNLOCKED)


def release(
    order: Order,
    attempt: Attempt,
    reason: ReleaseReason,
    check_at: datetime | None,
    write_context: WriteContext,
    returned: CapturedPayment | None = None,
) -> Transition:
    """The unlocking unit: the same order is pending payment again.

    `check_at` is set while the link stays live. `returned` is money that was captured and has gone back whole since.
    """
    after = order if returned is None else with_payment(order, returned)
    changes: tuple[Change, ...] = () if returned is None else (placed(returned),)
    clauses = () if returned is None else (guards.payment_has_no_place(returned.payment_id),)
    sums = {} if returned is None else money(returned.capture)
    return unlock(
        RELEASE,
        after,
        past_attempt(attempt, status_after(reason), check_at),
        (guards.attempt_stands_at(attempt.status), *clauses),
        changes,
        {"reason": reason.value, **sums},
        write_context,
    )
