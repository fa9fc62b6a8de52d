"""A payment gateway as one frozen value, and pure functions from one to the next.

It follows the sandbox gateway's rules (a test shows that both agree) without its HTTP, signatures and timestamps: what
it holds is only what can make a difference, so that equal histories give equal values.
"""

from dataclasses import dataclass, replace
from datetime import datetime, timedelta
from enum import StrEnum

from paylatch.domain.errors import Refused
from paylatch.domain.instructions import Instruction
from paylatch.domain.payment import Capture, DisputeStatus
from paylatch.ports import (
    Notice,
    NoticeKind,
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


class Dating(StrEnum):
    """Which times a gateway's statements carry; `AS_SENT`: of a payment, the time of the delivery."""

    NEVER = "never"
    TRULY = "truly"
    AS_SENT = "as sent"


@dataclass(frozen=True, slots=True, kw_only=True)
class Temper:
    """What kind of gateway it is.

    `voidable`: a void closes the session; otherwise the payer's link stays live to its end.
    `honest_void`: after a void no money can come; otherwise a payment may be under way all the same.
    `declines`: the payer's bank may say no. `slow`: a payment is in progress until the bank has decided.
    `shortfall`: so much less is captured than was asked for; `currency`: in another one.
    `slow_refunds`: a refund is pending before it is done. `refunds_bounce`: one that was done may fail after all.
    `hand_refunds`: somebody may give money back at the gateway by hand, a part of it; all where `forgets_returned`, and
    then the payment reads like a session that came to nothing. `disputes`: a payer may contest a payment; none is
    refunded then. `tells_of_voids`: a session that a call of ours closed is told by a callback as well. `dates`: which
    times its statements carry. `shortest_session`: how long a link lives at least. `lives_on`: so much longer than was
    asked for. `tells_end`: whether it says when a link that it cannot close will be dead.
    """

    name: str
    voidable: bool = True
    honest_void: bool = True
    declines: bool = False
    slow: bool = False
    shortfall: int = 0
    currency: str | None = None
    slow_refunds: bool = False
    refunds_bounce: bool = False
    hand_refunds: bool = False
    forgets_returned: bool = False
    disputes: bool = False
    tells_of_voids: bool = False
    dates: Dating = Dating.NEVER
    shortest_session: timedelta = timedelta(minutes=30)
    lives_on: timedelta = timedelta()
    tells_end: bool = True
    policy: ReleasePolicy = ReleasePolicy.FENCED

    @property
    def void_is_final(self) -> bool:
        """Whether no money can come after a void."""
        return self.voidable and self.honest_void

    def dated(self, at: datetime | None) -> datetime | None:
        """The time of what it tells, where it gives any."""
        return None if self.dates is Dating.NEVER else at

    def dated_payment(self, at: datetime) -> datetime | None:
        """The time of a payment as its callback is made."""
        return at if self.dates is Dating.TRULY else None

    @property
    def waits_for_links(self) -> bool:
        """Whether an order stays locked until a link that cannot be voided is dead."""
        return not self.voidable and self.policy is ReleasePolicy.STRICT

    @property
    def mismatches(self) -> bool:
        """Whether other money is captured than was asked for."""
        return bool(self.shortfall or self.currency)


class Standing(StrEnum):
    """Where a session stands at the gateway."""

    OPEN = "open"
    IN_PROGRESS = "in progress"
    PAID = "paid"
    CLOSED = "closed"


@dataclass(frozen=True, slots=True, kw_only=True)
class Hosted:
    """A session.

    `link_out`: its link was handed to the payer. `closed_for`: for which reasons the process of ours that closed it may
    have done so; empty where none did, or where nobody is told of it. `under_way`: closed, but money may still come.
    `by_hand`: what went back without a refund of ours, as by a dispute that was lost.
    `bounces_heard`: the news that its refund failed for so many times was acknowledged, so that it is not told again.
    """

    attempt_id: str
    standing: Standing
    amount: int = 0
    currency: str = ""
    dies_at: datetime | None = None
    link_out: bool = False
    under_way: bool = False
    declined: bool = False
    closed_for: frozenset[Instruction] = frozenset()
    bounces_heard: int = 0
    capture: Capture | None = None
    by_hand: int = 0
    dispute: DisputeStatus | None = None
    refunds: tuple[tuple[str, int, RefundState], ...] = ()

    @property
    def payable(self) -> bool:
        """Whether the payer can still bring money through the link that they hold."""
        return self.link_out and (self.standing is Standing.OPEN or self.under_way)

    @property
    def bounced(self) -> bool:
        """Whether the last refund that was asked for failed."""
        return bool(self.refunds) and self.refunds[-1][2] is RefundState.FAILED

    @property
    def bounces(self) -> int:
        """How many refunds failed after they were done."""
        return [state for _, _, state in self.refunds].count(RefundState.FAILED)

    @property
    def returned(self) -> int:
        """What went back, or is on its way."""
        return self.by_hand + sum(amount for _, amount, state in self.refunds if state is not RefundState.FAILED)

    @property
    def taken(self) -> Capture | None:
        """The money as the gateway tells of it now."""
        return replace(self.capture, returned=self.returned) if self.capture else None


@dataclass(frozen=True, slots=True)
class Bounce(Notice):
    """The news that a refund failed after it was done, for so many times: each is told by a callback of its own."""

    number: int = 0


@dataclass(frozen=True, slots=True)
class Gatehouse:
    """All sessions of the gateway, and the callbacks it has to tell; they may arrive in any order."""

    sessions: tuple[Hosted, ...] = ()
    notices: tuple[Notice, ...] = ()

    def session_of(self, attempt_id: str) -> Hosted | None:
        """The session of that attempt, if the gateway has ever heard of it."""
        return next((session for session in self.sessions if session.attempt_id == attempt_id), None)


def with_session(house: Gatehouse, session: Hosted, *notices: Notice) -> Gatehouse:
    """The gateway with that session as it is now, and with more to tell."""
    others = (session if known.attempt_id == session.attempt_id else known for known in house.sessions)
    sessions = tuple(others) if house.session_of(session.attempt_id) else (*house.sessions, session)
    told = {*house.notices, *notices}
    return Gatehouse(sessions, tuple(sorted(told, key=_by_subject)))


def _by_subject(notice: Notice) -> tuple[str, str, str, int, int]:
    number = notice.number if isinstance(notice, Bounce) else notice.capture.returned if notice.capture else 0
    payment, amount = (notice.capture.payment_id, notice.capture.amount) if notice.capture else ("", 0)
    status = notice.dispute.status.value if notice.dispute else ""
    return (notice.attempt_id, notice.kind + status, payment, amount, number)


def opened(house: Gatehouse, request: SessionRequest, temper: Temper, now: datetime) -> tuple[Gatehouse, Session]:
    """One session an attempt, however often it is asked for; none that was closed or would be over already."""
    known = house.session_of(request.attempt_id)
    if known is None:
        if request.expires_at <= now:
            raise Refused(NAME, "it would be over already")
        known = Hosted(
            attempt_id=request.attempt_id,
            standing=Standing.OPEN,
            amount=request.amount,
            currency=request.currency,
            dies_at=request.expires_at + temper.lives_on,
        )
        house = with_session(house, known)
    elif (known.amount, known.currency) != (request.amount, request.currency):
        raise Refused(NAME, "this attempt was opened or voided differently")
    return house, Session(session_name(request.attempt_id), f"pay/{request.attempt_id}")


def session_name(attempt_id: str) -> str:
    """What the gateway calls the session of an attempt."""
    return f"cs_{attempt_id}"


def voided(house: Gatehouse, attempt_id: str, temper: Temper, now: datetime) -> tuple[Gatehouse, VoidAnswer]:
    """The session is closed where it can be; one that was never opened is closed for good."""
    known = house.session_of(attempt_id)
    if known is None:
        tombstone = Hosted(attempt_id=attempt_id, standing=Standing.CLOSED)
        return with_session(house, tombstone), VoidAnswer(VoidKind.VOIDED)
    match known.standing:
        case Standing.PAID:
            return house, VoidAnswer(VoidKind.ALREADY_PAID, capture=known.taken)
        case Standing.IN_PROGRESS:
            return house, VoidAnswer(VoidKind.IN_PROGRESS)
        case Standing.CLOSED:
            return house, VoidAnswer(VoidKind.ALREADY_CLOSED)
    if not temper.voidable:
        return house, VoidAnswer(VoidKind.NOT_VOIDABLE, until=known.dies_at if temper.tells_end else None)
    closed = replace(known, standing=Standing.CLOSED, under_way=not temper.honest_void)
    told = (Notice(NoticeKind.CLOSED, attempt_id, stated_at=temper.dated(now)),) if temper.tells_of_voids else ()
    return with_session(house, closed, *told), VoidAnswer(VoidKind.VOIDED)


def handed_out(house: Gatehouse, attempt_id: str) -> Gatehouse:
    """The payer learns the link of that attempt's session."""
    session = house.session_of(attempt_id)
    return with_session(house, replace(session, link_out=True)) if session and not session.link_out else house


def closed_for(house: Gatehouse, attempt_id: str, reasons: frozenset[Instruction]) -> Gatehouse:
    """A process of ours has closed that session, for one of these reasons."""
    session = house.session_of(attempt_id)
    if session is None or session.closed_for or session.standing is not Standing.CLOSED:
        return house
    return with_session(house, replace(session, closed_for=reasons))


def may_change(house: Gatehouse, method: str, subject: object, temper: Temper) -> bool:
    """Whether that call can change anything at the gateway, now or later."""
    if method == "open" and isinstance(subject, SessionRequest):
        return house.session_of(subject.attempt_id) is None
    known = house.session_of(subject) if method == "void" and isinstance(subject, str) else None
    if known is None:
        return True
    return temper.voidable and known.standing in (Standing.OPEN, Standing.IN_PROGRESS)


def queried(house: Gatehouse, attempt_id: str) -> SessionReport:
    """What became of a session."""
    known = house.session_of(attempt_id)
    if known is None:
        return SessionReport(SessionState.UNKNOWN)
    return SessionReport(SessionState[known.standing.name], known.taken if known.standing is Standing.PAID else None)


def paid(house: Gatehouse, session: Hosted, temper: Temper, now: datetime) -> Gatehouse:
    """The payer pays through the link that they hold."""
    if temper.slow and session.standing is Standing.OPEN:
        under_way = replace(session, standing=Standing.IN_PROGRESS)
        return with_session(house, under_way, Notice(NoticeKind.IN_PROGRESS, session.attempt_id))
    return captured(house, session, temper, now)


def captured(house: Gatehouse, session: Hosted, temper: Temper, now: datetime) -> Gatehouse:
    """The money is taken."""
    capture = Capture(
        f"pay_{session.attempt_id}", session.amount - temper.shortfall, temper.currency or session.currency
    )
    done = replace(session, standing=Standing.PAID, under_way=False, capture=capture)
    news = Notice(NoticeKind.PAID, session.attempt_id, capture=capture, stated_at=temper.dated_payment(now))
    return with_session(house, done, news)


def declined(house: Gatehouse, session: Hosted, *, final: bool) -> Gatehouse:
    """The payer's bank says no: to this try, or for good."""
    kind = NoticeKind.DECLINED if final else NoticeKind.TRY_FAILED
    standing = Standing.CLOSED if final else Standing.OPEN
    after = replace(session, standing=standing, declined=True)
    return with_session(house, after, Notice(kind, session.attempt_id))


def with_links_ended(house: Gatehouse, now: datetime, temper: Temper) -> Gatehouse:
    """The gateway after links that were to live until now have died."""
    for session in house.sessions:
        if session.dies_at is not None and session.dies_at <= now:
            house = _ended(house, session, temper)
    return house


def _ended(house: Gatehouse, session: Hosted, temper: Temper) -> Gatehouse:
    if session.standing is Standing.OPEN:
        ended = replace(session, standing=Standing.CLOSED)
        news = Notice(NoticeKind.EXPIRED, session.attempt_id, stated_at=temper.dated(session.dies_at))
        return with_session(house, ended, news)
    return with_session(house, replace(session, under_way=False)) if session.under_way else house
