"""A payment session as a frozen value. The other modules here hold the functions from one state to the next.

A session contains its own outbox, so that one write stores a change and its callbacks.
"""

import base64
import hashlib
import json
from dataclasses import dataclass, field, replace
from datetime import datetime, timedelta
from enum import StrEnum
from typing import Any

from paylatch.domain.currencies import NO_CURRENCY
from paylatch.domain.timestamps import as_text
from sandbox.fault_plan import FaultPlan
from sandbox.outbox import Outbox, added, next_try

SESSION_PREFIX = "cs_"
PAYMENT_PREFIX = "pay_"


class SessionStatus(StrEnum):
    """The status of a session; only an open one can be paid."""

    OPEN = "open"
    IN_PROGRESS = "in_progress"
    PAID = "paid"
    CLOSED = "closed"
    EXPIRED = "expired"


class RefundStatus(StrEnum):
    """The status of a refund; a failed one can be requested again."""

    PENDING = "pending"
    DONE = "done"
    FAILED = "failed"


@dataclass(frozen=True, slots=True, kw_only=True)
class Terms:
    """The shop's request for the session."""

    attempt_id: str
    order_id: str
    amount: int
    currency: str
    expires_at: datetime
    return_url: str
    callback_url: str
    description: str
    shop: str
    stack: str = ""


@dataclass(frozen=True, slots=True)
class Payment:
    """The captured money."""

    payment_id: str
    amount: int
    currency: str
    at: datetime


class DisputeStatus(StrEnum):
    """The status of a dispute. An open one is won or lost later."""

    OPEN = "open"
    WON = "won"
    LOST = "lost"


@dataclass(frozen=True, slots=True, kw_only=True)
class Dispute:
    """A payment that the payer contests. If the dispute is lost, its amount goes back to the payer.

    `at` is the time of its last change, None in sessions of earlier releases.
    """

    dispute_id: str
    amount: int
    status: DisputeStatus
    evidence_due: datetime
    at: datetime | None = None


@dataclass(frozen=True, slots=True, kw_only=True)
class Refund:
    """A refund.

    A pending one ends at `settles_at`; `manually_returned`: it was made without a request of the shop. `at` is the time
    of its last change, None in sessions of earlier releases.
    """

    refund_id: str
    amount: int
    status: RefundStatus
    settles_at: datetime | None = None
    fails: bool = False
    manually_returned: bool = False
    at: datetime | None = None


@dataclass(frozen=True, slots=True, kw_only=True)
class Session:
    """A payment session, its money and its outbox. `with_webhook` counts callbacks, `version` writes."""

    session_id: str
    terms: Terms
    status: SessionStatus
    opened_at: datetime
    fault_plan: FaultPlan = field(default_factory=FaultPlan)
    settles_at: datetime | None = None
    failed_tries: int = 0
    payment: Payment | None = None
    refunds: tuple[Refund, ...] = ()
    dispute: Dispute | None = None
    outbox: Outbox = ()
    with_webhook: int = 0
    version: int = 0

    @property
    def suffix(self) -> str:
        """The common part of the ids of its payment and callbacks."""
        return self.session_id.removeprefix(SESSION_PREFIX)

    @property
    def returned(self) -> int:
        """The amount refunded to the payer, pending refunds included."""
        refunded = sum(refund.amount for refund in self.refunds if refund.status is not RefundStatus.FAILED)
        return refunded + self.lost

    @property
    def lost(self) -> int:
        """The amount lost by a dispute."""
        return self.dispute.amount if self.dispute and self.dispute.status is DisputeStatus.LOST else 0

    @property
    def held(self) -> int:
        """The remaining captured amount."""
        return (self.payment.amount if self.payment else 0) - self.returned

    @property
    def link_expires_at(self) -> datetime:
        """The time at which the payer's link expires."""
        return self.terms.expires_at + timedelta(seconds=self.fault_plan.link_outlives)

    @property
    def due_at(self) -> datetime | None:
        """The time at which the session is due next: to expire, to settle, or to send a callback."""
        timestamps = [refund.settles_at for refund in self.refunds if refund.status is RefundStatus.PENDING]
        timestamps.append(next_try(self.outbox))
        if self.status is SessionStatus.OPEN:
            timestamps.append(self.link_expires_at)
        if self.status is SessionStatus.IN_PROGRESS:
            timestamps.append(self.settles_at)
        return min((timestamp for timestamp in timestamps if timestamp is not None), default=None)


def session_id_for(attempt_id: str) -> str:
    """The id of an attempt's session: derived, so that an attempt has at most one."""
    return SESSION_PREFIX + _digest(attempt_id)


def opened(terms: Terms, fault_plan: FaultPlan, now: datetime) -> Session:
    """A new session."""
    return Session(
        session_id=session_id_for(terms.attempt_id),
        terms=terms,
        status=SessionStatus.OPEN,
        opened_at=now,
        fault_plan=replace(fault_plan, open=None),
    )


def never_opened(attempt_id: str, now: datetime) -> Session:
    """A closed session in the place of one voided before it was opened; opening it later is refused."""
    terms = Terms(
        attempt_id=attempt_id,
        order_id="",
        amount=0,
        currency=NO_CURRENCY,
        expires_at=now,
        return_url="",
        callback_url="",
        description="",
        shop="",
    )
    return Session(session_id=session_id_for(attempt_id), terms=terms, status=SessionStatus.CLOSED, opened_at=now)


def with_webhook(
    session: Session, kind: str, now: datetime, *, happened: datetime | None = None, **extra: Any
) -> Session:
    """The session with one more callback about an event that happened at that time, by default now."""
    number = session.with_webhook + 1
    names = {"attempt_id": session.terms.attempt_id, "stack": session.terms.stack}
    data: dict[str, Any] = {"session_id": session.session_id, **names, **extra}
    if session.payment:
        data["payment"] = payment_document(session, session.payment)
    webhook_id = f"msg_{session.suffix}_{number}"
    event = {"type": kind, "id": webhook_id, "timestamp": as_text(happened or now), "data": data}
    body = json.dumps(event, separators=(",", ":"))
    outbox = added(session.outbox, webhook_id, body, session.fault_plan.callbacks, now)
    return replace(session, outbox=outbox, with_webhook=number)


def payment_document(session: Session, payment: Payment) -> dict[str, Any]:
    """The session's payment as callbacks and responses show it."""
    return {
        "payment_id": payment.payment_id,
        "amount": payment.amount,
        "currency": payment.currency,
        "returned": session.returned,
    }


def dispute_document(dispute: Dispute) -> dict[str, Any]:
    """A dispute as callbacks and responses show it."""
    return {
        "dispute_id": dispute.dispute_id,
        "amount": dispute.amount,
        "status": dispute.status.value,
        "evidence_due": as_text(dispute.evidence_due),
    }


def _digest(text: str) -> str:
    digest = hashlib.sha256(f"paylatch sandbox session {text}".encode()).digest()
    return base64.b32encode(digest[:10]).decode().lower()
