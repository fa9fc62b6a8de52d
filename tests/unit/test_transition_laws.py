"""The laws of a transition, which the design gives: what every row's guard demands, whatever the row is about."""

from collections.abc import Callable
from datetime import datetime, timedelta
from typing import Any

import pytest

from paylatch.domain import transitions
from paylatch.domain.changes import Set, changed
from paylatch.domain.documents import order_from_document
from paylatch.domain.guards import broken_clauses
from paylatch.domain.order import Order
from paylatch.domain.payment import PaymentPlace
from paylatch.domain.timestamps import as_text
from paylatch.domain.transitions import STATE_TABLE, Transition
from tests.refusal_cases import AFTER_A_REFUSAL
from tests.transition_cases import (
    AFTER_A_RETURN,
    DEADLINE,
    EXACT,
    LATER,
    OLD,
    ROWS,
    START,
    entry_of,
    fitting,
    head_of,
    holder,
    paid_back,
    write_context,
)

# Harmless when they arrive late, each by clauses of its own.
WITHOUT_A_READ = frozenset({"create", "lock", "record_session", "settle"})
# Forms of a row beside the one that `ROWS` has.
OTHER_FORMS: dict[str, tuple[str, Callable[[Order], Transition]]] = {
    "settle, from the order as it was read": (
        "releasing",
        lambda order: transitions.settle(entry_of(EXACT), order, write_context()),
    ),
    "money_returned, of a payment without a place": (
        "pending",
        lambda order: transitions.money_returned(order, entry_of(EXACT, OLD, PaymentPlace.RETURNED), write_context()),
    ),
    "claim, once more": (
        "claimed",
        lambda order: transitions.claim(order, entry_of(EXACT, OLD, PaymentPlace.CLAIMED), write_context()),
    ),
    "refund_review, of what is back already": (
        "review",
        lambda order: transitions.refund_review(
            order, holder(order), order.payments["pay-1"], None, "it is back", write_context()
        ),
    ),
    "write_off, of a refund that is due": (
        "pending",
        lambda order: transitions.write_off(order, order.refunds_due[0], "it is lost", write_context()),
    ),
    "dispute_closed, of a dispute that nobody reported as opened": (
        "pending",
        lambda order: ROWS["dispute_closed"][1](order),
    ),
    "release, of a payment that the gateway refused to open": AFTER_A_REFUSAL["release"],
    "settle, of a payment that was under way": (
        "processing",
        lambda order: transitions.settle(entry_of(EXACT), order, write_context()),
    ),
    "mark_processing, once more": ("processing", lambda order: ROWS["mark_processing"][1](order)),
    "mark_processing, of a release that was begun": ("releasing", lambda order: ROWS["mark_processing"][1](order)),
    "await_release, of a payment that was under way": (
        "processing",
        lambda order: ROWS["await_release"][1](order),
    ),
    "await_release, once more": ("releasing", lambda order: ROWS["await_release"][1](order)),
    "owe_refund, of a claimed payment": (
        "claimed",
        lambda order: transitions.owe_refund(order, paid_back("pay-1"), order.refunds_due[0], write_context()),
    ),
}
CASES = {name: fitting(name) for name in ROWS}
CASES |= {f"{name}, after a return": fitting(name, AFTER_A_RETURN) for name in AFTER_A_RETURN}
CASES |= {name: fitting(name, OTHER_FORMS) for name in OTHER_FORMS}
PLANNED = [name for name in CASES if name not in WITHOUT_A_READ]
PLACING = [
    (name, change.path[1])
    for name, (_, transition) in CASES.items()
    for change in transition.changes
    if isinstance(change, Set) and change.path[:1] == ("payments",) and len(change.path) == 2
]


def about_money(transition: Transition) -> bool:
    """Whether it gives a payment, refund or dispute another place, sum or status."""
    paths = [change.path for change in transition.changes]
    return any(path[0] in ("payments", "refunds", "disputes") and len(path) > 1 for path in paths)


def holds(transition: Transition, head: dict[str, Any]) -> bool:
    return not broken_clauses(transition.guard, head)


@pytest.mark.parametrize("name", CASES)
def test_each_case_fits_its_head(name: str) -> None:
    head, transition = CASES[name]
    assert holds(transition, head)


@pytest.mark.parametrize("name", CASES)
def test_a_guard_is_made_false_by_its_own_write(name: str) -> None:
    head, transition = CASES[name]
    after = changed(head, transition.changes)
    assert not holds(transition, after)
    order_from_document(after)


@pytest.mark.parametrize("name", PLANNED)
def test_what_is_planned_from_a_read_is_refused_once_anything_happened_since(name: str) -> None:
    head, transition = CASES[name]
    assert not holds(transition, {**head, "version": head["version"] + 1})


@pytest.mark.parametrize("name", sorted(WITHOUT_A_READ - {"create"}))
def test_what_is_written_without_a_read_is_refused_once_its_attempt_has_left(name: str) -> None:
    head, transition = CASES[name]
    locked = head if name != "lock" else changed(head, transition.changes)
    order = order_from_document(locked)
    left = changed(locked, ROWS["release"][1](order).changes)
    assert not holds(transition, left)


@pytest.mark.parametrize(("name", "payment_id"), PLACING)
@pytest.mark.parametrize("place", [place for place in PaymentPlace if place is not PaymentPlace.CLAIMED])
def test_a_payment_that_has_its_place_is_given_no_other(name: str, payment_id: str, place: PaymentPlace) -> None:
    head, transition = CASES[name]
    known = {**head_of("paid")["payments"]["pay-1"], "place": place.value}
    assert not holds(transition, {**head, "payments": {**head["payments"], payment_id: known}})


def test_every_row_planned_from_a_read_is_covered() -> None:
    assert {name.partition(",")[0] for name in PLANNED} == set(STATE_TABLE) - {"create", "lock", "record_session"}


@pytest.mark.parametrize("name", [name for name, (_, transition) in CASES.items() if about_money(transition)])
def test_money_stands_in_every_event_that_is_about_money(name: str) -> None:
    head, transition = CASES[name]
    detail = dict(transition.event.detail or {})
    after = order_from_document(changed(head, transition.changes))
    payment = after.payments[str(detail["payment_id"])]
    assert detail["currency"] == payment.currency
    if "refund_id" in detail:
        assert detail["amount"] == after.refunds[str(detail["refund_id"])].amount
    elif "dispute_id" in detail:
        assert detail["amount"] == after.disputes[str(detail["dispute_id"])].amount
    else:
        assert (detail["amount"], detail.get("returned", 0)) == (payment.amount, payment.returned)


DUE_NEXT = {
    "create": None,
    "edit": None,
    "cancel_order": None,
    "lock": START + timedelta(minutes=2),
    "record_session": DEADLINE,
    "await_release": LATER,
    "settle": None,
    "settle_manually": None,
    "release": START,
    "owe_refund": START,
    "delay_refund": LATER,
    "dispute_opened": None,
}


@pytest.mark.parametrize(("name", "due_at"), DUE_NEXT.items())
def test_the_event_has_the_due_time_that_this_write_set(name: str, due_at: datetime | None) -> None:
    head, transition = CASES[name]
    after = changed(head, transition.changes)
    assert order_from_document(after).last_event.due_at == due_at
    assert due_at is None or as_text(due_at) in (after.get("due_at"), after.get("follow_up_at"))
