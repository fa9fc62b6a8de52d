"""Payment sessions at a gateway: what is asked for, and what it answers."""

from dataclasses import dataclass
from datetime import datetime
from enum import StrEnum

from paylatch.domain.payment import Capture


@dataclass(frozen=True, slots=True)
class Session:
    """A payment session that a gateway opened; the payer goes to `pay_url`."""

    session_id: str
    pay_url: str


@dataclass(frozen=True, slots=True, kw_only=True)
class SessionRequest:
    """What a gateway is asked to open. `attempt_id` is its idempotency key and merchant reference."""

    attempt_id: str
    order_id: str
    reference: str
    amount: int
    currency: str
    expires_at: datetime
    return_url: str
    callback_url: str


class VoidKind(StrEnum):
    """How a gateway answers when asked to close a session."""

    VOIDED = "voided"
    ALREADY_CLOSED = "already_closed"
    ALREADY_PAID = "already_paid"
    IN_PROGRESS = "in_progress"
    NOT_VOIDABLE = "not_voidable"


@dataclass(frozen=True, slots=True)
class VoidAnswer:
    """`capture` comes with `ALREADY_PAID`, `until` (when the payer's link dies) with `NOT_VOIDABLE`.

    `misconfiguration` is that of a `SessionReport`.
    """

    kind: VoidKind
    capture: Capture | None = None
    until: datetime | None = None
    misconfiguration: str = ""


class SessionState(StrEnum):
    """What a session is at the gateway. `UNKNOWN` means that the gateway has never seen it."""

    OPEN = "open"
    IN_PROGRESS = "in_progress"
    PAID = "paid"
    CLOSED = "closed"
    UNKNOWN = "unknown"


@dataclass(frozen=True, slots=True)
class SessionReport:
    """The answer to a query; `capture` comes with `PAID`, also where all of it was returned since.

    `misconfiguration` says what a person must set right at the gateway, where that kept the payment from being made.
    """

    state: SessionState
    capture: Capture | None = None
    misconfiguration: str = ""


@dataclass(frozen=True, slots=True)
class FoundAttempt:
    """The attempt that a payment names; `stack_named` says whether it names this stack too, or none."""

    attempt_id: str
    stack_named: bool = True


class RefundState(StrEnum):
    """What a refund is at the gateway. `UNKNOWN` means never asked for; `FAILED` that it must be asked for anew."""

    DONE = "done"
    PENDING = "pending"
    FAILED = "failed"
    UNKNOWN = "unknown"
