"""Captured money goes back: the shop asks for it, or somebody does it by hand at the provider."""

from dataclasses import replace
from datetime import datetime, timedelta
from typing import Any

from sandbox.fault_plan import Fault, FaultKind
from sandbox.sessions import (
    DisputeStatus,
    Refund,
    RefundStatus,
    Session,
    dispute_document,
    payment_document,
    with_webhook,
)

PENDING_SECONDS = 60


class RefundImpossible(Exception):
    """This refund can never be made; `code` says why."""

    def __init__(self, code: str, detail: str) -> None:
        super().__init__(detail)
        self.code = code


def refunded(session: Session, refund_id: str, amount: int, fault: Fault | None, now: datetime) -> Session:
    """The session with that refund. Asked again it stays as it is, unless the refund failed: then it is tried anew."""
    known = refund_of(session, refund_id)
    if known and known.amount != amount and known.status is not RefundStatus.FAILED:
        raise RefundImpossible("refund-differs", f"Refund {refund_id} is one of {known.amount}.")
    if known and known.status is not RefundStatus.FAILED:
        return session
    if session.dispute and session.dispute.status is DisputeStatus.OPEN:
        raise RefundImpossible("payment-disputed", "The payment is disputed: the dispute decides.")
    _require_held(session, amount)
    if fault and fault.fault is FaultKind.NO_BALANCE:
        raise RefundImpossible("balance-too-low", "The sandbox was told to have no money for this.")
    others = tuple(refund for refund in session.refunds if refund.refund_id != refund_id)
    return replace(session, refunds=(*others, _new(refund_id, amount, fault, now)))


def refunded_by_hand(session: Session, amount: int | None, now: datetime) -> Session:
    """The session after somebody refunded that much, or all that is left, at the provider; the shop is told."""
    amount = session.held if amount is None else amount
    _require_held(session, amount)
    if not amount:
        raise RefundImpossible("nothing-held", "Nothing of a payment is left here.")
    refund_id = f"hand_{session.suffix}_{len(session.refunds) + 1}"
    refund = Refund(refund_id=refund_id, amount=amount, status=RefundStatus.DONE, manually_returned=True)
    changed = replace(session, refunds=(*session.refunds, refund))
    return with_webhook(changed, "payment.refunded", now, refund=refund_document(refund))


def with_refunds_settled(session: Session, now: datetime) -> Session:
    """The session after the pending refunds whose time has come. The shop could not know: a callback tells it."""
    for refund in session.refunds:
        if refund.status is RefundStatus.PENDING and refund.settles_at is not None and refund.settles_at <= now:
            ended = replace(refund, status=RefundStatus.FAILED if refund.fails else RefundStatus.DONE, settles_at=None)
            refunds = tuple(ended if other is refund else other for other in session.refunds)
            kind = "refund.failed" if refund.fails else "refund.succeeded"
            settled = replace(session, refunds=refunds)
            session = with_webhook(settled, kind, now, happened=refund.settles_at, refund_id=refund.refund_id)
    return session


def refund_of(session: Session, refund_id: str) -> Refund | None:
    """That refund, if it was ever asked for."""
    return next((refund for refund in session.refunds if refund.refund_id == refund_id), None)


def refund_document(refund: Refund) -> dict[str, Any]:
    """A refund as answers show it."""
    shown = {"refund_id": refund.refund_id, "amount": refund.amount, "status": refund.status.value}
    return {**shown, "manually_returned": True} if refund.manually_returned else shown


def captured_amount(session: Session) -> int:
    """What the session took."""
    return session.payment.amount if session.payment else 0


def ledger_of(session: Session) -> dict[str, Any]:
    """The money of one attempt, in and out."""
    done = (refund.amount for refund in session.refunds if refund.status is RefundStatus.DONE)
    return {
        "attempt_id": session.terms.attempt_id,
        "session_id": session.session_id,
        "payment": payment_document(session, session.payment) if session.payment else None,
        "captured": captured_amount(session),
        "refunded": sum(done),
        "lost": session.lost,
        "refunds": [refund_document(refund) for refund in session.refunds],
        "dispute": dispute_document(session.dispute) if session.dispute else None,
    }


def _require_held(session: Session, amount: int) -> None:
    if amount > session.held:
        raise RefundImpossible("refund-exceeds-payment", f"Of this payment {session.held} can still be refunded.")


def _new(refund_id: str, amount: int, fault: Fault | None, now: datetime) -> Refund:
    kind = fault.fault if fault else None
    if fault is None or kind not in (FaultKind.PENDING, FaultKind.FAIL):
        return Refund(refund_id=refund_id, amount=amount, status=RefundStatus.DONE)
    seconds = PENDING_SECONDS if fault.seconds is None else fault.seconds
    return Refund(
        refund_id=refund_id,
        amount=amount,
        status=RefundStatus.PENDING,
        settles_at=now + timedelta(seconds=seconds),
        fails=kind is FaultKind.FAIL,
    )
