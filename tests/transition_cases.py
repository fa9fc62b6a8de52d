"""Heads in every state that an order reaches, and for every row of the state table a transition that fits one."""

from collections.abc import Callable, Mapping
from dataclasses import replace
from datetime import UTC, datetime, timedelta
from functools import cache
from typing import Any

from paylatch.domain import transitions
from paylatch.domain.caller import Caller, Role
from paylatch.domain.documents import order_from_document
from paylatch.domain.errors import OrderUnreadable
from paylatch.domain.manual_settlement import ManualMethod, ManualSettlement
from paylatch.domain.order import Order, PaymentStatus
from paylatch.domain.payment import (
    Attempt,
    Capture,
    CapturedPayment,
    Dispute,
    DisputeStatus,
    PaymentPlace,
    Refund,
    RefundStatus,
)
from paylatch.domain.payment_terms import USUAL_TERMS, LateMoney, PaymentTerms
from paylatch.domain.refund_request import RefundRequest
from paylatch.domain.release_reasons import ReleaseReason
from paylatch.domain.transitions import NewAttempt, NewContent, NewOrder, Transition, WriteContext
from paylatch.domain.transitions.attempt_changes import captured_payment
from paylatch.ports import Applied
from tests.fakes.memory_order_store import MemoryOrderStore
from tests.fakes.sequential_id_generator import SequentialIdGenerator

ORDER_ID = "D7KY3NPF3FM5GY6V"
OLD, OWED, NOW_PAYING = (f"{ORDER_ID}_{name}" for name in ("0AAAAAAA", "0BBBBBBB", "0CCCCCCC"))
START = datetime(2026, 11, 24, 12, 0, tzinfo=UTC)
DEADLINE, LATER, MUCH_LATER = (START + timedelta(minutes=minutes) for minutes in (15, 60, 14 * 24 * 60))
BUYER = Caller("buyer-1", frozenset({Role.BUYER}))
EXACT, WRONG = Capture("pay-1", 2500, "EUR"), Capture("pay-1", 2400, "EUR")
LINK_ID, OTHER_LINK_ID = "7Q2ZC4N8XW1KT5RVB0HJ6M3D9P", "0" * 26
TERMS = PaymentTerms(payable=False, pay_by=DEADLINE, late_money=LateMoney.REFUND)
CHANGE = NewContent("CONTENT2", 3750, "9YX7W5VT3SRQ")
_tokens = SequentialIdGenerator()


def write_context(actor: str = "buyer-1") -> WriteContext:
    return WriteContext(_tokens.new_id(16), START, actor)


def entry_of(
    capture: Capture, attempt_id: str = NOW_PAYING, place: PaymentPlace = PaymentPlace.SETTLED
) -> CapturedPayment:
    """The ledger entry of that money in that place."""
    return captured_payment(attempt_id, "sandbox", capture, place, START)


def paid_back(payment_id: str, attempt_id: str = OLD) -> CapturedPayment:
    """The ledger entry of money that is refunded."""
    return entry_of(replace(EXACT, payment_id=payment_id), attempt_id, PaymentPlace.REFUND)


def dispute_of(status: DisputeStatus = DisputeStatus.OPEN) -> Dispute:
    return Dispute("dp-1", "pay-owed", 2500, "EUR", status, LATER)


def refund_of(payment_id: str, attempt_id: str = OLD) -> Refund:
    return Refund(
        payment_id=payment_id,
        attempt_id=attempt_id,
        gateway="sandbox",
        amount=2500,
        currency="EUR",
        status=RefundStatus.DUE,
        reason="paid already",
        since=START,
        next_at=START,
    )


def requested_refund(payment_id: str) -> Refund:
    """A refund of half the payment, as the shop requests it."""
    request = RefundRequest(ORDER_ID, 1250, "one packet came back", "return-1")
    return request.refund(entry_of(replace(EXACT, payment_id=payment_id)), 1250, RefundStatus.DUE, START)


def new_order() -> Transition:
    draft = NewOrder(
        order_id=ORDER_ID,
        reference="2026-1001",
        buyer_id="buyer-1",
        seller_id="seller-1",
        content_id="CONTENT1",
        total=2500,
        currency="EUR",
        fingerprint="W3E5R7T9Y1AB",
    )
    return transitions.create(draft, write_context("seller-1"))


def lock_of(attempt_id: str, revision: int | None = None) -> Transition:
    draft = NewAttempt(
        attempt_id=attempt_id,
        gateway="sandbox",
        deadline=DEADLINE,
        return_url="https://shop.test/thanks",
        fingerprint="0QRS5TV7WX9Y",
    )
    return transitions.lock(draft, BUYER, revision, write_context())


def holder(order: Order) -> Attempt:
    """The attempt that holds the order. Raises `ValueError` where none does."""
    if order.attempt is None:
        raise ValueError(f"no attempt holds order {order.order_id}")
    return order.attempt


# For every row: the state it fits, and how it is made for an order in that state.
Rows = Mapping[str, tuple[str, Callable[[Order], Transition]]]
ROWS: Rows = {
    "create": ("missing", lambda order: new_order()),
    "edit": ("pending", lambda order: transitions.edit(order, BUYER, "CONTENT2", 3750, write_context())),
    "lock": ("pending", lambda order: lock_of(NOW_PAYING, 1)),
    "record_session": (
        "opening",
        lambda order: transitions.record_session(
            holder(order), "ses-1", "https://pay.test/1", write_context("gateway:sandbox")
        ),
    ),
    "settle": (
        "open",
        lambda order: transitions.settle(
            entry_of(EXACT),
            None if order.status is PaymentStatus.IN_PAYMENT else order,
            write_context("gateway:sandbox"),
        ),
    ),
    "settle_manually": (
        "pending",
        lambda order: transitions.settle_manually(
            order, ManualSettlement(ManualMethod.CASH, order.total, "receipt 4711"), write_context()
        ),
    ),
    "settle_free": (
        "free",
        lambda order: transitions.settle_free(order, NOW_PAYING, "0QRS5TV7WX9Y", BUYER, write_context()),
    ),
    "release": (
        "open",
        lambda order: transitions.release(order, holder(order), ReleaseReason.CANCELLED, LATER, write_context()),
    ),
    "release_and_edit": (
        "open",
        lambda order: transitions.release_and_edit(
            order, holder(order), ReleaseReason.CANCELLED, LATER, BUYER, CHANGE, write_context()
        ),
    ),
    "force_release": (
        "releasing",
        lambda order: transitions.force_release(
            order, holder(order), ReleaseReason.TIMED_OUT, LATER, "its gateway is gone", write_context("operator-1")
        ),
    ),
    "await_release": (
        "open",
        lambda order: transitions.await_release(
            order, holder(order), ReleaseReason.TIMED_OUT, LATER, write_context("sweep")
        ),
    ),
    "mark_processing": (
        "open",
        lambda order: transitions.mark_processing(
            order, holder(order), MUCH_LATER, LATER, write_context("gateway:sandbox")
        ),
    ),
    "accept_late": (
        "pending",
        lambda order: transitions.accept_late(
            order, order.past_attempts[OLD], entry_of(EXACT, OLD), write_context("gateway:sandbox")
        ),
    ),
    "claim": (
        "pending",
        lambda order: transitions.claim(
            order,
            replace(entry_of(EXACT, OLD, PaymentPlace.CLAIMED), next_at=LATER, tries=1),
            write_context("gateway:sandbox"),
        ),
    ),
    "owe_refund": (
        "pending",
        lambda order: transitions.owe_refund(order, paid_back("pay-2"), refund_of("pay-2"), write_context()),
    ),
    "request_refund": (
        "paid",
        lambda order: transitions.request_refund(order, requested_refund("pay-1"), write_context("seller-1")),
    ),
    "refund_manually": (
        "paid",
        lambda order: transitions.refund_manually(order, requested_refund("pay-1"), write_context("seller-1")),
    ),
    "delay_refund": (
        "pending",
        lambda order: transitions.delay_refund(
            order, refund_of("pay-owed", OWED), LATER, "no answer", write_context("sweep")
        ),
    ),
    "refunded": (
        "pending",
        lambda order: transitions.refunded(order, refund_of("pay-owed", OWED), write_context("sweep")),
    ),
    "refund_failed": (
        "settled",
        lambda order: transitions.refund_failed(
            order, replace(refund_of("pay-owed", OWED), status=RefundStatus.REFUNDED), write_context("gateway:sandbox")
        ),
    ),
    "refuse_refund": (
        "pending",
        lambda order: transitions.refuse_refund(
            order, refund_of("pay-owed", OWED), "charge_disputed", write_context("sweep")
        ),
    ),
    "write_off": (
        "refused",
        lambda order: transitions.write_off(
            order, refund_of("pay-owed", OWED), "it is lost", write_context("operator-1")
        ),
    ),
    "money_returned": (
        "pending",
        lambda order: transitions.money_returned(
            order, replace(order.payments["pay-owed"], returned=1000), write_context("gateway:sandbox")
        ),
    ),
    "dispute_opened": (
        "pending",
        lambda order: transitions.dispute_opened(order, dispute_of(), OWED, write_context("gateway:sandbox")),
    ),
    "dispute_closed": (
        "disputed",
        lambda order: transitions.dispute_closed(
            order, dispute_of(DisputeStatus.LOST), OWED, write_context("gateway:sandbox")
        ),
    ),
    "end_links": (
        "pending",
        lambda order: transitions.end_links(order, list(order.past_attempts.values()), write_context("sweep")),
    ),
    "watch_link": (
        "pending",
        lambda order: transitions.watch_link(order, order.past_attempts[OLD], LATER, write_context("sweep")),
    ),
    "quarantine": (
        "open",
        lambda order: transitions.quarantine(
            order, entry_of(WRONG, place=PaymentPlace.REVIEW), write_context("gateway:sandbox")
        ),
    ),
    "settle_review": (
        "review",
        lambda order: transitions.settle_review(
            order, holder(order), order.payments["pay-1"], "it is enough", write_context("operator-1")
        ),
    ),
    "refund_review": (
        "review",
        lambda order: transitions.refund_review(
            order,
            holder(order),
            order.payments["pay-1"],
            refund_of("pay-1", NOW_PAYING),
            "too little",
            write_context("operator-1"),
        ),
    ),
    "cancel_order": ("pending", lambda order: transitions.cancel_order(order, BUYER, write_context())),
    "hand_over": ("pending", lambda order: transitions.hand_over(order, "buyer-2", write_context("shop"))),
    "issue_link": ("pending", lambda order: transitions.issue_link(order, LINK_ID, None, write_context("seller-1"))),
    "erase": ("cancelled", lambda order: transitions.erase(order, "CONTENT3", write_context("shop"))),
    "expire_order": ("expiring", lambda order: transitions.expire_order(order, write_context("sweep"))),
}

# The same rows where a part of the money was already returned.
PART = replace(EXACT, returned=500)
AFTER_A_RETURN: Rows = {
    "quarantine": (
        "open",
        lambda order: transitions.quarantine(order, entry_of(PART, place=PaymentPlace.REVIEW), write_context()),
    ),
    "settle_review": (
        "review_of_a_part",
        lambda order: transitions.settle_review(
            order, holder(order), order.payments["pay-1"], "enough", write_context()
        ),
    ),
    "claim": (
        "pending",
        lambda order: transitions.claim(order, entry_of(PART, OLD, PaymentPlace.CLAIMED), write_context()),
    ),
    "release": (
        "open",
        lambda order: transitions.release(
            order,
            holder(order),
            ReleaseReason.CANCELLED,
            None,
            write_context(),
            entry_of(replace(EXACT, returned=2500), place=PaymentPlace.RETURNED),
        ),
    ),
}

# The way to each state, from the one before it.
_STEPS: dict[str, tuple[str, str]] = {
    "opening": ("pending", "lock"),
    "open": ("opening", "record_session"),
    "processing": ("open", "mark_processing"),
    "releasing": ("open", "await_release"),
    "review": ("open", "quarantine"),
    "paid": ("open", "settle"),
    "refund_requested": ("paid", "request_refund"),
    "refunded_manually": ("paid", "refund_manually"),
    "paid_late": ("pending", "accept_late"),
    "paid_by_decision": ("review", "settle_review"),
    "given_back_by_decision": ("review", "refund_review"),
    "edited": ("pending", "edit"),
    "paid_free": ("free", "settle_free"),
    "cancelled": ("pending", "cancel_order"),
    "expired": ("expiring", "expire_order"),
    "erased": ("cancelled", "erase"),
    "handed_over": ("pending", "hand_over"),
    "released_again": ("releasing", "release"),
    "settled": ("pending", "refunded"),
    "owed_again": ("settled", "refund_failed"),
    "refused": ("pending", "refuse_refund"),
    "written_off": ("refused", "write_off"),
    "disputed": ("pending", "dispute_opened"),
    "dispute_over": ("disputed", "dispute_closed"),
    "returned": ("pending", "money_returned"),
    "claimed": ("pending", "claim"),
    "forced": ("releasing", "force_release"),
    "stopped_and_changed": ("open", "release_and_edit"),
}
# The total and the terms of an order that is edited once it is pending.
_BY_AN_EDIT = {"free": (0, USUAL_TERMS), "expiring": (2500, TERMS)}
STATES = ("missing", "new", "pending", *_BY_AN_EDIT, *_STEPS)


@cache
def head_of(state: str) -> dict[str, Any]:
    """The head's document of an order in that state; not to be changed."""
    if state == "missing":
        return {}
    if state == "review_of_a_part":
        return _after(head_of("open"), AFTER_A_RETURN["quarantine"][1](order_from_document(head_of("open"))))
    if state in _BY_AN_EDIT:
        total, terms = _BY_AN_EDIT[state]
        order = order_from_document(head_of("pending"))
        changed = transitions.edit(order, BUYER, "CONTENT2", total, write_context(), terms=terms)
        return _after(head_of("pending"), changed)
    if state in _STEPS:
        before, row = _STEPS[state]
        return _after(head_of(before), ROWS[row][1](order_from_document(head_of(before))))
    created = _after({}, new_order())
    return created if state == "new" else _with_a_past(created)


def fitting(row: str, rows: Rows = ROWS) -> tuple[dict[str, Any], Transition]:
    """A head's document, and a transition of that row that it lets through."""
    state, make = rows[row]
    head = head_of(state)
    return head, make(order_from_document(head or head_of("new")))


def aimed_at(row: str, state: str) -> Transition:
    """That row's transition made from an order in that state; where it cannot be, from the state that it fits."""
    try:
        return ROWS[row][1](order_from_document(head_of(state)))
    except (OrderUnreadable, KeyError, ValueError):
        return fitting(row)[1]


def _with_a_past(head: dict[str, Any]) -> dict[str, Any]:
    """One attempt whose link may still be live, and one whose money is owed back."""
    for attempt_id in (OLD, OWED):
        head = _after(head, lock_of(attempt_id))
        order = order_from_document(head)
        head = _after(head, transitions.release(order, holder(order), ReleaseReason.CANCELLED, LATER, write_context()))
    order = order_from_document(head)
    owed = transitions.owe_refund(order, paid_back("pay-owed", OWED), refund_of("pay-owed", OWED), write_context())
    return _after(head, owed)


def _after(head: dict[str, Any], transition: Transition) -> dict[str, Any]:
    store = MemoryOrderStore()
    store.heads = {ORDER_ID: head} if head else {}
    if not isinstance(store.apply(ORDER_ID, transition), Applied):
        raise LookupError(f"{transition.name} does not fit")
    return store.heads[ORDER_ID]
