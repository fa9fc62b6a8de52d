"""The way back of captured money at the hosted gateway: refunds of ours, returns by hand, and disputes."""

from dataclasses import replace
from datetime import datetime

from paylatch.domain.errors import Refused
from paylatch.domain.payment import Capture, Dispute, DisputeStatus, Refund
from paylatch.ports import GatewayEvent, GatewayEventKind, RefundState
from tests.model_checker.simulated_gateway import (
    NAME,
    GatewayProfile,
    GatewaySession,
    GatewayState,
    RefundFailedEvent,
    SessionStatus,
    with_links_ended,
    with_session,
)


def queried_payment(gateway_state: GatewayState, payment_id: str) -> Capture | None:
    """The capture of that payment, and the sum returned by now."""
    return next(
        (s.current_capture for s in gateway_state.sessions if s.capture and s.capture.payment_id == payment_id), None
    )


def refunded(gateway_state: GatewayState, refund: Refund, profile: GatewayProfile) -> tuple[GatewayState, RefundState]:
    """Captured money goes back, once a refund id; a repeated request gets the first one's state, disputed or not."""
    session = next((s for s in gateway_state.sessions if s.capture and s.capture.payment_id == refund.payment_id), None)
    if session is None or session.capture is None:
        raise Refused(NAME, "there is no such payment")
    known = refund_state(gateway_state, refund.refund_id)
    if known not in (RefundState.UNKNOWN, RefundState.FAILED):
        return gateway_state, known
    if session.dispute is DisputeStatus.OPEN:
        raise Refused(NAME, "the payment is disputed")
    if refund.amount > session.capture.amount - session.returned:
        raise Refused(NAME, "that is more than was captured")
    state = RefundState.PENDING if profile.slow_refunds else RefundState.DONE
    refunds = (*session.refunds, (refund.refund_id, refund.amount, state))
    return with_session(gateway_state, replace(session, refunds=refunds)), state


def refund_state(gateway_state: GatewayState, refund_id: str) -> RefundState:
    """The state of a refund."""
    found = [state for session in gateway_state.sessions for name, _, state in session.refunds if name == refund_id]
    return found[-1] if found else RefundState.UNKNOWN


def with_failed_refund(gateway_state: GatewayState, session: GatewaySession) -> GatewayState:
    """The last refund fails after it succeeded: the money is back at the shop, and the gateway reports it."""
    *others, (name, amount, _) = session.refunds
    after = replace(session, refunds=(*others, (name, amount, RefundState.FAILED)))
    return with_session(
        gateway_state,
        after,
        RefundFailedEvent(
            GatewayEventKind.REFUND_FAILED,
            session.attempt_id,
            session.capture,
            refund_id=name,
            number=after.failed_refunds,
        ),
    )


def with_failed_refund_acknowledged(gateway_state: GatewayState, event: RefundFailedEvent) -> GatewayState:
    """The gateway's report of a failed refund is acknowledged."""
    session = gateway_state.session_of(event.attempt_id)
    if session is None or session.failed_refunds_acknowledged >= event.number:
        return gateway_state
    return with_session(gateway_state, replace(session, failed_refunds_acknowledged=event.number))


def with_time_passed(gateway_state: GatewayState, now: datetime, profile: GatewayProfile) -> GatewayState:
    """The gateway after everything that time alone brings about."""
    gateway_state = with_links_ended(gateway_state, now, profile)
    return with_refunds_settled(gateway_state) if profile.slow_refunds else gateway_state


def with_refunds_settled(gateway_state: GatewayState) -> GatewayState:
    """Every pending refund succeeds, and is reported."""
    for session in gateway_state.sessions:
        if any(state is RefundState.PENDING for _, _, state in session.refunds):
            done = tuple(
                (name, amount, RefundState.DONE if state is RefundState.PENDING else state)
                for name, amount, state in session.refunds
            )
            gateway_events = [
                GatewayEvent(GatewayEventKind.REFUNDED, session.attempt_id, session.capture, refund_id=name)
                for name, _, state in session.refunds
                if state is RefundState.PENDING
            ]
            gateway_state = with_session(gateway_state, replace(session, refunds=done), *gateway_events)
    return gateway_state


def with_manual_return(
    gateway_state: GatewayState, session: GatewaySession, amount: int, profile: GatewayProfile
) -> GatewayState:
    """That much of the money still held goes back without a refund of ours; the gateway reports the total."""
    after = replace(session, manually_returned=session.manually_returned + amount)
    if profile.hides_returned_payments and after.capture is not None and after.returned >= after.capture.amount:
        after = replace(after, status=SessionStatus.CLOSED)
    return with_session(
        gateway_state,
        after,
        GatewayEvent(GatewayEventKind.MONEY_RETURNED, session.attempt_id, capture=after.current_capture),
    )


def disputed(
    gateway_state: GatewayState, session: GatewaySession, status: DisputeStatus, profile: GatewayProfile
) -> GatewayState:
    """A payer disputes a payment, or the bank decides the dispute; the sum that a shop loses goes back."""
    if session.capture is None:
        return gateway_state
    held = session.capture.amount - session.returned
    dispute = Dispute(f"dp_{session.attempt_id}", session.capture.payment_id, held, session.capture.currency, status)
    event = GatewayEvent(GatewayEventKind.DISPUTED, session.attempt_id, dispute=dispute)
    gateway_state = with_session(gateway_state, replace(session, dispute=status), event)
    now = gateway_state.session_of(session.attempt_id)
    return (
        with_manual_return(gateway_state, now, held, profile) if now and status is DisputeStatus.LOST else gateway_state
    )
