"""A gateway's statement: its captures, refunds and disputes of a day, as the gateway lists them."""

from datetime import datetime
from enum import StrEnum

from paylatch.domain.frozen_dataclass import dataclass
from paylatch.domain.payment import Capture, Dispute


class StatementKind(StrEnum):
    """The lists of a statement. `CHANGES`: what happened that day to captures, refunds and disputes of earlier days."""

    DISPUTES = "disputes"
    REFUNDS = "refunds"
    CHANGES = "changes"
    CAPTURES = "captures"


class ListedState(StrEnum):
    """The state of a listed refund. `UNDER_WAY`: the gateway counts it as returned, and it may still fail."""

    UNDER_WAY = "under_way"
    DONE = "done"
    FAILED = "failed"


@dataclass(frozen=True, slots=True)
class Owner:
    """Whose a listed payment is, as far as the list says.

    `attempt_id` is empty where the list does not say. `stack_named` is whether the payment names this stack, or no
    stack. `foreign` is the reason where the payment belongs to another stack or shop, else empty.
    """

    attempt_id: str = ""
    stack_named: bool = True
    foreign: str = ""


@dataclass(frozen=True, slots=True)
class ListedCapture:
    """A capture; `capture.returned` may leave out what was lost by disputes. `at` is the time by which it is listed."""

    capture: Capture
    owner: Owner
    at: datetime

    @property
    def payment_id(self) -> str:
        """The payment."""
        return self.capture.payment_id


@dataclass(frozen=True, slots=True)
class ListedRefund:
    """A refund. `refund_id` is the gateway's id, or ours where `is_ours`: the request for it had our refund id.

    `capture` is the payment with all that was refunded of it by now.
    """

    refund_id: str
    capture: Capture
    state: ListedState
    owner: Owner
    at: datetime
    is_ours: bool = False

    @property
    def payment_id(self) -> str:
        """The payment of which it gives back."""
        return self.capture.payment_id


@dataclass(frozen=True, slots=True)
class ListedDispute:
    """A dispute (chargeback)."""

    dispute: Dispute
    owner: Owner
    at: datetime

    @property
    def payment_id(self) -> str:
        """The contested payment."""
        return self.dispute.payment_id


StatementEntry = ListedCapture | ListedRefund | ListedDispute


class Discrepancy(StrEnum):
    """What is found where a gateway's statement and an order's head differ.

    `MISSING_WEBHOOK`: money that pays for its order, and no callback came. `DOUBLE_CAPTURE`: the order is paid by
    another payment. `CAPTURED_AFTER_CANCEL`: the order is cancelled. `EVICTED_ATTEMPT`: the head stores the attempt's
    id alone; `UNKNOWN_ATTEMPT`: the order never had it. `LATE_CAPTURE`: the order was edited since, or is being paid by
    another attempt. `WRONG_AMOUNT`, `WRONG_CURRENCY`: another sum than agreed or than recorded. `REFUND_BY_HAND`,
    `PARTIAL_REFUND`: all or a part of a payment went back without a refund of ours. `RETURNED_LESS`: less went back
    than is recorded, because a refund made by hand failed. `REFUND_FAILED`: one of our refunds failed after it was
    made. `REFUND_UNRECORDED`: one of our refunds is made, unknown to the head. `DISPUTE_UNRECORDED`: a dispute was
    opened or won; `DISPUTE_LOST`: it was lost. `UNKNOWN_ORDER`: the payment names this stack and an order that does not
    exist. `UNREADABLE_ORDER`: this release does not understand the head. `NOT_SHOWN`: listed, and unknown to the
    gateway when it was asked about it.
    """

    MISSING_WEBHOOK = "missing_webhook"
    DOUBLE_CAPTURE = "double_capture"
    CAPTURED_AFTER_CANCEL = "captured_after_cancel"
    EVICTED_ATTEMPT = "evicted_attempt"
    UNKNOWN_ATTEMPT = "unknown_attempt"
    LATE_CAPTURE = "late_capture"
    WRONG_AMOUNT = "wrong_amount"
    WRONG_CURRENCY = "wrong_currency"
    REFUND_BY_HAND = "refund_by_hand"
    PARTIAL_REFUND = "partial_refund"
    RETURNED_LESS = "returned_less"
    REFUND_FAILED = "refund_failed"
    REFUND_UNRECORDED = "refund_unrecorded"
    DISPUTE_UNRECORDED = "dispute_unrecorded"
    DISPUTE_LOST = "dispute_lost"
    UNKNOWN_ORDER = "unknown_order"
    UNREADABLE_ORDER = "unreadable_order"
    NOT_SHOWN = "not_shown"


@dataclass(frozen=True, slots=True)
class FindingKey:
    """The name of a finding: gateway, day, discrepancy and subject."""

    gateway: str
    day: str
    discrepancy: Discrepancy
    subject: str


@dataclass(frozen=True, slots=True, kw_only=True)
class Finding:
    """A discrepancy that reconciliation found; `day` is that of the entry, as in 2026-11-25.

    `subject` is the payment's, refund's or dispute's id at the gateway; where a person must act, the payment's. Amounts
    are in minor units, as the gateway states them. `put_right`: a rule covers it; otherwise a person must act, from
    `since` on, until an operator marks it as handled or a later run finds it explained.
    """

    gateway: str
    day: str
    discrepancy: Discrepancy
    subject: str
    payment_id: str
    attempt_id: str
    amount: int
    currency: str
    returned: int = 0
    put_right: bool = True
    since: datetime | None = None
    handled_at: datetime | None = None
    handled_by: str = ""
    explained_at: datetime | None = None

    @property
    def is_open(self) -> bool:
        """Whether a person must act."""
        return not self.put_right and self.handled_at is None and self.explained_at is None

    @property
    def key(self) -> FindingKey:
        """Its name; it is found once under it."""
        return FindingKey(self.gateway, self.day, self.discrepancy, self.subject)
