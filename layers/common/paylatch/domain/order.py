"""The order: a small head that races are decided on, and the immutable content of one revision."""

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import datetime
from enum import StrEnum

from paylatch.domain.payment import Attempt, Refund, RefundStatus, SupersededAttempt


class PaymentStatus(StrEnum):
    """The order's payment status; `pending_payment` alone is unlocked and editable."""

    PENDING_PAYMENT = "pending_payment"
    IN_PAYMENT = "in_payment"
    RELEASING = "releasing"
    PAID = "paid"
    CANCELLED = "cancelled"
    REVIEW = "review"


LOCKED = frozenset({PaymentStatus.IN_PAYMENT, PaymentStatus.RELEASING, PaymentStatus.REVIEW})


@dataclass(frozen=True, slots=True)
class Line:
    """So many pieces of one article at one price, in minor units of the order's currency."""

    sku: str
    name: str
    quantity: int
    unit_price: int


@dataclass(frozen=True, slots=True)
class Content:
    """What was agreed in one revision of an order. Never changed; an edit makes a new one."""

    lines: tuple[Line, ...]
    shipping_address: Mapping[str, str] | None = None
    note: str | None = None

    @property
    def total(self) -> int:
        """What the lines cost together, in minor units."""
        return sum(line.quantity * line.unit_price for line in self.lines)


@dataclass(frozen=True, slots=True)
class Event:
    """What one transition leaves behind. `token` names the write's intent, so that a lost answer is recognised."""

    token: str
    type: str
    at: datetime
    actor: str
    attempt_id: str | None = None
    detail: Mapping[str, str | int] | None = None


@dataclass(frozen=True, slots=True, kw_only=True)
class Order:
    """The head. `version` counts transitions (and is the last event's `seq`), `revision` counts edits.

    `forgotten` are the ids of attempts that ended so long ago that nothing else is kept of them.
    """

    order_id: str
    reference: str
    buyer_id: str
    seller_id: str
    status: PaymentStatus
    version: int
    revision: int
    content_id: str
    previous_content_id: str | None = None
    total: int
    currency: str
    fingerprint: str
    created_at: datetime
    updated_at: datetime
    last_event: Event
    attempt: Attempt | None = None
    superseded: Mapping[str, SupersededAttempt]
    refunds: Mapping[str, Refund]
    forgotten: frozenset[str] = frozenset()
    due_at: datetime | None = None
    owed_at: datetime | None = None

    @property
    def locked(self) -> bool:
        """Whether no edit is possible now."""
        return self.status in LOCKED

    @property
    def refunds_due(self) -> tuple[Refund, ...]:
        """Captured sums that still have to go back."""
        return tuple(refund for refund in self.refunds.values() if refund.status is RefundStatus.DUE)

    @property
    def live_links(self) -> int:
        """How many attempts left the order while their payment link stayed live."""
        return sum(attempt.check_at is not None for attempt in self.superseded.values())

    def held_by(self, attempt_id: str) -> bool:
        """Whether that attempt holds the order, or settled it."""
        return self.attempt is not None and self.attempt.attempt_id == attempt_id

    def records(self, payment_id: str) -> bool:
        """Whether that captured payment already has its place: as the settlement, under review, or as a refund."""
        captured = self.attempt.captured if self.attempt else None
        return payment_id in self.refunds or (captured is not None and captured.payment_id == payment_id)
