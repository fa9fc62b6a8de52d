"""Callbacks of gateways, in one form for all gateways."""

from collections.abc import Mapping
from datetime import datetime
from enum import StrEnum

from paylatch.domain.frozen_dataclass import dataclass
from paylatch.domain.payment import Capture, Dispute


class GatewayEventKind(StrEnum):
    """The kinds of statements in callbacks.

    `TRY_FAILED` leaves the session open. Three kinds end the session without a payment: `DECLINED` is the final
    refusal of gateway or bank, `EXPIRED` the session's own expiry, `CLOSED` a closing by a call, normally ours, or
    for an unstated cause.

    `REFUNDED` and `REFUND_FAILED` concern our refunds. `REFUND_FAILED`: a pending or completed refund failed, and
    the money is back at the shop. The callback may concern an earlier try; `query_refund` gives the current state.

    `MONEY_RETURNED`: the returned total of a payment changed by other means than our refunds: a refund made by
    hand, or the failure of one. Its capture always names the payment; the other fields may be missing.
    `query_payment` gives the current total; the capture's `returned` counts where it is larger, because Alipay's
    query does not show partial refunds.

    `UNKNOWN`: a status that the gateway does not document; it has no effect. `FOREIGN`: the payment belongs to
    another stack or shop.
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
    UNKNOWN = "unknown"
    FOREIGN = "foreign"


@dataclass(frozen=True, slots=True)
class ForeignPayment:
    """A payment of another stack or shop on the same gateway account; counted, and never acted on.

    `said` is the kind of the callback's statement, `cause` the reason for classing the payment as foreign. The
    payment's fields are as the gateway wrote them, empty where missing; the amount is in the gateway's own units.
    """

    said: str
    cause: str
    payment_id: str = ""
    amount: str | int = ""
    currency: str = ""


@dataclass(frozen=True, slots=True)
class GatewayEvent:
    """One statement of a verified callback, addressed to this shop's account and mode.

    `attempt_id` is empty where a `MONEY_RETURNED` or `DISPUTED` callback names the payment alone:
    `Gateway.find_attempt` then gives the attempt. `capture` comes with `PAID`, and names the payment in statements
    about refunds or returned money; `dispute` comes with `DISPUTED`. `stated_at` is the gateway's own time of the
    statement, None where it gives none; it is not the time of delivery, because deliveries are repeated for days.

    `refund_id` is that of our refund that `REFUNDED` and `REFUND_FAILED` concern; where it is empty, it is the one
    that follows from the payment.

    `stack_named` is False for a payment that names no stack: it is this stack's only where an order here has the
    attempt. `misconfiguration` says what a person must correct at the gateway; `cause` says what is unknown in an
    `UNKNOWN` statement. `foreign` comes with `FOREIGN`, which has no attempt.
    """

    kind: GatewayEventKind
    attempt_id: str
    capture: Capture | None = None
    stated_at: datetime | None = None
    dispute: Dispute | None = None
    refund_id: str = ""
    stack_named: bool = True
    misconfiguration: str = ""
    cause: str = ""
    foreign: ForeignPayment | None = None


@dataclass(frozen=True, slots=True)
class Callback:
    """A callback as received: raw body bytes, and headers with names in lower case."""

    headers: Mapping[str, str]
    body: bytes

    def __post_init__(self) -> None:
        object.__setattr__(self, "headers", {name.lower(): value for name, value in self.headers.items()})


@dataclass(frozen=True, slots=True)
class Acknowledgement:
    """The response on which the gateway stops repeating the callback."""

    body: str = ""
    content_type: str = "text/plain"
    status: int = 200
