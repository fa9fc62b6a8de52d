"""A payment gateway as one frozen value, and pure functions from one to the next.

It follows the sandbox gateway's rules (a test shows that both agree) without its HTTP, signatures and timestamps: it
holds only what can make a difference, so that equal histories give equal values. The checker merges states by these
values and keeps millions of them, so neither gateway of `tests/fakes` can stand in for it.
"""

from dataclasses import dataclass, replace
from datetime import datetime, timedelta
from enum import StrEnum

from paylatch.domain.errors import Refused
from paylatch.domain.payment import Capture, DisputeStatus
from paylatch.domain.release_reasons import ReleaseReason
from paylatch.ports import (
    GatewayEvent,
    GatewayEventKind,
    RefundState,
    ReleasePolicy,
    Session,
    SessionReport,
    SessionRequest,
    SessionState,
    VoidAnswer,
    VoidKind,
)

NAME = "hosted"


class StatementTimes(StrEnum):
    """Which times a gateway's statements carry; `AT_DELIVERY`: of a payment, the time of the delivery."""

    NEVER = "never"
    ACTUAL = "truly"
    AT_DELIVERY = "as sent"


@dataclass(frozen=True, slots=True, kw_only=True)
class GatewayProfile:
    """What kind of gateway it is.

    `voidable`: a void closes the session; otherwise the payer's link stays live to its end. `void_stops_payment`: after
    a void no money can come; otherwise a payment may be under way all the same. `declines`: the payer's bank may say
    no. `slow`: a payment is in progress until the bank has decided. `shortfall`: so much less is captured than was
    asked for; `currency`: in another one. `slow_refunds`: a refund is pending before it is done. `refunds_can_fail`:
    one that was done may fail after all. `manual_refunds`: somebody may give money back at the gateway by hand, a part
    of it; all where `hides_returned_payments`, and then the payment reads like a session that came to nothing.
    `disputes`: a payer may contest a payment; none is refunded then. `reports_voids`: a session that a call of ours
    closed is reported by a callback as well. `statement_times`: which times its statements carry. `shortest_session`:
    how long a link lives at least. `link_overrun`: so much longer than was asked for. `reports_link_expiry`: whether it
    says when a link that it cannot close will be dead.
    """

    name: str
    voidable: bool = True
    void_stops_payment: bool = True
    declines: bool = False
    slow: bool = False
    shortfall: int = 0
    currency: str | None = None
    slow_refunds: bool = False
    refunds_can_fail: bool = False
    manual_refunds: bool = False
    hides_returned_payments: bool = False
    disputes: bool = False
    reports_voids: bool = False
    statement_times: StatementTimes = StatementTimes.NEVER
    shortest_session: timedelta = timedelta(minutes=30)
    link_overrun: timedelta = timedelta()
    reports_link_expiry: bool = True
    policy: ReleasePolicy = ReleasePolicy.FENCED

    @property
    def void_is_final(self) -> bool:
        """Whether no money can come after a void."""
        return self.voidable and self.void_stops_payment

    def statement_time(self, at: datetime | None) -> datetime | None:
        """The time of a statement, where it carries one."""
        return None if self.statement_times is StatementTimes.NEVER else at

    def payment_statement_time(self, at: datetime) -> datetime | None:
        """The time of a payment as its callback is made."""
        return at if self.statement_times is StatementTimes.ACTUAL else None

    @property
    def waits_for_links(self) -> bool:
        """Whether an order stays locked until a link that cannot be voided is dead."""
        return not self.voidable and self.policy is ReleasePolicy.STRICT

    @property
    def captures_other_amount(self) -> bool:
        """Whether other money is captured than was asked for."""
        return bool(self.shortfall or self.currency)


class SessionStatus(StrEnum):
    """Where a session stands at the gateway."""

    OPEN = "open"
    IN_PROGRESS = "in progress"
    PAID = "paid"
    CLOSED = "closed"


@dataclass(frozen=True, slots=True, kw_only=True)
class GatewaySession:
    """A session.

    `link_issued`: its link was handed to the payer. `closed_for`: for which reasons the process of ours that closed it
    may have done so; empty where none did, or where it is not reported. `payment_in_progress`: closed, but money may
    still come. `manually_returned`: what went back without a refund of ours, as by a dispute that was lost.
    `failed_refunds_acknowledged`: the news that its refund failed for so many times was acknowledged, so that it is not
    reported again.
    """

    attempt_id: str
    status: SessionStatus
    amount: int = 0
    currency: str = ""
    link_expires_at: datetime | None = None
    link_issued: bool = False
    payment_in_progress: bool = False
    declined: bool = False
    closed_for: frozenset[ReleaseReason] = frozenset()
    failed_refunds_acknowledged: int = 0
    capture: Capture | None = None
    manually_returned: int = 0
    dispute: DisputeStatus | None = None
    refunds: tuple[tuple[str, int, RefundState], ...] = ()

    @property
    def payable(self) -> bool:
        """Whether the payer can still bring money through the link that they hold."""
        return self.link_issued and (self.status is SessionStatus.OPEN or self.payment_in_progress)

    @property
    def last_refund_failed(self) -> bool:
        """Whether the last refund that was asked for failed."""
        return bool(self.refunds) and self.refunds[-1][2] is RefundState.FAILED

    @property
    def failed_refunds(self) -> int:
        """How many refunds failed after they were done."""
        return [state for _, _, state in self.refunds].count(RefundState.FAILED)

    @property
    def returned(self) -> int:
        """What went back, or is on its way."""
        return self.manually_returned + sum(
            amount for _, amount, state in self.refunds if state is not RefundState.FAILED
        )

    @property
    def current_capture(self) -> Capture | None:
        """The money as the gateway reports it now."""
        return replace(self.capture, returned=self.returned) if self.capture else None


@dataclass(frozen=True, slots=True)
class RefundFailedEvent(GatewayEvent):
    """The report that a refund failed after it succeeded, with its number: each has a callback of its own."""

    number: int = 0


@dataclass(frozen=True, slots=True)
class GatewayState:
    """All sessions of the gateway, and its undelivered callbacks; they may arrive in any order."""

    sessions: tuple[GatewaySession, ...] = ()
    gateway_events: tuple[GatewayEvent, ...] = ()

    def session_of(self, attempt_id: str) -> GatewaySession | None:
        """The session of that attempt, if there is one."""
        return next((session for session in self.sessions if session.attempt_id == attempt_id), None)


def with_session(gateway_state: GatewayState, session: GatewaySession, *gateway_events: GatewayEvent) -> GatewayState:
    """The gateway with that session as it is now, and with more callbacks."""
    others = (session if known.attempt_id == session.attempt_id else known for known in gateway_state.sessions)
    sessions = tuple(others) if gateway_state.session_of(session.attempt_id) else (*gateway_state.sessions, session)
    reported_events = {*gateway_state.gateway_events, *gateway_events}
    return GatewayState(sessions, tuple(sorted(reported_events, key=_sort_key)))


def _sort_key(gateway_event: GatewayEvent) -> tuple[str, str, str, int, int]:
    number = (
        gateway_event.number
        if isinstance(gateway_event, RefundFailedEvent)
        else gateway_event.capture.returned
        if gateway_event.capture
        else 0
    )
    payment, amount = (
        (gateway_event.capture.payment_id, gateway_event.capture.amount) if gateway_event.capture else ("", 0)
    )
    status = gateway_event.dispute.status.value if gateway_event.dispute else ""
    return (gateway_event.attempt_id, gateway_event.kind + status + gateway_event.refund_id, payment, amount, number)


def opened(
    gateway_state: GatewayState, request: SessionRequest, profile: GatewayProfile, now: datetime
) -> tuple[GatewayState, Session]:
    """One session an attempt, however often it is asked for; none that was closed or would be over already."""
    known = gateway_state.session_of(request.attempt_id)
    if known is None:
        if request.expires_at <= now:
            raise Refused(NAME, "it would be over already")
        known = GatewaySession(
            attempt_id=request.attempt_id,
            status=SessionStatus.OPEN,
            amount=request.amount,
            currency=request.currency,
            link_expires_at=request.expires_at + profile.link_overrun,
        )
        gateway_state = with_session(gateway_state, known)
    elif (known.amount, known.currency) != (request.amount, request.currency):
        raise Refused(NAME, "this attempt was opened or voided differently")
    return gateway_state, Session(session_name(request.attempt_id), f"pay/{request.attempt_id}")


def session_name(attempt_id: str) -> str:
    """The gateway's name of an attempt's session."""
    return f"cs_{attempt_id}"


def voided(
    gateway_state: GatewayState, attempt_id: str, profile: GatewayProfile, now: datetime
) -> tuple[GatewayState, VoidAnswer]:
    """The session is closed where it can be; one that was never opened is closed permanently."""
    known = gateway_state.session_of(attempt_id)
    if known is None:
        tombstone = GatewaySession(attempt_id=attempt_id, status=SessionStatus.CLOSED)
        return with_session(gateway_state, tombstone), VoidAnswer(VoidKind.VOIDED)
    match known.status:
        case SessionStatus.PAID:
            return gateway_state, VoidAnswer(VoidKind.ALREADY_PAID, capture=known.current_capture)
        case SessionStatus.IN_PROGRESS:
            return gateway_state, VoidAnswer(VoidKind.PROCESSING)
        case SessionStatus.CLOSED:
            return gateway_state, VoidAnswer(VoidKind.ALREADY_CLOSED)
    if not profile.voidable:
        return gateway_state, VoidAnswer(
            VoidKind.NOT_VOIDABLE, until=known.link_expires_at if profile.reports_link_expiry else None
        )
    closed = replace(known, status=SessionStatus.CLOSED, payment_in_progress=not profile.void_stops_payment)
    reported_events = (
        (GatewayEvent(GatewayEventKind.CLOSED, attempt_id, stated_at=profile.statement_time(now)),)
        if profile.reports_voids
        else ()
    )
    return with_session(gateway_state, closed, *reported_events), VoidAnswer(VoidKind.VOIDED)


def with_link_issued(gateway_state: GatewayState, attempt_id: str) -> GatewayState:
    """The payer learns the link of that attempt's session."""
    session = gateway_state.session_of(attempt_id)
    return (
        with_session(gateway_state, replace(session, link_issued=True))
        if session and not session.link_issued
        else gateway_state
    )


def closed_for(gateway_state: GatewayState, attempt_id: str, reasons: frozenset[ReleaseReason]) -> GatewayState:
    """A process of ours has closed that session, for one of these reasons."""
    session = gateway_state.session_of(attempt_id)
    if session is None or session.closed_for or session.status is not SessionStatus.CLOSED:
        return gateway_state
    return with_session(gateway_state, replace(session, closed_for=reasons))


def may_change(gateway_state: GatewayState, method: str, subject: object, profile: GatewayProfile) -> bool:
    """Whether that call can change anything at the gateway, now or later."""
    if method == "open" and isinstance(subject, SessionRequest):
        return gateway_state.session_of(subject.attempt_id) is None
    known = gateway_state.session_of(subject) if method == "void" and isinstance(subject, str) else None
    if known is None:
        return True
    return profile.voidable and known.status in (SessionStatus.OPEN, SessionStatus.IN_PROGRESS)


def queried(gateway_state: GatewayState, attempt_id: str) -> SessionReport:
    """The answer to a query of a session."""
    known = gateway_state.session_of(attempt_id)
    if known is None:
        return SessionReport(SessionState.UNKNOWN)
    return SessionReport(
        SessionState[known.status.name], known.current_capture if known.status is SessionStatus.PAID else None
    )


def paid(gateway_state: GatewayState, session: GatewaySession, profile: GatewayProfile, now: datetime) -> GatewayState:
    """The payer pays through the link that they hold."""
    if profile.slow and session.status is SessionStatus.OPEN:
        payment_in_progress = replace(session, status=SessionStatus.IN_PROGRESS)
        return with_session(
            gateway_state, payment_in_progress, GatewayEvent(GatewayEventKind.IN_PROGRESS, session.attempt_id)
        )
    return captured(gateway_state, session, profile, now)


def captured(
    gateway_state: GatewayState, session: GatewaySession, profile: GatewayProfile, now: datetime
) -> GatewayState:
    """The money is taken."""
    capture = Capture(
        f"pay_{session.attempt_id}", session.amount - profile.shortfall, profile.currency or session.currency
    )
    done = replace(session, status=SessionStatus.PAID, payment_in_progress=False, capture=capture)
    event = GatewayEvent(
        GatewayEventKind.PAID, session.attempt_id, capture=capture, stated_at=profile.payment_statement_time(now)
    )
    return with_session(gateway_state, done, event)


def declined(gateway_state: GatewayState, session: GatewaySession, *, final: bool) -> GatewayState:
    """The payer's bank declines: this try, or permanently."""
    kind = GatewayEventKind.DECLINED if final else GatewayEventKind.TRY_FAILED
    status = SessionStatus.CLOSED if final else SessionStatus.OPEN
    after = replace(session, status=status, declined=True)
    return with_session(gateway_state, after, GatewayEvent(kind, session.attempt_id))


def with_links_ended(gateway_state: GatewayState, now: datetime, profile: GatewayProfile) -> GatewayState:
    """The gateway after links that end by now have expired."""
    for session in gateway_state.sessions:
        if session.link_expires_at is not None and session.link_expires_at <= now:
            gateway_state = _ended(gateway_state, session, profile)
    return gateway_state


def _ended(gateway_state: GatewayState, session: GatewaySession, profile: GatewayProfile) -> GatewayState:
    if session.status is SessionStatus.OPEN:
        ended = replace(session, status=SessionStatus.CLOSED)
        event = GatewayEvent(
            GatewayEventKind.EXPIRED, session.attempt_id, stated_at=profile.statement_time(session.link_expires_at)
        )
        return with_session(gateway_state, ended, event)
    return (
        with_session(gateway_state, replace(session, payment_in_progress=False))
        if session.payment_in_progress
        else gateway_state
    )
