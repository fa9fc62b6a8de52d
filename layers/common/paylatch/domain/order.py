"""The order: a small head, on which concurrent writes compete, and the immutable content of one revision."""

from collections.abc import Mapping
from dataclasses import field
from datetime import datetime
from enum import StrEnum
from typing import Any

from paylatch.domain.cancellation import Cancellation
from paylatch.domain.frozen_dataclass import dataclass
from paylatch.domain.payment import (
    Attempt,
    AttemptStatus,
    CapturedPayment,
    Dispute,
    PastAttempt,
    PaymentPlace,
    Refund,
    RefundStatus,
)
from paylatch.domain.payment_terms import LateMoney, PaymentTerms


class PaymentStatus(StrEnum):
    """The order's payment status; only in `pending_payment` is the order unlocked and editable."""

    PENDING_PAYMENT = "pending_payment"
    IN_PAYMENT = "in_payment"
    RELEASING = "releasing"
    PAID = "paid"
    CANCELLED = "cancelled"
    REVIEW = "review"


# Locked until the gateway confirms that the payment is over.
PAYING = frozenset({PaymentStatus.IN_PAYMENT, PaymentStatus.RELEASING})
LOCKED = frozenset({PaymentStatus.IN_PAYMENT, PaymentStatus.RELEASING, PaymentStatus.REVIEW})


class LineKind(StrEnum):
    """What a line is for. Only a discount has a negative price."""

    ITEM = "item"
    SHIPPING = "shipping"
    TAX = "tax"
    DISCOUNT = "discount"
    FEE = "fee"


class BuyerRight(StrEnum):
    """What a seller lets the buyer edit."""

    QUANTITIES = "quantities"
    REMOVE_LINES = "remove_lines"
    ADDRESS = "address"
    NOTE = "note"


@dataclass(frozen=True, slots=True)
class Line:
    """A quantity of one article, charge or discount at one unit price, in minor units of the order's currency.

    A buyer leaves a `fixed` line as it is, and asks for at most `max_quantity` of another, where it is set. `unknown`
    has the attributes that a later release stored.
    """

    sku: str
    name: str
    quantity: int
    unit_price: int
    kind: LineKind = LineKind.ITEM
    fixed: bool = False
    max_quantity: int | None = None
    unknown: Mapping[str, Any] = field(default_factory=dict)

    @property
    def offer(self) -> tuple[str, str, int]:
        """What a line is recognised by, whatever its quantity: sku, name and unit price."""
        return (self.sku, self.name, self.unit_price)


@dataclass(frozen=True, slots=True)
class Content:
    """The content of one revision of an order; immutable. An edit creates a new one.

    `buyer_may` is None where the seller left it to the rule in `editing.py`. `locale` is a BCP 47 tag. The head has the
    payment terms too. `unknown`, addresses and metadata also have what a later release stored.
    """

    lines: tuple[Line, ...]
    shipping_address: Mapping[str, Any] | None = None
    note: str | None = None
    buyer_may: tuple[BuyerRight, ...] | None = None
    email: str | None = None
    locale: str | None = None
    billing_address: Mapping[str, Any] | None = None
    metadata: Mapping[str, Any] | None = None
    payable: bool = True
    pay_by: datetime | None = None
    late_money: LateMoney | None = None
    unknown: Mapping[str, Any] = field(default_factory=dict)

    @property
    def has_contact(self) -> bool:
        """Whether there is an e-mail address or a locale, which gateways are given."""
        return self.email is not None or self.locale is not None

    @property
    def total(self) -> int:
        """The total price of the lines, in minor units."""
        return sum(line.quantity * line.unit_price for line in self.lines)

    @property
    def terms(self) -> PaymentTerms:
        """What the head keeps of it, to decide about payments."""
        return PaymentTerms(self.payable, self.pay_by, self.late_money)


# What is particular to one type of event.
Detail = Mapping[str, str | int | list[str]]


@dataclass(frozen=True, slots=True)
class Event:
    """The record of one transition.

    `write_id` identifies the write, so that its writer recognises it after a lost response. `due_at` is when this write
    made the order due next, if it did; timers use it. `role` is the actor's, where their name does not show it.
    """

    write_id: str
    type: str
    at: datetime
    actor: str
    attempt_id: str | None = None
    detail: Detail | None = None
    due_at: datetime | None = None
    role: str | None = None


@dataclass(frozen=True, slots=True, kw_only=True)
class Order:
    """The head of an order.

    `version` counts transitions and equals the last event's `seq`, `revision` edits, `attempts_made` locks. Payments,
    refunds, disputes and past attempts are keyed by their ids; of the oldest, `evicted_attempt_ids`, there is the id
    alone. `has_contact` is the content's. The page of the link with the secret `link_id` leads to `link_return_url`.
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
    past_attempts: Mapping[str, PastAttempt]
    payments: Mapping[str, CapturedPayment]
    refunds: Mapping[str, Refund]
    disputes: Mapping[str, Dispute]
    attempts_made: int
    has_contact: bool = False
    evicted_attempt_ids: frozenset[str] = frozenset()
    due_at: datetime | None = None
    follow_up_at: datetime | None = None
    payable: bool = True
    pay_by: datetime | None = None
    late_money: LateMoney | None = None
    link_id: str | None = None
    link_return_url: str | None = None
    paid_at: datetime | None = None
    cancelled: Cancellation | None = None
    erased_at: datetime | None = None

    @property
    def terms(self) -> PaymentTerms:
        """The payment terms of its content."""
        return PaymentTerms(self.payable, self.pay_by, self.late_money)

    @property
    def locked(self) -> bool:
        """Whether the order cannot be edited now."""
        return self.status in LOCKED

    def is_overdue(self, now: datetime) -> bool:
        """Whether a payment attempt still holds the order although the time to act on its lock has come."""
        return self.status in PAYING and self.due_at is not None and self.due_at <= now

    @property
    def locked_until(self) -> datetime | None:
        """The latest end of the lock; None where there is none, or while it is unknown."""
        holds = self.status is PaymentStatus.IN_PAYMENT and self.processing_until is None
        return self.attempt.deadline if self.attempt and holds else None

    @property
    def processing_until(self) -> datetime | None:
        """The time from which a person is shown a payment that is under way; None where none is."""
        attempt = self.attempt if self.status is PaymentStatus.IN_PAYMENT else None
        return attempt.processing_until if attempt and attempt.status is AttemptStatus.PROCESSING else None

    @property
    def expires_at(self) -> datetime | None:
        """When the order may end: its `pay_by`; None while money may be on its way or a release waits."""
        # A lock leaves the time as it is: it is written without a read.
        attempt = self.attempt if self.status is PaymentStatus.IN_PAYMENT else None
        begun = attempt is not None and attempt.status in (AttemptStatus.OPENING, AttemptStatus.OPEN)
        ends = begun or self.status is PaymentStatus.PENDING_PAYMENT
        return self.pay_by if ends and not (self.claimed_payments or self.live_links) else None

    def has_expired(self, now: datetime) -> bool:
        """Whether nobody is paying, no money can be on its way, and the time to begin has passed."""
        pending = self.status is PaymentStatus.PENDING_PAYMENT
        return pending and self.expires_at is not None and self.expires_at <= now

    @property
    def refunds_due(self) -> tuple[Refund, ...]:
        """Refunds with the status `DUE`: the gateway has neither confirmed nor refused them."""
        return tuple(refund for refund in self.refunds.values() if refund.status is RefundStatus.DUE)

    @property
    def live_links(self) -> int:
        """The number of past attempts whose payment link may still be live."""
        return sum(attempt.check_at is not None for attempt in self.past_attempts.values())

    def held_by(self, attempt_id: str) -> bool:
        """Whether that attempt holds the order, or settled it."""
        return self.attempt is not None and self.attempt.attempt_id == attempt_id

    def had(self, attempt_id: str) -> bool:
        """Whether that attempt is one of this order's: it holds the order, or ended, however long ago."""
        return self.held_by(attempt_id) or attempt_id in self.past_attempts or attempt_id in self.evicted_attempt_ids

    @property
    def claimed_payments(self) -> tuple[CapturedPayment, ...]:
        """Payments that a gateway reported and did not confirm: whether it still holds the money is unknown."""
        return tuple(payment for payment in self.payments.values() if payment.place is PaymentPlace.CLAIMED)

    def records(self, payment_id: str) -> bool:
        """Whether that captured payment has its place in the ledger; a claimed one has none."""
        payment = self.payments.get(payment_id)
        return payment is not None and payment.place is not PaymentPlace.CLAIMED
