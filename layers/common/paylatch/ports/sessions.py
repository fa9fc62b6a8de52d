"""Payment sessions at a gateway: requests and their answers."""

from datetime import datetime
from enum import StrEnum

from paylatch.domain.frozen_dataclass import dataclass
from paylatch.domain.payment import Capture


@dataclass(frozen=True, slots=True)
class Session:
    """A payment session that a gateway opened; the payer pays at `pay_url`."""

    session_id: str
    pay_url: str


@dataclass(frozen=True, slots=True, kw_only=True)
class SessionRequest:
    """A request to open a session. `attempt_id` is its idempotency key and merchant reference.

    `email` and `locale` (a BCP 47 tag) are the payer's, where the order has them.
    """

    attempt_id: str
    order_id: str
    reference: str
    amount: int
    currency: str
    expires_at: datetime
    return_url: str
    callback_url: str
    email: str | None = None
    locale: str | None = None


class VoidKind(StrEnum):
    """The outcomes of a void.

    `IN_PROGRESS`: refused for now. `PROCESSING`: refused, and a query of the session named a payment that the payer has
    submitted, which takes until the bank decides.
    """

    VOIDED = "voided"
    ALREADY_CLOSED = "already_closed"
    ALREADY_PAID = "already_paid"
    IN_PROGRESS = "in_progress"
    PROCESSING = "processing"
    NOT_VOIDABLE = "not_voidable"


@dataclass(frozen=True, slots=True)
class VoidAnswer:
    """The answer to a void.

    `capture` comes with `ALREADY_PAID`, `until` (the end of the payer's link) with `NOT_VOIDABLE`.
    `misconfiguration` is that of a `SessionReport`.
    """

    kind: VoidKind
    capture: Capture | None = None
    until: datetime | None = None
    misconfiguration: str = ""


class SessionState(StrEnum):
    """The state of a session at the gateway.

    `IN_PROGRESS`: the payer has submitted a payment that is under way. `UNKNOWN`: the gateway has no such session.
    """

    OPEN = "open"
    IN_PROGRESS = "in_progress"
    PAID = "paid"
    CLOSED = "closed"
    UNKNOWN = "unknown"


@dataclass(frozen=True, slots=True)
class SessionReport:
    """The answer to a query.

    `capture` comes with `PAID`, also where all of it was returned since. `misconfiguration` says what a person must
    correct at the gateway, where that prevented the payment.
    """

    state: SessionState
    capture: Capture | None = None
    misconfiguration: str = ""


@dataclass(frozen=True, slots=True)
class FoundAttempt:
    """The attempt that a payment names. `stack_named` is whether the payment names this stack too, or no stack."""

    attempt_id: str
    stack_named: bool = True


class RefundState(StrEnum):
    """The state of a refund at the gateway.

    `UNKNOWN`: it was never requested. `FAILED`: it must be requested again.
    """

    DONE = "done"
    PENDING = "pending"
    FAILED = "failed"
    UNKNOWN = "unknown"
