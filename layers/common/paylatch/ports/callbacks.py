"""What a gateway tells by callback, in one form for all gateways."""

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import datetime
from enum import StrEnum

from paylatch.domain.payment import Capture, Dispute


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
