"""Money that arrives when its attempt no longer holds the order, and its way back."""

from dataclasses import replace
from datetime import datetime

from paylatch.domain import guards
from paylatch.domain.changes import Put, Remove
from paylatch.domain.documents import refund_document
from paylatch.domain.guards import Clause
from paylatch.domain.moments import as_text
from paylatch.domain.order import Order
from paylatch.domain.payment import (
    AttemptStatus,
    Capture,
    Refund,
    RefundStatus,
    SupersededAttempt,
)
from paylatch.domain.transitions.pieces import captured, money, overdue, owed, superseded_as
from paylatch.domain.transitions.transition import Stamp, Transition, transition


def accept_late(order: Order, attempt: SupersededAttempt, capture: Capture, stamp: Stamp) -> Transition:
    """Late money for the very revision that is still there, with nobody else paying: it pays for the order."""
    return transition(
        "accept_late",
        stamp,
        (guards.revision_is(attempt.revision), guards.version_is(order.version)),
        (
            Put(("attempt_id",), attempt.attempt_id),
            Put(("attempt_status",), AttemptStatus.SUCCEEDED.value),
            Put(("attempt_amount",), attempt.amount),
            Put(("attempt_currency",), attempt.currency),
            Put(("attempt_revision",), attempt.revision),
            Put(("attempt_gateway",), attempt.gateway),
            Put(("attempt_since",), as_text(attempt.since)),
            Put(("attempt_deadline",), as_text(attempt.deadline)),
            Put(("attempt_return_url",), ""),
            Put(("attempt_fingerprint",), attempt.fingerprint),
            *((Put(("attempt_session",), attempt.session_id),) if attempt.session_id else ()),
            *captured(capture),
            Remove(("superseded", attempt.attempt_id)),
            owed(order, without_check_of=attempt.attempt_id),
        ),
        attempt.attempt_id,
        {**money(capture), "late": 1},
    )


def owe_refund(order: Order, refund: Refund, stamp: Stamp) -> Transition:
    """Captured money that does not pay for the order gets a durable intent to give it back."""
    late = _attempt_of(order, refund)
    marks = (superseded_as(replace(late, status=AttemptStatus.REFUND_DUE, check_at=None)),) if late else ()
    return transition(
        "owe_refund",
        stamp,
        (
            guards.payment_is_unrecorded(refund.payment_id),
            guards.version_is(order.version),
        ),
        (
            Put(("refunds", refund.payment_id), refund_document(refund)),
            *marks,
            owed(order, also=refund.next_at, without_check_of=late.attempt_id if late else None),
        ),
        refund.attempt_id,
        {
            "payment_id": refund.payment_id,
            "amount": refund.amount,
            "reason": refund.reason,
        },
    )


def delay_refund(order: Order, refund: Refund, next_at: datetime, cause: str, stamp: Stamp) -> Transition:
    """The gateway has not confirmed the refund: ask again at `next_at`."""
    later = replace(refund, tries=refund.tries + 1, next_at=next_at)
    return transition(
        "delay_refund",
        stamp,
        (guards.refund_is_due(refund.payment_id), guards.version_is(order.version)),
        (
            Put(("refunds", refund.payment_id), refund_document(later)),
            owed(order, replacing=later),
            *overdue(order, later),
        ),
        refund.attempt_id,
        {"payment_id": refund.payment_id, "next_at": as_text(next_at), "cause": cause},
    )


def refunded(order: Order, refund: Refund, stamp: Stamp) -> Transition:
    """The gateway confirmed the refund: nothing is owed for that payment any more."""
    done = replace(refund, status=RefundStatus.REFUNDED)
    return _refund_turns("refunded", order, done, guards.refund_is_due(refund.payment_id), stamp)


def refund_failed(order: Order, refund: Refund, stamp: Stamp) -> Transition:
    """A refund failed, confirmed or not: it is owed, and the gateway is asked at once."""
    again = replace(refund, status=RefundStatus.DUE, tries=refund.tries + 1, next_at=stamp.at)
    return _refund_turns("refund_failed", order, again, guards.refund_is_recorded(refund.payment_id), stamp)


def _refund_turns(name: str, order: Order, refund: Refund, stood: Clause, stamp: Stamp) -> Transition:
    late = _attempt_of(order, refund)
    # One attempt may have been paid twice.
    others = {**order.refunds, refund.payment_id: refund}.values()
    owed_still = any(other.status is RefundStatus.DUE and _attempt_of(order, other) == late for other in others)
    status = AttemptStatus.REFUND_DUE if owed_still else AttemptStatus.REFUNDED
    return transition(
        name,
        stamp,
        (stood, guards.version_is(order.version)),
        (
            Put(("refunds", refund.payment_id), refund_document(refund)),
            *((superseded_as(replace(late, status=status)),) if late else ()),
            owed(order, replacing=refund),
            *overdue(order, refund),
        ),
        refund.attempt_id,
        {"payment_id": refund.payment_id, "amount": refund.amount},
    )


def _attempt_of(order: Order, refund: Refund) -> SupersededAttempt | None:
    """The attempt that the money came for, where the order let it go and the money came by its own gateway."""
    late = order.superseded.get(refund.attempt_id)
    return late if late is not None and late.gateway == refund.gateway else None
