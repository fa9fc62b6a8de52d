"""Callbacks of gateways, in one form for all gateways."""

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import datetime
from enum import StrEnum

from paylatch.domain.payment import Capture, Dispute


class GatewayEventKind(StrEnum):
    """What a callback says.

    `TRY_FAILED` leaves the session open. Three kinds end it without money: `DECLINED` is a final no of gateway or bank;
    `EXPIRED` is its own end of time; `CLOSED` is closed by a call, ours as a rule, or for a cause that is not told.
    `REFUNDED` and `REFUND_FAILED` are about refunds of ours. `REFUND_FAILED`: one that was reported done, or was
    pending, failed, and the money is back at the shop. It may tell of an earlier try than the last: `query_refund`
    knows how the refund stands.
    `MONEY_RETURNED`: what went back of a payment has changed by something else: a refund made by hand, or one of those
    that failed. Of its capture only the payment id is always told. `query_payment` knows how much there is by now;
    where the capture's `returned` is more, that counts: Alipay's query does not show partial refunds.
    `UNKNOWN` is a status that the gateway does not document: nothing follows from it. `FOREIGN` says
    that the payment is another's.
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
    """A payment that another stack or shop made on the same account: it is counted, and never acted on.

    `said` is what the callback says, `cause` how it is known to be foreign. The payment is told as the gateway wrote
    it, empty where it wrote nothing of the kind; the amount is in the gateway's own units.
    """

    said: str
    cause: str
    payment_id: str = ""
    amount: str | int = ""
    currency: str = ""


@dataclass(frozen=True, slots=True)
class GatewayEvent:
    """One statement of a verified callback, addressed to this shop's account and mode.

    `attempt_id` is empty where the callback names the payment only, which `MONEY_RETURNED` and `DISPUTED` may do:
    `Gateway.find_attempt` knows the attempt, or that the payment is none of this shop's.
    `capture` comes with `PAID`, and names the payment of a notice about refunds or returned money; `dispute` comes with
    `DISPUTED`. `stated_at` is the gateway's own time of what is stated, None where it gives none: not the time of the
    delivery, which may be repeated for days. `stack_named` is False for a payment that names no stack: it is this
    stack's only where the order here knows the attempt. `misconfiguration` says what a person must set right at the
    gateway, `cause` what is unknown of an `UNKNOWN` one. `foreign` comes with `FOREIGN`, which has no attempt.
    """

    kind: GatewayEventKind
    attempt_id: str
    capture: Capture | None = None
    stated_at: datetime | None = None
    dispute: Dispute | None = None
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
