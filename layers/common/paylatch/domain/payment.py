"""A payment attempt, the money that it captured, and refunds and disputes of that money."""

from dataclasses import dataclass
from datetime import datetime
from enum import StrEnum

from paylatch.domain.ids import ORDER_ID_LENGTH, derived_refund_id
from paylatch.domain.release_reasons import ReleaseReason
from paylatch.domain.return_address import with_ids


class AttemptStatus(StrEnum):
    """Where an attempt stands. Only the first four are in flight.

    `PROCESSING`: the payer has paid, and the gateway does not say yet whether it succeeds. Written by a later release;
    this one holds the order locked and asks the gateway when it is due.
    """

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


def status_after(reason: ReleaseReason) -> AttemptStatus:
    """The final status of an attempt that is released for this reason."""
    return AttemptStatus.TIMED_OUT if reason is ReleaseReason.EXPIRED else AttemptStatus(reason.value)


class RefundStatus(StrEnum):
    """A refund is due until the gateway confirms it; one that fails afterwards is due again.

    `REFUSED`: the gateway will not make it, and is not asked again by itself; a person acts. `WRITTEN_OFF`: a named
    operator gave up on it.
    """

    DUE = "due"
    REFUNDED = "refunded"
    REFUSED = "refused"
    WRITTEN_OFF = "written_off"


class PaymentPlace(StrEnum):
    """Where a captured sum is in the ledger; each has exactly one place.

    `CLAIMED`: a gateway said that it was captured, and does not answer whether it still holds it; nothing is decided.
    `RETURNED`: it went back before it paid for anything.
    """

    CLAIMED = "claimed"
    SETTLED = "settled"
    REVIEW = "review"
    REFUND = "refund"
    RETURNED = "returned"


@dataclass(frozen=True, slots=True)
class Capture:
    """Money that a gateway says it took: amounts in minor units, `payment_id` the gateway's own name for it.

    `returned` is the absolute total that went back to the payer so far, or is on its way, whoever caused it: our
    refunds, refunds made by hand at the gateway, lost disputes. It may exceed `amount` (what was refunded can be lost
    in a dispute too) and may become less (a refund can fail).
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

    `evidence_due` is the deadline for the shop's evidence, None where unknown.
    """

    dispute_id: str
    payment_id: str
    amount: int
    currency: str
    status: DisputeStatus
    evidence_due: datetime | None = None

    @property
    def contested(self) -> Capture:
        """The contested amount and currency."""
        return Capture(self.payment_id, self.amount, self.currency)


@dataclass(frozen=True, slots=True, kw_only=True)
class Attempt:
    """The attempt that holds the order, or that settled it.

    `amount`, `currency` and `revision` are the order's, which do not change while an attempt holds it. `deadline` ends
    the lock. `reason` is the change instruction once a release was asked for; `checks` counts how
    often the gateway could not confirm it. `captured` is what the gateway took, where it took anything: not always what
    was agreed. `reference` is the order's, which payers see at the gateway.
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
    reference: str = ""

    @property
    def return_address(self) -> str:
        """The URL to which the gateway returns the payer:

        the shop's `return_url` with both ids. Derived, not stored.
        """
        return with_ids(self.return_url, self.attempt_id[:ORDER_ID_LENGTH], self.attempt_id)


@dataclass(frozen=True, slots=True, kw_only=True)
class PastAttempt:
    """An attempt that no longer holds the order, with the fields that late payments are judged by.

    `check_at` is set while its payment link may still be live: the time of the last query at the gateway.
    `captured` is the first payment captured for it, where there is one.
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


@dataclass(frozen=True, slots=True, kw_only=True)
class Refund:
    """Captured money that does not pay for the order and goes back: all that the gateway still held of it.

    `own_id` is set where the refund was asked for under another id than the one that follows from its payment.
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

    @property
    def refund_id(self) -> str:
        """Its key in the head and its idempotency key at the gateway.

        One that follows from its payment is asked for once, however often somebody means to.
        """
        return self.own_id or derived_refund_id(self.attempt_id, self.payment_id)
