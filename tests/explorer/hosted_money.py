"""The way back of captured money at the hosted gateway: refunds of ours, returns by hand, and disputes."""

from dataclasses import replace
from datetime import datetime

from paylatch.domain.errors import Refused
from paylatch.domain.payment import Capture, Dispute, DisputeStatus, Refund
from paylatch.ports import Notice, NoticeKind, RefundState
from tests.explorer.hosted_gateway import (
    NAME,
    Bounce,
    Gatehouse,
    Hosted,
    Standing,
    Temper,
    with_links_ended,
    with_session,
)


def queried_payment(house: Gatehouse, payment_id: str) -> Capture | None:
    """What was taken by that payment, and what went back of it by now."""
    return next((s.taken for s in house.sessions if s.capture and s.capture.payment_id == payment_id), None)


def refunded(house: Gatehouse, refund: Refund, temper: Temper) -> tuple[Gatehouse, RefundState]:
    """Captured money goes back, once a refund id."""
    session = next((s for s in house.sessions if s.capture and s.capture.payment_id == refund.payment_id), None)
    if session is None or session.capture is None:
        raise Refused(NAME, "there is no such payment")
    if session.dispute is DisputeStatus.OPEN:
        raise Refused(NAME, "the payment is disputed")
    known = refund_state(house, refund.refund_id)
    if known not in (RefundState.UNKNOWN, RefundState.FAILED):
        return house, known
    if refund.amount > session.capture.amount - session.returned:
        raise Refused(NAME, "that is more than was captured")
    state = RefundState.PENDING if temper.slow_refunds else RefundState.DONE
    refunds = (*session.refunds, (refund.refund_id, refund.amount, state))
    return with_session(house, replace(session, refunds=refunds)), state


def refund_state(house: Gatehouse, refund_id: str) -> RefundState:
    """What became of a refund."""
    found = [state for session in house.sessions for name, _, state in session.refunds if name == refund_id]
    return found[-1] if found else RefundState.UNKNOWN


def refund_bounced(house: Gatehouse, session: Hosted) -> Gatehouse:
    """A refund that was done fails: the money is back at the shop, and the gateway tells of it."""
    failed = tuple((name, amount, RefundState.FAILED) for name, amount, _ in session.refunds)
    after = replace(session, refunds=failed)
    return with_session(
        house, after, Bounce(NoticeKind.REFUND_FAILED, session.attempt_id, session.capture, number=after.bounces)
    )


def bounce_heard(house: Gatehouse, news: Bounce) -> Gatehouse:
    """The gateway's news of a refund that failed was acknowledged."""
    session = house.session_of(news.attempt_id)
    if session is None or session.bounces_heard >= news.number:
        return house
    return with_session(house, replace(session, bounces_heard=news.number))


def aged(house: Gatehouse, now: datetime, temper: Temper) -> Gatehouse:
    """The gateway after everything that time alone brings about."""
    house = with_links_ended(house, now, temper)
    return refunds_settled(house) if temper.slow_refunds else house


def refunds_settled(house: Gatehouse) -> Gatehouse:
    """Every refund that was pending is done, and told."""
    for session in house.sessions:
        if any(state is RefundState.PENDING for _, _, state in session.refunds):
            done = tuple(
                (name, amount, RefundState.DONE if state is RefundState.PENDING else state)
                for name, amount, state in session.refunds
            )
            notice = Notice(NoticeKind.REFUNDED, session.attempt_id, capture=session.capture)
            house = with_session(house, replace(session, refunds=done), notice)
    return house


def returned_by_hand(house: Gatehouse, session: Hosted, amount: int, temper: Temper) -> Gatehouse:
    """So much of the money that is still held goes back without a refund of ours; the gateway tells of the total."""
    after = replace(session, by_hand=session.by_hand + amount)
    if temper.forgets_returned and after.capture is not None and after.returned >= after.capture.amount:
        after = replace(after, standing=Standing.CLOSED)
    return with_session(house, after, Notice(NoticeKind.MONEY_RETURNED, session.attempt_id, capture=after.taken))


def disputed(house: Gatehouse, session: Hosted, status: DisputeStatus, temper: Temper) -> Gatehouse:
    """A payer contests a payment, or the bank has decided about that; what a shop loses goes back."""
    if session.capture is None:
        return house
    held = session.capture.amount - session.returned
    dispute = Dispute(f"dp_{session.attempt_id}", session.capture.payment_id, held, session.capture.currency, status)
    news = Notice(NoticeKind.DISPUTED, session.attempt_id, dispute=dispute)
    house = with_session(house, replace(session, dispute=status), news)
    now = house.session_of(session.attempt_id)
    return returned_by_hand(house, now, held, temper) if now and status is DisputeStatus.LOST else house
