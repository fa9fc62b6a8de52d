"""Every cell of the late-money table: each state of an order, each way a payment can differ."""

from dataclasses import replace

import pytest

from paylatch.domain.documents import order_from_document
from paylatch.domain.late_money import DECISIONS, Decision, Payment, Situation, situation_of
from paylatch.domain.order import Order, PaymentStatus
from paylatch.domain.payment import Capture
from tests.transition_cases import NOW_PAYING, OLD, ORDER_ID, head_of

NEVER = f"{ORDER_ID}_7777777A"
EXACT = Capture("new-money", 2500, "EUR")
PAYMENTS = {
    "exact": Payment(NOW_PAYING, "sandbox", EXACT),
    "too little": Payment(NOW_PAYING, "sandbox", replace(EXACT, amount=2499)),
    "too much": Payment(NOW_PAYING, "sandbox", replace(EXACT, amount=2501)),
    "other currency": Payment(NOW_PAYING, "sandbox", replace(EXACT, currency="USD")),
    "other gateway": Payment(NOW_PAYING, "stripe", EXACT),
    "old": Payment(OLD, "sandbox", EXACT),
    "old, too little": Payment(OLD, "sandbox", replace(EXACT, amount=2499)),
    "old, other currency": Payment(OLD, "sandbox", replace(EXACT, currency="USD")),
    "old, other gateway": Payment(OLD, "stripe", EXACT),
    "never heard of": Payment(NEVER, "sandbox", EXACT),
}
S = Situation
# In the order of PAYMENTS.
LOCKED = [S.HOLDER_EXACT, *[S.HOLDER_DIFFERS] * 3, *[S.NEWER_ATTEMPT] * 6]
CELLS: dict[str, list[Situation]] = {
    "pending": [*[S.UNKNOWN_ATTEMPT] * 5, S.SAME_REVISION, S.LATE_DIFFERS, S.LATE_DIFFERS, *[S.UNKNOWN_ATTEMPT] * 2],
    "edited": [*[S.UNKNOWN_ATTEMPT] * 5, S.EDITED_SINCE, S.LATE_DIFFERS, S.LATE_DIFFERS, *[S.UNKNOWN_ATTEMPT] * 2],
    "opening": LOCKED,
    "open": LOCKED,
    "releasing": LOCKED,
    "paid": [S.PAID_ALREADY] * 10,
    "paid_late": [S.PAID_ALREADY] * 10,
    "cancelled": [S.ORDER_CANCELLED] * 10,
    "review": [S.UNDER_REVIEW] * 10,
}
TABLE = [
    (state, name, situation)
    for state, row in CELLS.items()
    for name, situation in zip(PAYMENTS, row, strict=True)
]  # fmt: skip


def order_in(state: str) -> Order:
    return order_from_document(head_of(state))


@pytest.mark.parametrize(("state", "payment", "situation"), TABLE)
def test_how_a_payment_finds_an_order(state: str, payment: str, situation: Situation) -> None:
    assert situation_of(order_in(state), PAYMENTS[payment]) is situation


def test_the_cells_cover_every_status_and_every_situation_but_what_is_recorded() -> None:
    assert {order_in(state).status for state in CELLS} == set(PaymentStatus)
    assert {situation for row in CELLS.values() for situation in row} == set(Situation) - {S.RECORDED}


@pytest.mark.parametrize(("state", "payment_id"), [("paid", "pay-1"), ("review", "pay-1"), ("pending", "pay-owed")])
@pytest.mark.parametrize("payment", PAYMENTS)
def test_money_that_has_its_place_is_recorded_whatever_is_said_about_it(
    state: str, payment_id: str, payment: str
) -> None:
    again = replace(PAYMENTS[payment], capture=replace(PAYMENTS[payment].capture, payment_id=payment_id))
    assert situation_of(order_in(state), again) is S.RECORDED


def test_every_situation_has_one_decision_and_only_agreed_money_pays() -> None:
    assert set(DECISIONS) == set(Situation)
    pays = {
        situation for situation, decision in DECISIONS.items() if decision in (Decision.SETTLE, Decision.ACCEPT_LATE)
    }
    assert pays == {S.HOLDER_EXACT, S.SAME_REVISION}
    kept_nowhere = {situation for situation, decision in DECISIONS.items() if decision is Decision.NOTHING}
    assert kept_nowhere == {S.RECORDED}, "nothing else is dropped"
