"""Every cell of the late-money table: each state of an order, each difference of a payment."""

from dataclasses import replace
from datetime import timedelta

import pytest

from paylatch.domain.documents import order_from_document
from paylatch.domain.late_money import (
    DECISIONS,
    Decision,
    Evidence,
    Holding,
    Payment,
    Situation,
    holding_of,
    situation_of,
)
from paylatch.domain.order import Order, PaymentStatus
from paylatch.domain.payment import Capture
from paylatch.domain.payment_terms import LateMoney
from tests.transition_cases import NOW_PAYING, OLD, ORDER_ID, START, head_of

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
    covered = {situation for row in CELLS.values() for situation in row}
    assert covered == set(Situation) - {S.RECORDED, S.LATE_GOES_BACK}


@pytest.mark.parametrize("stack", LateMoney)
@pytest.mark.parametrize("order", [*LateMoney, None])
@pytest.mark.parametrize(("state", "payment", "situation"), TABLE)
def test_the_order_or_else_the_stack_decides_about_late_money_that_would_pay_and_about_no_other(
    state: str, payment: str, situation: Situation, order: LateMoney | None, stack: LateMoney
) -> None:
    found = situation_of(replace(order_in(state), late_money=order), PAYMENTS[payment], stack)
    goes_back = situation is S.SAME_REVISION and (order or stack) is LateMoney.REFUND
    assert found is (S.LATE_GOES_BACK if goes_back else situation)


def test_late_money_that_goes_back_is_asked_about_first_like_money_that_pays() -> None:
    pays, goes_back = DECISIONS[S.SAME_REVISION], DECISIONS[S.LATE_GOES_BACK]
    differing = {holding for holding in Holding if pays[holding] is not goes_back[holding]}
    assert (differing, goes_back[Holding.ALL]) == ({Holding.ALL}, Decision.OWE_REFUND)


@pytest.mark.parametrize(("state", "payment_id"), [("paid", "pay-1"), ("review", "pay-1"), ("pending", "pay-owed")])
@pytest.mark.parametrize("payment", PAYMENTS)
def test_a_payment_that_has_its_place_keeps_it_whatever_is_stated(state: str, payment_id: str, payment: str) -> None:
    again = replace(PAYMENTS[payment], capture=replace(PAYMENTS[payment].capture, payment_id=payment_id))
    assert situation_of(order_in(state), again) is S.RECORDED


def test_every_situation_has_one_decision_and_only_agreed_money_pays() -> None:
    assert set(DECISIONS) == set(Situation)
    assert {frozenset(row) for row in DECISIONS.values()} == {frozenset(Holding)}
    assert cells_with(Decision.SETTLE) == {(S.HOLDER_EXACT, Holding.ALL), (S.HOLDER_EXACT, Holding.STATED_RECENTLY)}
    assert cells_with(Decision.ACCEPT_LATE) == {(S.SAME_REVISION, Holding.ALL)}
    assert {situation for situation, _ in cells_with(Decision.NOTHING)} == {S.RECORDED}, "nothing else is dropped"


def cells_with(decision: Decision) -> set[tuple[Situation, Holding]]:
    return {(row, column) for row, cells in DECISIONS.items() for column, cell in cells.items() if cell is decision}


def test_fully_returned_money_pays_for_nothing_and_owes_no_refund() -> None:
    gone = {situation: cells[Holding.NOTHING] for situation, cells in DECISIONS.items()}
    held = {S.HOLDER_EXACT, S.HOLDER_DIFFERS}
    assert {situation for situation, decision in gone.items() if decision is Decision.RELEASE} == held
    others = {decision for situation, decision in gone.items() if situation not in held | {S.RECORDED}}
    assert others == {Decision.RECORD_RETURN}


STATEMENTS = [
    (Evidence.STATED, timedelta(0), 0, Holding.STATED_RECENTLY),
    (Evidence.STATED, timedelta(minutes=15), 0, Holding.STATED_RECENTLY),
    (Evidence.STATED, timedelta(minutes=15, milliseconds=1), 0, Holding.STATED_EARLIER),
    (Evidence.STATED, -timedelta(minutes=15, milliseconds=1), 0, Holding.STATED_EARLIER),
    (Evidence.STATED, None, 0, Holding.STATED_EARLIER),
    (Evidence.STATED, timedelta(0), 1, Holding.STATED_EARLIER),
    (Evidence.CONFIRMED, None, 0, Holding.ALL),
    (Evidence.CONFIRMED, None, 1, Holding.PART),
    (Evidence.CONFIRMED, None, 2499, Holding.PART),
    (Evidence.CONFIRMED, None, 2500, Holding.NOTHING),
    (Evidence.UNANSWERED, timedelta(0), 0, Holding.NO_ANSWER),
    (Evidence.UNANSWERED, timedelta(0), 1, Holding.NO_ANSWER),
    (Evidence.UNANSWERED, None, 2500, Holding.NO_ANSWER),
    (Evidence.STATED, timedelta(0), 2500, Holding.STATED_EARLIER),
]


@pytest.mark.parametrize(("evidence", "age", "returned", "holding"), STATEMENTS)
def test_a_statement_counts_as_the_state_now_for_a_quarter_of_an_hour(
    evidence: Evidence, age: timedelta | None, returned: int, holding: Holding
) -> None:
    stated_at = START - age if age is not None else None
    payment = Payment(OLD, "sandbox", replace(EXACT, returned=returned), evidence, stated_at)
    assert holding_of(payment, START) is holding
