"""A payment attempt, the money that it captured, and refunds and disputes of that money."""

from datetime import datetime
from enum import StrEnum

from paylatch.domain.attempt_edit import AttemptEdit
from paylatch.domain.frozen_dataclass import dataclass
from paylatch.domain.ids import ORDER_ID_LENGTH, derived_refund_id
from paylatch.domain.release_reasons import ReleaseReason
from paylatch.domain.return_address import with_ids


class AttemptStatus(StrEnum):
    """The status of an attempt; the first four are in flight. `PROCESSING`: submitted, and the bank has not decided."""

    OPENING = "opening"
    OPEN = "open"
    PROCESSING = "processing"
    CLOSING = "closing"
    SUCCEEDED = "succeeded"
    DECLINED = "declined"
    CANCELLED = "cancelled"
    TIMED_OUT = "timed_out"
    REFUND_DUE = "refund_due"
    REFUNDED = "refunded"
    WRITTEN_OFF = "written_off"
    MISMATCHED = "mismatched"


IN_FLIGHT = frozenset({AttemptStatus.OPENING, AttemptStatus.OPEN, AttemptStatus.PROCESSING, AttemptStatus.CLOSING})


class RefundStatus(StrEnum):
    """The status of a refund.

    `DUE`: the gateway has not confirmed it, or reported that it failed. `REFUSED`: the gateway refused it for good;
    Paylatch does not retry it, and a person must act. `WRITTEN_OFF`: a named operator gave it up.
    """

    DUE = "due"
    REFUNDED = "refunded"
    REFUSED = "refused"
    WRITTEN_OFF = "written_off"


class PaymentPlace(StrEnum):
    """The place of a captured payment in the ledger; each payment has exactly one.

    `CLAIMED`: a gateway reported the capture and has not confirmed that it still holds the money; no decision is
    made yet. `RETURNED`: the money went back before it paid for anything.
    """

    CLAIMED = "claimed"
    SETTLED = "settled"
    REVIEW = "review"
    REFUND = "refund"
    RETURNED = "returned"


class Resolution(StrEnum):
    """An operator's decisions about a captured payment under review: it pays for the order, or it goes back."""

    SETTLE = "settle"
    REFUND = "refund"


@dataclass(frozen=True, slots=True)
class Capture:
    """A payment that a gateway captured: amounts in minor units, `payment_id` as the gateway names it.

    `returned` is the absolute total returned to the payer, refunds under way included, whatever the cause: our
    refunds, refunds made by hand at the gateway, lost disputes. It can exceed `amount`, because a refunded amount
    can also be lost in a dispute, and it can decrease, because a refund can fail.
    """

    payment_id: str
    amount: int
    currency: str
    returned: int = 0

    @property
    def held(self) -> int:
        """The amount that the gateway still holds, in minor units."""
        return max(0, self.amount - self.returned)


@dataclass(frozen=True, slots=True, kw_only=True)
class CapturedPayment:
    """A captured payment and its place in the ledger.

    Amounts are in minor units; `returned` is an absolute total. `next_at` is the time of the next query about a
    claimed payment, `tries` the number of queries without an answer.
    """

    payment_id: str
    attempt_id: str
    gateway: str
    amount: int
    currency: str
    place: PaymentPlace
    since: datetime
    returned: int = 0
    next_at: datetime | None = None
    tries: int = 0

    @property
    def capture(self) -> Capture:
        """The payment without its place in the ledger."""
        return Capture(self.payment_id, self.amount, self.currency, self.returned)


class DisputeStatus(StrEnum):
    """The status of a dispute (chargeback) at the gateway."""

    OPEN = "open"
    WON = "won"
    LOST = "lost"


@dataclass(frozen=True, slots=True)
class Dispute:
    """A payer's dispute (chargeback) of a captured payment.

    `evidence_due` is the deadline for the shop's evidence, None where unknown; `since` is when it was first recorded.
    """

    dispute_id: str
    payment_id: str
    amount: int
    currency: str
    status: DisputeStatus
    evidence_due: datetime | None = None
    since: datetime | None = None

    @property
    def contested(self) -> Capture:
        """The contested amount and currency."""
        return Capture(self.payment_id, self.amount, self.currency)


@dataclass(frozen=True, slots=True, kw_only=True)
class Attempt:
    """The attempt that holds the order, or that settled it.

    `amount`, `currency` and `revision` are the order's, which do not change while an attempt holds it. The lock
    ends at `deadline`. `reason` is the change instruction, once a release was requested; `checks` counts the
    gateway's failures to confirm the release. `captured` is the payment that the gateway took, None without one;
    its amount may differ from the attempt's. `reviewed` says that an operator took it as the payment. `reference` is
    the order's; payers see it at the gateway. Under way since `processing_since`, it is shown to a person from
    `processing_until` on.
    """

    attempt_id: str
    status: AttemptStatus
    amount: int
    currency: str
    revision: int
    gateway: str
    since: datetime
    deadline: datetime
    return_url: str
    fingerprint: str
    session_id: str | None = None
    pay_url: str | None = None
    reason: ReleaseReason | None = None
    checks: int = 0
    captured: Capture | None = None
    reviewed: bool = False
    reference: str = ""
    processing_since: datetime | None = None
    processing_until: datetime | None = None

    @property
    def return_address(self) -> str:
        """The shop's `return_url` with both ids appended, where the gateway sends the payer; derived, not stored."""
        return with_ids(self.return_url, self.attempt_id[:ORDER_ID_LENGTH], self.attempt_id)


@dataclass(frozen=True, slots=True, kw_only=True)
class PastAttempt:
    """An attempt that no longer holds the order, with the fields that late payments are judged by.

    `check_at` is set while its payment link may still be live: the time of the next question to the gateway about it.
    `captured` is the first payment captured for it, where there is one. `edit` is the first edit that was made for a
    request to stop it: by the write that released it, or later.
    """

    attempt_id: str
    status: AttemptStatus
    amount: int
    currency: str
    revision: int
    gateway: str
    since: datetime
    deadline: datetime
    fingerprint: str
    session_id: str | None = None
    check_at: datetime | None = None
    captured: Capture | None = None
    edit: AttemptEdit | None = None


@dataclass(frozen=True, slots=True, kw_only=True)
class Refund:
    """A refund of captured money: of all that the gateway held where it does not pay for the order, or as requested.

    `own_id` is set where the refund's id is not the one derived from its payment. `fingerprint` is that of the shop's
    request, None where the payment itself is the cause. `made` is what the gateway gave back of it, in minor units,
    where less than `amount` was left; None otherwise. `failed_try` equals `tries` from a reported failure until the
    refund is requested again.
    """

    payment_id: str
    attempt_id: str
    gateway: str
    amount: int
    currency: str
    status: RefundStatus
    reason: str
    since: datetime
    next_at: datetime
    tries: int = 0
    own_id: str | None = None
    fingerprint: str | None = None
    made: int | None = None
    failed_try: int | None = None

    @property
    def failed(self) -> bool:
        """Whether a failure was reported that no further try has followed."""
        return self.status is RefundStatus.DUE and self.failed_try == self.tries

    @property
    def amount_made(self) -> int:
        """What goes back by this refund, in minor units: less than `amount` where less was left."""
        return self.amount if self.made is None else self.made

    @property
    def refund_id(self) -> str:
        """The refund's key in the head and its idempotency key at the gateway.

        The id is derived from the payment unless `own_id` is set, so that a payment's refund is requested only
        once.
        """
        return self.own_id or derived_refund_id(self.attempt_id, self.payment_id)
