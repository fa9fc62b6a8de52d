"""What the use cases need from the outside, as protocols. Adapters implement them; `runtime/wiring.py` joins them."""

from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from datetime import datetime, timedelta
from enum import StrEnum
from typing import Protocol

from paylatch.domain.order import Content, Order
from paylatch.domain.payment import Attempt, Capture, Dispute, Refund, SupersededAttempt
from paylatch.domain.recorded_events import RecordedEvent
from paylatch.domain.transitions import Stamp, Transition


@dataclass(frozen=True, slots=True)
class Applied:
    """The write took effect (now, or earlier with its answer lost); `order` is the head after it."""

    order: Order


@dataclass(frozen=True, slots=True)
class Rejected:
    """The guard did not hold; `order` is the head that refused it, None where there is none."""

    order: Order | None


class Index(StrEnum):
    """The sparse indexes: locks and releases that fall due, money that is owed, and what a person should see."""

    DUE = "due"
    OWED = "owed"
    ATTENTION = "attention"


class OrderStore(Protocol):
    """Orders as the use cases see them. Raises `StoreUnavailable` when the outcome of a call is not known."""

    def apply(self, order_id: str, transition: Transition) -> Applied | Rejected:
        """Make one transition, by one conditional write. Own success is recognised even when its answer was lost."""

    def read_head(self, order_id: str) -> Order | None:
        """The head, strongly consistent."""

    def put_content(self, order_id: str, content_id: str, content: Content) -> None:
        """Store the content of a revision to come, under an id never used before."""

    def read_content(self, order_id: str, content_id: str) -> Content:
        """The content that a head names."""

    def remove_content(self, order_id: str, content_id: str) -> None:
        """Remove content that no head ever named."""

    def read_history(self, order_id: str) -> tuple[RecordedEvent, ...]:
        """The events recorded so far, by `seq`."""

    def record_event(self, event: RecordedEvent) -> None:
        """Keep one event of the history; the same event again changes nothing."""

    def due(self, index: Index, until: datetime) -> Iterable[str]:
        """Ids of orders whose entry in that index is at or before `until`, the oldest of each shard first. A hint."""


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
    """`capture` comes with `ALREADY_PAID`, `until` (when the payer's link dies) with `NOT_VOIDABLE`."""

    kind: VoidKind
    capture: Capture | None = None
    until: datetime | None = None


class SessionState(StrEnum):
    """What a session is at the gateway. `UNKNOWN` means that the gateway has never seen it."""

    OPEN = "open"
    IN_PROGRESS = "in_progress"
    PAID = "paid"
    CLOSED = "closed"
    UNKNOWN = "unknown"


@dataclass(frozen=True, slots=True)
class SessionReport:
    """The answer to a query; `capture` comes with `PAID`, also where all of it was returned since."""

    state: SessionState
    capture: Capture | None = None


class RefundState(StrEnum):
    """What a refund is at the gateway. `UNKNOWN` means never asked for; `FAILED` that it must be asked for anew."""

    DONE = "done"
    PENDING = "pending"
    FAILED = "failed"
    UNKNOWN = "unknown"


class NoticeKind(StrEnum):
    """What a callback says.

    `TRY_FAILED` leaves the session open. Three kinds end it without money: `DECLINED` is a final no of gateway or bank;
    `EXPIRED` is its own end of time; `CLOSED` is closed by a call, ours as a rule, or for a cause that is not told.
    `REFUND_FAILED`: a refund that was reported done, or was pending, failed, and the money is back at the shop. It may
    tell of an earlier try than the last: `query_refund` knows how the refund stands.
    `MONEY_RETURNED`: some of a payment went back, by whatever cause; `query_payment` knows how much there is by now.
    """

    PAID = "paid"
    TRY_FAILED = "try_failed"
    IN_PROGRESS = "in_progress"
    EXPIRED = "expired"
    CLOSED = "closed"
    DECLINED = "declined"
    REFUNDED = "refunded"
    REFUND_FAILED = "refund_failed"
    MONEY_RETURNED = "money_returned"
    DISPUTED = "disputed"


@dataclass(frozen=True, slots=True)
class Notice:
    """One statement of a verified callback, addressed to this shop's account and mode.

    `capture` comes with `PAID`, and names the payment of a notice about refunds or returned money; `dispute` comes with
    `DISPUTED`. `stated_at` is the gateway's own time of what is stated, None where it gives none: not the time of the
    delivery, which may be repeated for days.
    """

    kind: NoticeKind
    attempt_id: str
    capture: Capture | None = None
    stated_at: datetime | None = None
    dispute: Dispute | None = None


@dataclass(frozen=True, slots=True)
class Callback:
    """A callback as it came: header names in lower case, the body's raw bytes."""

    headers: Mapping[str, str]
    body: bytes


@dataclass(frozen=True, slots=True)
class Acknowledgement:
    """What the gateway wants to hear so that it stops repeating itself."""

    body: str = ""
    content_type: str = "text/plain"
    status: int = 200


@dataclass(frozen=True, slots=True, kw_only=True)
class Capabilities:
    """What a gateway can do.

    `void_is_final`: after a void no payment can arrive any more. `tells_of_disputes`: its callbacks do.
    """

    void_is_final: bool
    shortest_session: timedelta
    longest_session: timedelta
    tells_of_disputes: bool


class Gateway(Protocol):
    """A payment gateway.

    Every call that goes out raises only: `Transient` (certainly not executed), `OutcomeUnknown` (ask again),
    `Refused` (final), `Misconfigured` (our credentials or signature were refused).
    """

    name: str
    capabilities: Capabilities

    def open(self, request: SessionRequest) -> Session:
        """Open a session; asked twice with one attempt id it answers with the same session."""

    def query(self, attempt: Attempt | SupersededAttempt) -> SessionReport:
        """What became of the attempt's session, and what it still holds of the money: refunds are looked at."""

    def query_payment(self, payment_id: str) -> Capture | None:
        """What the gateway took by that payment and has returned of it by now; None where it knows no such capture."""

    def void(self, attempt: Attempt | SupersededAttempt) -> VoidAnswer:
        """Close the session so that it cannot be paid any more. `session_id` may be None: then by attempt id."""

    def refund(self, refund: Refund) -> RefundState:
        """Give a captured payment back, whole; `refund.refund_id` is the idempotency key."""

    def query_refund(self, refund: Refund) -> RefundState:
        """What became of a refund asked for earlier."""

    def parse_callback(self, callback: Callback) -> tuple[Notice, ...]:
        """Verify the signature on the raw bytes, then normalise. No side effect.

        Raises `CallbackRejected` for anything that is not a genuine, fresh callback, and nothing else.
        """

    def acknowledge(self) -> Acknowledgement:
        """The answer to a genuine callback that was dealt with."""


class Clock(Protocol):
    """Time comes from outside."""

    def now(self) -> datetime:
        """The current moment, aware, in UTC."""


class Tokens(Protocol):
    """Randomness comes from outside."""

    def token(self, length: int) -> str:
        """That many characters of Crockford base32, never the same twice."""


class Metric(StrEnum):
    """What is counted for the dashboard and its alarms; the name is the metric's."""

    CALLBACK_REJECTED = "CallbackRejected"
    GATEWAY_MISCONFIGURED = "GatewayMisconfigured"
    GATEWAY_UNAVAILABLE = "GatewayUnavailable"
    RELEASE_PENDING = "ReleasePending"
    ORDER_LOCKED = "OrderLocked"
    ORDER_PAID = "OrderPaid"
    ORDER_UNLOCKED = "OrderUnlocked"
    LATE_MONEY = "LateMoney"
    PAYMENT_MISMATCHED = "PaymentMismatched"
    REFUND_ISSUED = "RefundIssued"
    REFUND_REFUSED = "RefundRefused"
    OLDEST_REFUND_OWED = "OldestRefundOwedSeconds"
    OLDEST_LOCK_OVERDUE = "OldestLockOverdueSeconds"
    OLDEST_ATTENTION = "OldestAttentionSeconds"
    SWEEP_FAILED = "SweepFailed"
    UNKNOWN_PAYMENT = "UnknownPayment"


class ReleasePolicy(StrEnum):
    """What to do about a link that cannot be voided: unlock behind the fence, or stay locked until it is dead."""

    FENCED = "fenced"
    STRICT = "strict"


class Gateways(Protocol):
    """The gateways that this stack is configured for: those that take payments, and retired ones.

    At a retired gateway no payment is opened any more; its callbacks, voids and refunds are still served.
    """

    default: str

    def takes_payments(self, name: str) -> bool:
        """Whether new payments may be opened at that gateway; not at a retired one."""

    def named(self, name: str) -> Gateway:
        """The adapter, of a retired gateway too. Raises `Misconfigured` for one that the stack does not have."""

    def policy(self, name: str) -> ReleasePolicy:
        """The release policy of that gateway."""


class Watch(Protocol):
    """Where use cases say what an operator should know."""

    def count(self, metric: Metric, value: int = 1, **details: str | int) -> None:
        """Count something, with the details that a person needs to find it."""


@dataclass(frozen=True, slots=True)
class Ports:
    """The whole outside, as one value that every use case is handed."""

    store: OrderStore
    gateways: Gateways
    clock: Clock
    tokens: Tokens
    watch: Watch

    def stamp(self, actor: str) -> Stamp:
        """A fresh stamp for one write."""
        return Stamp(self.tokens.token(16), self.clock.now(), actor)
