"""The changes that several transitions share."""

from dataclasses import replace
from datetime import datetime

from paylatch.domain.attempt_documents import past_attempt_document
from paylatch.domain.changes import AddTo, Change, Remove, Set
from paylatch.domain.guards import past_attempt_path
from paylatch.domain.ids import attempt_suffix
from paylatch.domain.ledger import OPEN_REFUNDS, open_disputes
from paylatch.domain.limits import OVERDUE
from paylatch.domain.money_documents import payment_document, refund_document
from paylatch.domain.order import Order, PaymentStatus
from paylatch.domain.payment import (
    Attempt,
    AttemptStatus,
    Capture,
    CapturedPayment,
    PastAttempt,
    PaymentPlace,
    Refund,
    RefundStatus,
)
from paylatch.domain.timestamps import as_text

KEPT_ATTEMPTS = 10
# An order with this many live links is not unlocked while one more is live: its gateway must close that session first.
MOST_LIVE_LINKS = 10
MOST_ATTEMPTS = 100
# The links to the gateway and back are not needed any more, and can be longer than the rest of a head.
LINKS_ARE_USED = (Remove(("attempt", "pay_url")), Remove(("attempt", "return_url")))
# The bank has decided.
NO_LONGER_UNDER_WAY = (Remove(("attempt", "processing_since")), Remove(("attempt", "processing_until")))


def past_attempt(attempt: Attempt, status: AttemptStatus, check_at: datetime | None) -> PastAttempt:
    """The short form of an attempt that stops holding its order."""
    return PastAttempt(
        attempt_id=attempt.attempt_id,
        status=status,
        amount=attempt.amount,
        currency=attempt.currency,
        revision=attempt.revision,
        gateway=attempt.gateway,
        since=attempt.since,
        deadline=attempt.deadline,
        fingerprint=attempt.fingerprint,
        session_id=attempt.session_id,
        check_at=check_at,
        captured=attempt.captured,
    )


def unlocked(order: Order, kept: PastAttempt) -> Order:
    """The order once its attempt has left it."""
    past = {key: value for key, value in order.past_attempts.items() if key not in _too_many(order)}
    return replace(
        order,
        status=PaymentStatus.PENDING_PAYMENT,
        attempt=None,
        past_attempts={**past, kept.attempt_id: kept},
    )


def attempt_leaves(order: Order, kept: PastAttempt) -> tuple[Change, ...]:
    """The changes from an order to the same one `unlocked`, but for what is due, owed or needs a person."""
    return (
        Set(past_attempt_path(kept.attempt_id), past_attempt_document(kept)),
        *_evicted(_too_many(order)),
        Remove(("attempt",)),
        no_longer_due(),
    )


def _evicted(attempt_ids: list[str]) -> tuple[Change, ...]:
    if not attempt_ids:
        return ()
    gone = tuple(Remove(past_attempt_path(attempt_id)) for attempt_id in attempt_ids)
    return (*gone, AddTo(("evicted_attempts",), tuple(map(attempt_suffix, attempt_ids))))


def _too_many(order: Order) -> list[str]:
    """The oldest attempts that nothing is expected of, beyond those that a head keeps: it must never outgrow its item.

    Money that still comes for one of them goes back, as for an attempt that was never made; its id is kept, so that no
    repeated request can make it again; the history has them all.
    """
    awaited = {payment.attempt_id for payment in order.claimed_payments} | {
        refund.attempt_id for refund in order.refunds.values() if refund.status in OPEN_REFUNDS
    }
    ended = sorted(
        (attempt.since, attempt.attempt_id)
        for attempt in order.past_attempts.values()
        if attempt.check_at is None and attempt.attempt_id not in awaited
    )
    return [attempt_id for _, attempt_id in ended[: max(0, len(order.past_attempts) + 1 - KEPT_ATTEMPTS)]]


def placed(payment: CapturedPayment, order: Order | None = None) -> tuple[Change, ...]:
    """The payment gets its place, in the order as it was read, or in one that has no record of it."""
    path, document = ("payments", payment.payment_id), payment_document(payment)
    claimed = order.payments.get(payment.payment_id) if order else None
    if claimed is None:
        return (Set(path, document),)
    # By field, as a later release may have written more of it.
    gone = payment_document(claimed).keys() - document.keys()
    return (
        *(Set((*path, name), value) for name, value in document.items()),
        *(Remove((*path, name)) for name in sorted(gone)),
    )


def paid_at(payment: CapturedPayment, at: datetime) -> tuple[Change, ...]:
    """The change that records when the payment paid for its order; none where that is the payment's own time."""
    return () if payment.since == at else (Set(("paid_at",), as_text(at)),)


def with_payment(order: Order, payment: CapturedPayment) -> Order:
    """The order once that payment has that place."""
    return replace(order, payments={**order.payments, payment.payment_id: payment})


def with_refund(order: Order, refund: Refund) -> Order:
    """The order once that refund stands so."""
    return replace(order, refunds={**order.refunds, refund.refund_id: refund})


def recorded_refund(refund: Refund) -> Change:
    """The change that records a new refund."""
    return Set(("refunds", refund.refund_id), refund_document(refund))


def past_status(attempt_id: str, status: AttemptStatus) -> Change:
    """An attempt that left the order stands so now."""
    return Set((*past_attempt_path(attempt_id), "status"), status.value)


def money(capture: Capture) -> dict[str, str | int]:
    """A captured sum for an event's detail; `returned` where some of it went back."""
    detail: dict[str, str | int] = {
        "payment_id": capture.payment_id,
        "amount": capture.amount,
        "currency": capture.currency,
    }
    return {**detail, "returned": capture.returned} if capture.returned else detail


def refund_money(refund: Refund) -> dict[str, str | int]:
    """A refund for an event's detail: `amount` is what goes back."""
    return {
        "refund_id": refund.refund_id,
        "payment_id": refund.payment_id,
        "amount": refund.amount,
        "currency": refund.currency,
    }


def no_longer_due() -> Change:
    """No timer and no sweep acts on the order's lock any more."""
    return Remove(("due_at",))


def follow_up(after: Order) -> Change:
    """The earliest time at which a refund, a claimed payment, a payment link or the end of the order is due.

    `after` is the order once the transition is made.
    """
    timestamps: list[datetime | None] = [refund.next_at for refund in after.refunds_due]
    timestamps += [payment.next_at for payment in after.claimed_payments]
    timestamps += [attempt.check_at for attempt in after.past_attempts.values()]
    timestamps += [after.expires_at]
    known = [timestamp for timestamp in timestamps if timestamp is not None]
    return Set(("follow_up_at",), as_text(min(known))) if known else Remove(("follow_up_at",))


def attention(after: Order) -> tuple[Change, ...]:
    """The time from which operators are shown the order, once the transition is made.

    Refunds, claims and payments under way that take too long, refunds that a gateway will not make, and open disputes.
    A release that waits and a review are in attention already.
    """
    if after.status in (PaymentStatus.RELEASING, PaymentStatus.REVIEW):
        return ()
    timestamps = [refund.since + OVERDUE for refund in after.refunds_due]
    timestamps += [after.processing_until] if after.processing_until else []
    timestamps += [payment.since + OVERDUE for payment in after.claimed_payments]
    timestamps += [refund.since for refund in after.refunds.values() if refund.status is RefundStatus.REFUSED]
    timestamps += [dispute.since for dispute in open_disputes(after) if dispute.since is not None]
    return (Set(("attention_at",), as_text(min(timestamps))) if timestamps else Remove(("attention_at",)),)


def status_by_refunds(after: Order, attempt: PastAttempt) -> AttemptStatus:
    """How an attempt stands whose money goes back: one attempt may have been paid twice."""
    own = (attempt.attempt_id, attempt.gateway)
    statuses = {refund.status for refund in after.refunds.values() if (refund.attempt_id, refund.gateway) == own}
    if statuses & OPEN_REFUNDS:
        return AttemptStatus.REFUND_DUE
    return AttemptStatus.REFUNDED if RefundStatus.REFUNDED in statuses else AttemptStatus.WRITTEN_OFF


def captured_payment(
    attempt_id: str, gateway: str, capture: Capture, place: PaymentPlace, at: datetime
) -> CapturedPayment:
    """The ledger's entry for a captured sum."""
    return CapturedPayment(
        payment_id=capture.payment_id,
        attempt_id=attempt_id,
        gateway=gateway,
        amount=capture.amount,
        currency=capture.currency,
        returned=capture.returned,
        place=place,
        since=at,
    )


def past_attempt_of(order: Order, payment: CapturedPayment | Refund) -> PastAttempt | None:
    """The attempt that the money came for, where the order let it go and the money came by its own gateway."""
    late = order.past_attempts.get(payment.attempt_id)
    return late if late is not None and late.gateway == payment.gateway else None


def link_paid(order: Order, late: PastAttempt | None) -> tuple[Order, tuple[Change, ...]]:
    """The order once nothing is asked any more about the link of that attempt, which was paid; and the changes."""
    if late is None or late.check_at is None:
        return order, ()
    return watched_until(order, late, None), (Remove((*past_attempt_path(late.attempt_id), "check_at")),)


def watched_until(order: Order, attempt: PastAttempt, check_at: datetime | None) -> Order:
    """The order once the link of that attempt is looked at again at `check_at`, or never."""
    return replace(
        order, past_attempts={**order.past_attempts, attempt.attempt_id: replace(attempt, check_at=check_at)}
    )
