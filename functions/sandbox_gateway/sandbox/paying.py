"""The payer's actions on a session, and the effects of time."""

from dataclasses import replace
from datetime import datetime, timedelta

from sandbox.refunds import with_refunds_settled
from sandbox.sessions import PAYMENT_PREFIX, Payment, Session, SessionStatus, with_webhook

MOST_FAILED_TRIES = 10
A_DEBIT_TAKES = timedelta(days=3)


def paid(session: Session, now: datetime) -> Session:
    """The session after the payer paid; a session that is not open stays as it is."""
    if session.status is not SessionStatus.OPEN:
        return session
    seconds = session.fault_plan.payment.seconds
    if not seconds:
        return _settled(session, now, now)
    return _under_way(session, now, timedelta(seconds=seconds))


def submitted(session: Session, now: datetime) -> Session:
    """The session after the payer submitted a bank debit, which takes days; one that is not open stays as it is."""
    if session.status is not SessionStatus.OPEN:
        return session
    return _under_way(session, now, timedelta(seconds=session.fault_plan.payment.seconds) or A_DEBIT_TAKES)


def confirmed(session: Session, now: datetime) -> Session:
    """The session after the bank confirmed a payment in progress; any other one stays as it is."""
    return _captured(session, now, now) if session.status is SessionStatus.IN_PROGRESS else session


def refused(session: Session, now: datetime) -> Session:
    """The session after the bank refused a payment in progress: it is over; any other one stays as it is."""
    return _ended(session, now, now) if session.status is SessionStatus.IN_PROGRESS else session


def declined(session: Session, now: datetime) -> Session:
    """The session after the payer's bank declined a try; it stays open unless that failure is final."""
    return _failed(session, now, now) if session.status is SessionStatus.OPEN else session


def advanced(session: Session, now: datetime) -> Session:
    """The session after every change that time causes, each dated when it was due."""
    if session.status is SessionStatus.IN_PROGRESS and session.settles_at is not None and session.settles_at <= now:
        session = _settled(session, now, session.settles_at)
    if session.status is SessionStatus.OPEN and session.link_expires_at <= now:
        session = with_webhook(
            replace(session, status=SessionStatus.EXPIRED), "session.expired", now, happened=session.link_expires_at
        )
    return with_refunds_settled(session, now)


def _under_way(session: Session, now: datetime, takes: timedelta) -> Session:
    under_way = replace(session, status=SessionStatus.IN_PROGRESS, settles_at=now + takes)
    return with_webhook(under_way, "payment.processing", now)


def _settled(session: Session, now: datetime, happened: datetime) -> Session:
    if session.fault_plan.payment.fails:
        return _failed(replace(session, status=SessionStatus.OPEN, settles_at=None), now, happened)
    return _captured(session, now, happened)


def _captured(session: Session, now: datetime, happened: datetime) -> Session:
    fault = session.fault_plan.payment
    payment = Payment(
        payment_id=PAYMENT_PREFIX + session.suffix,
        amount=session.terms.amount if fault.amount is None else fault.amount,
        currency=fault.currency or session.terms.currency,
        at=happened,
    )
    done = replace(session, status=SessionStatus.PAID, payment=payment, settles_at=None)
    return with_webhook(done, "payment.succeeded", now, happened=happened)


def _failed(session: Session, now: datetime, happened: datetime) -> Session:
    tries = session.failed_tries + 1
    if session.fault_plan.payment.final or tries >= MOST_FAILED_TRIES:
        return _ended(session, now, happened)
    return with_webhook(replace(session, failed_tries=tries), "payment.failed", now, happened=happened)


def _ended(session: Session, now: datetime, happened: datetime) -> Session:
    ended = replace(session, status=SessionStatus.CLOSED, settles_at=None, failed_tries=session.failed_tries + 1)
    return with_webhook(ended, "session.declined", now, happened=happened)
