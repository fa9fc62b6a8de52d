"""Disputes: the payer contests a payment at the bank, and the bank decides."""

from dataclasses import replace
from datetime import datetime, timedelta

from sandbox.sessions import Dispute, DisputeStatus, Session, dispute_document, with_webhook

TIME_FOR_EVIDENCE = timedelta(days=7)


class DisputeImpossible(Exception):
    """This dispute is not possible; the text gives the reason."""


def disputed(session: Session, status: DisputeStatus, amount: int | None, now: datetime) -> Session:
    """The session after its dispute was opened, won or lost, with a callback about it.

    The same request again changes nothing. A dispute covers that amount of the payment, or all that is left of it.
    """
    if session.dispute and session.dispute.status is status:
        return session
    return _opened(session, amount, now) if status is DisputeStatus.OPEN else _ended(session, status, now)


def _opened(session: Session, amount: int | None, now: datetime) -> Session:
    amount = session.held if amount is None else amount
    if session.dispute:
        raise DisputeImpossible("This payment was disputed before.")
    if not 0 < amount <= session.held:
        raise DisputeImpossible(f"Of this payment {session.held} can be disputed.")
    dispute = Dispute(
        dispute_id=f"dp_{session.suffix}",
        amount=amount,
        status=DisputeStatus.OPEN,
        evidence_due=now + TIME_FOR_EVIDENCE,
        at=now,
    )
    return _with_dispute_webhook(replace(session, dispute=dispute), dispute, "dispute.opened", now)


def _ended(session: Session, status: DisputeStatus, now: datetime) -> Session:
    if session.dispute is None or session.dispute.status is not DisputeStatus.OPEN:
        raise DisputeImpossible("No dispute is open here.")
    dispute = replace(session.dispute, status=status, at=now)
    return _with_dispute_webhook(replace(session, dispute=dispute), dispute, f"dispute.{status}", now)


def _with_dispute_webhook(session: Session, dispute: Dispute, kind: str, now: datetime) -> Session:
    return with_webhook(session, kind, now, dispute=dispute_document(dispute))
