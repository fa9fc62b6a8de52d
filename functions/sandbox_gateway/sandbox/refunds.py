"""Refunds of captured money, requested by the shop or made by hand at the provider."""

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
    """This refund is not possible; `code` gives the reason."""

    def __init__(self, code: str, detail: str) -> None:
        super().__init__(detail)
        self.code = code


def refunded(session: Session, refund_id: str, amount: int, fault: Fault | None, now: datetime) -> Session:
    """The session with that refund.

    A repeated request changes nothing, unless the refund failed: then it starts again.
    """
    known = refund_of(session, refund_id)
    if known and known.amount != amount and known.status is not RefundStatus.FAILED:
        raise RefundImpossible("refund-differs", f"Refund {refund_id} is one of {known.amount}.")
    if known and known.status is not RefundStatus.FAILED:
        return session
    if session.dispute and session.dispute.status is DisputeStatus.OPEN:
        raise RefundImpossible("payment-disputed", "The payment is disputed: the dispute decides.")
    _require_held(session, amount)
    if fault and fault.fault is FaultKind.NO_BALANCE:
        raise RefundImpossible("balance-too-low", "The fault plan leaves the balance too low for this refund.")
    others = tuple(refund for refund in session.refunds if refund.refund_id != refund_id)
    return replace(session, refunds=(*others, _new(refund_id, amount, fault, now)))


def refunded_by_hand(session: Session, amount: int | None, now: datetime) -> Session:
    """The session after a refund by hand of that amount, or of all that is left, with a callback about it."""
    amount = session.held if amount is None else amount
    _require_held(session, amount)
    if not amount:
        raise RefundImpossible("nothing-held", "Nothing of a payment is left here.")
    refund_id = f"hand_{session.suffix}_{len(session.refunds) + 1}"
    refund = Refund(refund_id=refund_id, amount=amount, status=RefundStatus.DONE, manually_returned=True, at=now)
    changed = replace(session, refunds=(*session.refunds, refund))
    return with_webhook(changed, "payment.refunded", now, refund=refund_document(refund))


def with_refunds_settled(session: Session, now: datetime) -> Session:
    """The session after the pending refunds that are due were made, with a callback about each."""
    for refund in session.refunds:
        if refund.status is RefundStatus.PENDING and refund.settles_at is not None and refund.settles_at <= now:
            status = RefundStatus.FAILED if refund.fails else RefundStatus.DONE
            ended = replace(refund, status=status, settles_at=None, at=refund.settles_at)
            refunds = tuple(ended if other is refund else other for other in session.refunds)
            kind = "refund.failed" if refund.fails else "refund.succeeded"
            settled = replace(session, refunds=refunds)
            session = with_webhook(settled, kind, now, happened=refund.settles_at, refund_id=refund.refund_id)
    return session


def refund_of(session: Session, refund_id: str) -> Refund | None:
    """That refund; None where it was never requested."""
    return next((refund for refund in session.refunds if refund.refund_id == refund_id), None)


def refund_document(refund: Refund) -> dict[str, Any]:
    """A refund as responses show it."""
    shown = {"refund_id": refund.refund_id, "amount": refund.amount, "status": refund.status.value}
    return {**shown, "manually_returned": True} if refund.manually_returned else shown


def captured_amount(session: Session) -> int:
    """The captured amount of the session, in minor units."""
    return session.payment.amount if session.payment else 0


def ledger_of(session: Session) -> dict[str, Any]:
    """The incoming and outgoing money of one attempt."""
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
        return Refund(refund_id=refund_id, amount=amount, status=RefundStatus.DONE, at=now)
    seconds = PENDING_SECONDS if fault.seconds is None else fault.seconds
    return Refund(
        refund_id=refund_id,
        amount=amount,
        status=RefundStatus.PENDING,
        settles_at=now + timedelta(seconds=seconds),
        fails=kind is FaultKind.FAIL,
        at=now,
    )
