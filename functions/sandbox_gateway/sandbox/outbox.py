"""The outbox of a session: callbacks that are sent until the shop accepts them."""

from dataclasses import dataclass, replace
from datetime import datetime, timedelta

from sandbox.fault_plan import CallbackFault

FIRST_PAUSE = timedelta(seconds=30)
LONGEST_PAUSE = timedelta(hours=6)
MOST_TRIES = 20
HELD_AT_MOST = timedelta(seconds=90)
KEPT = 20
AT_ONCE = 2


@dataclass(frozen=True, slots=True, kw_only=True)
class Delivery:
    """One callback.

    `next_at` is None after it was accepted, lost on purpose, or tried the largest number of times.
    """

    webhook_id: str
    body: str
    next_at: datetime | None = None
    tries: int = 0
    copies: int = 1
    forged: bool = False
    delivered_at: datetime | None = None


Outbox = tuple[Delivery, ...]


def added(outbox: Outbox, webhook_id: str, body: str, fault: CallbackFault, now: datetime) -> Outbox:
    """The outbox with one more callback, due at the time that the fault plan sets."""
    new = Delivery(webhook_id=webhook_id, body=body, copies=fault.copies, forged=fault.forged)
    kept = outbox[-KEPT:]
    if fault.lost:
        return (*kept, new)
    if not fault.reversed:
        return (*kept, replace(new, next_at=now + timedelta(seconds=fault.delay)))
    if kept and _is_held(kept[-1], now):
        return (*kept[:-1], replace(new, next_at=now), replace(kept[-1], next_at=now))
    return (*kept, replace(new, next_at=now + HELD_AT_MOST))


def claimed(outbox: Outbox, now: datetime) -> tuple[Outbox, Outbox]:
    """The outbox with one more try counted for its first due callbacks, and those callbacks.

    It is written before they are sent: a crash in between causes a repeat and loses no callback, and two senders
    rarely send the same one.
    """
    due = [delivery for delivery in outbox if delivery.next_at is not None and delivery.next_at <= now][:AT_ONCE]
    return tuple(_tried(delivery, now) if delivery in due else delivery for delivery in outbox), tuple(due)


def accepted(outbox: Outbox, webhook_ids: frozenset[str], now: datetime) -> Outbox:
    """The outbox after the shop accepted these callbacks."""
    return tuple(
        replace(delivery, next_at=None, delivered_at=now) if delivery.webhook_id in webhook_ids else delivery
        for delivery in outbox
    )


def due_now(outbox: Outbox, now: datetime, *, again: bool) -> Outbox:
    """The outbox with all pending callbacks due now; with `again` also those accepted or lost."""
    return tuple(
        replace(delivery, next_at=now, tries=0) if again or delivery.next_at is not None else delivery
        for delivery in outbox
    )


def next_try(outbox: Outbox) -> datetime | None:
    """The time at which the earliest callback is due."""
    return min((delivery.next_at for delivery in outbox if delivery.next_at is not None), default=None)


def _is_held(delivery: Delivery, now: datetime) -> bool:
    return delivery.tries == 0 and delivery.next_at is not None and delivery.next_at > now


def _tried(delivery: Delivery, now: datetime) -> Delivery:
    tries = delivery.tries + 1
    pause = min(FIRST_PAUSE * 2 ** (tries - 1), LONGEST_PAUSE)
    return replace(delivery, tries=tries, next_at=now + pause if tries < MOST_TRIES else None)
