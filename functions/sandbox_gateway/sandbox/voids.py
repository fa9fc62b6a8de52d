"""Voids: the shop closes a session, so that it can no longer be paid."""

from dataclasses import replace
from datetime import datetime
from enum import StrEnum

from sandbox.fault_plan import FaultKind
from sandbox.sessions import Session, SessionStatus, with_webhook


class VoidResult(StrEnum):
    """The answers to a void."""

    VOIDED = "voided"
    ALREADY_CLOSED = "already_closed"
    ALREADY_PAID = "already_paid"
    IN_PROGRESS = "in_progress"
    NOT_VOIDABLE = "not_voidable"


_NOT_OPEN = {
    SessionStatus.PAID: VoidResult.ALREADY_PAID,
    SessionStatus.IN_PROGRESS: VoidResult.IN_PROGRESS,
    SessionStatus.CLOSED: VoidResult.ALREADY_CLOSED,
    SessionStatus.EXPIRED: VoidResult.ALREADY_CLOSED,
}
_FAULT_RESULTS = {
    FaultKind.IN_PROGRESS: VoidResult.IN_PROGRESS,
    FaultKind.NOT_VOIDABLE: VoidResult.NOT_VOIDABLE,
    FaultKind.PRETEND: VoidResult.VOIDED,
}


def voided(session: Session, fault: FaultKind | None, now: datetime) -> tuple[Session, VoidResult]:
    """The session after a void, and the result for the shop; usually no callback follows."""
    if session.status is not SessionStatus.OPEN:
        return session, _NOT_OPEN[session.status]
    if fault is not None and fault in _FAULT_RESULTS:
        return session, _FAULT_RESULTS[fault]
    closed = replace(session, status=SessionStatus.CLOSED)
    if fault is FaultKind.ANNOUNCE:
        closed = with_webhook(closed, "session.closed", now)
    return closed, VoidResult.VOIDED
