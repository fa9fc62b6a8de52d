"""Late money pays for the order."""

from dataclasses import replace
from typing import Any

from paylatch.domain import clauses
from paylatch.domain.attempt_documents import attempt_document
from paylatch.domain.changes import Remove, Set
from paylatch.domain.guards import past_attempt_path
from paylatch.domain.order import Order, PaymentStatus
from paylatch.domain.payment import AttemptStatus, CapturedPayment, PastAttempt
from paylatch.domain.transitions.attempt_changes import (
    attention,
    follow_up,
    money,
    paid_at,
    placed,
    with_payment,
)
from paylatch.domain.transitions.rule import PENDING, EventType, Rule
from paylatch.domain.transitions.transition import Transition, WriteContext, transition

ACCEPT_LATE = Rule(
    "accept_late",
    PENDING,
    PaymentStatus.PAID,
    EventType.ORDER_PAID,
    (
        clauses.revision_is("the revision is the one that the late attempt was for"),
        clauses.PAYMENT_HAS_NO_PLACE,
        clauses.VERSION_CHECK,
    ),
)


def accept_late(
    order: Order, attempt: PastAttempt, payment: CapturedPayment, write_context: WriteContext
) -> Transition:
    """Late money pays for the order, which is still at the attempt's revision and is not being paid."""
    rest = {key: value for key, value in order.past_attempts.items() if key != attempt.attempt_id}
    after = replace(with_payment(order, payment), status=PaymentStatus.PAID, past_attempts=rest)
    return transition(
        ACCEPT_LATE,
        write_context,
        {"revision": attempt.revision, "payment_id": payment.payment_id, "version": order.version},
        (
            Set(("attempt",), _succeeded(attempt, payment)),
            *placed(payment, order),
            *paid_at(payment, write_context.at),
            Remove(past_attempt_path(attempt.attempt_id)),
            follow_up(after),
            *attention(after),
        ),
        attempt.attempt_id,
        {**money(payment.capture), "late": 1},
    )


def _succeeded(attempt: PastAttempt, payment: CapturedPayment) -> dict[str, Any]:
    return attempt_document(
        attempt.attempt_id,
        AttemptStatus.SUCCEEDED,
        attempt.gateway,
        attempt.since,
        attempt.deadline,
        attempt.fingerprint,
        session=attempt.session_id,
        captured_payment=payment.payment_id,
    )
