"""Where an order has personal data, and what is left of each place once it was erased."""

from collections.abc import Mapping
from dataclasses import replace
from typing import Any

from paylatch.domain.actors import ActorRole
from paylatch.domain.erasure_errors import MoneyOutstanding, OrderNotFinished
from paylatch.domain.event_words import CAUSE, NOTE, REFUND_EVENTS, REMARK, EventType
from paylatch.domain.ledger import OPEN_REFUNDS, open_disputes
from paylatch.domain.order import Content, Order, PaymentStatus
from paylatch.domain.payment import Refund
from paylatch.domain.recorded_events import RecordedEvent

FINISHED = frozenset({PaymentStatus.PAID, PaymentStatus.CANCELLED})
# What a content keeps, for bookkeeping. Every other field is erased, also one that a later release adds.
KEPT_FIELDS = ("lines", "buyer_may", "payable", "pay_by", "late_money")
# In place of a text that a person wrote, where there must be one.
ERASED_TEXT = "erased"
# The details of events in which people write what they like, and gateways in error texts.
_FREE_TEXTS = frozenset({REMARK, NOTE, CAUSE})
# The reasons of these events are texts of the product.
_NO_PEOPLE = frozenset({ActorRole.GATEWAY, ActorRole.SYSTEM})


def erased_content(content: Content) -> Content:
    """The content without personal data: its lines, and who may edit and pay on which terms."""
    kept: Mapping[str, Any] = {name: getattr(content, name) for name in KEPT_FIELDS}
    return replace(Content(**kept), lines=tuple(replace(line, unknown={}) for line in content.lines))


def erased_event(event: RecordedEvent) -> RecordedEvent:
    """The event without what people wrote; the same where it has none of that."""
    erased = _FREE_TEXTS | ({"reason"} if _has_written_reason(event) else set())
    if erased.isdisjoint(event.detail):
        return event
    return replace(event, detail={**event.detail, **dict.fromkeys(erased & event.detail.keys(), ERASED_TEXT)})


def as_erased(event: RecordedEvent, order: Order) -> RecordedEvent:
    """The event as the order's erasure leaves it, also while the history still has it as it was recorded.

    The stream may bring events from before the erasure to the history after it.
    """
    if order.erased_at is None:
        return event
    # What was written since then is not what the erasure was about.
    is_from_before = not needs_erasure(order) or event.at < order.erased_at
    return erased_event(event) if is_from_before else event


def _has_written_reason(event: RecordedEvent) -> bool:
    return event.type in REFUND_EVENTS and event.actor_role not in _NO_PEOPLE


def written_reasons(order: Order) -> tuple[Refund, ...]:
    """The refunds in the head whose reason the shop wrote, and nobody erased."""
    requested = (refund for refund in order.refunds.values() if refund.fingerprint is not None)
    return tuple(refund for refund in requested if refund.reason != ERASED_TEXT)


def needs_erasure(order: Order) -> bool:
    """Whether it was never erased, or something was written since, whose event may still be on its way."""
    return order.last_event.type != EventType.PERSONAL_DATA_ERASED


def refuse_erasure(order: Order) -> None:
    """Raise `OrderNotFinished` for an order that is not over, and `MoneyOutstanding` where its money is not."""
    if order.status not in FINISHED:
        raise OrderNotFinished(f"The order is {order.status.value}: it is erased once it is paid or cancelled.")
    found = outstanding(order)
    if found:
        raise MoneyOutstanding(f"Not settled yet: {', '.join(found)}.")


def outstanding(order: Order) -> list[str]:
    """What is not settled of the order's money."""
    found = {
        "a refund that is owed": any(refund.status in OPEN_REFUNDS for refund in order.refunds.values()),
        "a payment that its gateway has not confirmed": bool(order.claimed_payments),
        "a payer's dispute": bool(open_disputes(order)),
        "a payment link at a gateway, by which money may still come": bool(order.live_links),
    }
    return [what for what, is_open in found.items() if is_open]
