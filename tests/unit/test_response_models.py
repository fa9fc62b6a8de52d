"""What the API shows of an order and its attempts in every state."""

from dataclasses import fields
from datetime import timedelta

import pytest

from paylatch.domain.documents import order_from_document
from paylatch.domain.order import Content, Line
from paylatch.domain.stored_records import UNKNOWN
from paylatch.runtime.response_models import attempt_response, head_response, order_response
from paylatch.runtime.response_types import OrderHead
from paylatch.use_cases.read_order import WholeOrder
from tests.transition_cases import NOW_PAYING, OLD, ORDER_ID, OWED, START, head_of

TEA = Line("tea-01", "Green tea", 2, 1250)
SHOWN = {*OrderHead.__annotations__, *(field.name for field in fields(Content) if field.name != UNKNOWN)}
LINKS = {"open": "https://pay.test/1", "releasing": "https://pay.test/1", "opening": None, "paid": None, "review": None}


def test_an_order_shows_the_contracts_members_and_what_is_owed() -> None:
    whole = WholeOrder(order_from_document(head_of("pending")), Content((TEA,)))
    shown = order_response(whole, START)
    assert set(shown) == SHOWN
    assert (shown["shipping_address"], shown["note"]) == (None, None)
    assert shown["lines"] == [{"sku": "tea-01", "name": "Green tea", "quantity": 2, "unit_price": 1250}]
    assert [(each["payment_id"], each["status"]) for each in shown["unapplied"]] == [("pay-owed", "due")]


@pytest.mark.parametrize(("state", "link"), LINKS.items())
def test_a_payment_link_is_shown_only_while_it_can_be_paid(state: str, link: str | None) -> None:
    payment = head_response(order_from_document(head_of(state)), START)["payment"]
    assert payment is not None
    assert payment["pay_url"] == link


@pytest.mark.parametrize("state", ["new", "pending", "edited", "cancelled", "paid", "paid_late", "paid_by_decision"])
def test_what_is_not_locked_shows_no_lock(state: str) -> None:
    assert head_response(order_from_document(head_of(state)), START)["lock"] is None


@pytest.mark.parametrize(
    ("state", "reason", "until"),
    [
        ("opening", "in_payment", "2026-11-24T12:15:00.000Z"),
        ("open", "in_payment", "2026-11-24T12:15:00.000Z"),
        ("releasing", "releasing", None),
        ("review", "review", None),
    ],
)
def test_a_lock_shows_its_attempt_reason_start_and_deadline(state: str, reason: str, until: str | None) -> None:
    assert head_response(order_from_document(head_of(state)), START)["lock"] == {
        "attempt_id": NOW_PAYING,
        "reason": reason,
        "since": "2026-11-24T12:00:00.000Z",
        "until": until,
        "overdue": False,
    }


@pytest.mark.parametrize(
    ("state", "due", "overdue"),
    [
        ("opening", timedelta(minutes=2), True),
        ("open", timedelta(minutes=15), True),
        ("releasing", timedelta(hours=1), True),
        ("review", timedelta(days=9), False),
    ],
)
def test_a_lock_is_overdue_once_the_time_to_act_on_it_has_come(state: str, due: timedelta, overdue: bool) -> None:
    order = order_from_document(head_of(state))
    shown = [head_response(order, START + due + early)["lock"] for early in (-timedelta(milliseconds=1), timedelta(0))]
    assert [lock and lock["overdue"] for lock in shown] == [False, overdue]


def test_a_past_attempt_shows_what_became_of_it_and_no_link() -> None:
    order = order_from_document(head_of("pending"))
    shown = {attempt_id: attempt_response(order.past_attempts[attempt_id], ORDER_ID) for attempt_id in (OLD, OWED)}
    assert [each["status"] for each in shown.values()] == ["cancelled", "refund_due"]
    assert [each["pay_url"] for each in shown.values()] == [None, None]
    assert all(each["order_id"] == ORDER_ID and each["amount"] == 2500 for each in shown.values())
