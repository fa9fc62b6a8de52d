"""The seller's payment terms: whether an order may be paid, until when, and what late money does."""

from dataclasses import replace
from datetime import timedelta
from typing import Any

import pytest

from paylatch.domain.errors import OutcomeUnknown, StoreUnavailable
from paylatch.domain.order import PaymentStatus
from paylatch.domain.payment_terms import LateMoney
from paylatch.domain.timestamps import as_text
from paylatch.domain.transitions import Transition
from paylatch.ports import Applied, Rejected, Rules, VoidAnswer, VoidKind
from paylatch.runtime import wiring
from paylatch.store.connection import TableConnection
from paylatch.store.dynamodb import DynamoOrderStore
from tests.fakes.memory_timers import MemoryTimers
from tests.integration.dynamodb_tap import Tap
from tests.integration.shop import TTL, Shop, swept
from tests.integration.test_free_orders import overtaking
from tests.lambda_events import BUYER, SELLER, SERVICE, Person, sample_body

TEA = sample_body("order_create")["lines"][0]
COUPON = {"sku": "welcome", "name": "Welcome", "quantity": 1, "unit_price": -2500, "kind": "discount"}
FREE = {"lines": [TEA, COUPON]}
HOUR = timedelta(hours=1)


def in_an_hour(shop: Shop) -> str:
    return as_text(shop.clock.now() + HOUR)


@pytest.mark.parametrize("lines", [{"lines": [TEA]}, FREE], ids=["priced", "free"])
def test_no_payment_begins_of_an_order_that_is_not_payable(shop: Shop, lines: dict[str, Any]) -> None:
    order_id = shop.create(**lines, payable=False)
    before = shop.head(order_id)
    refused = shop.pay(order_id)
    assert (refused.status, refused.code) == (409, "not-payable")
    assert shop.head(order_id) == before
    assert shop.gateway.opened == {}


def test_a_seller_lets_an_order_be_paid_again(shop: Shop) -> None:
    order_id = shop.create()
    assert shop.edit(order_id, 1, SELLER, payable=False).body["payable"] is False
    assert shop.pay(order_id, "one").code == "not-payable"
    assert shop.edit(order_id, 2, SERVICE, payable=True).body["payable"] is True
    assert shop.pay(order_id, "two").status == 201


def test_an_order_says_its_terms_whether_given_or_not(shop: Shop) -> None:
    order = shop.read(shop.create()).body
    assert (order["payable"], order["pay_by"], order["late_money"]) == (True, None, None)


@pytest.mark.parametrize(
    "terms",
    [{"payable": False}, {"pay_by": "2027-01-01T00:00:00Z"}, {"late_money": "refund"}],
    ids=lambda it: next(iter(it)),
)
def test_a_buyer_does_not_change_the_terms(shop: Shop, terms: dict[str, Any]) -> None:
    order_id = shop.create(buyer_may=["quantities", "remove_lines", "address", "note"])
    before = shop.head(order_id)
    refused = shop.edit(order_id, 1, BUYER, **terms)
    assert (refused.status, refused.code) == (403, "edit-not-allowed")
    assert [error["field"] for error in refused.body["errors"]] == [*terms]
    assert shop.head(order_id) == before


def test_no_payment_begins_after_pay_by(shop: Shop) -> None:
    order_id = shop.create(pay_by=in_an_hour(shop))
    shop.clock.advance(HOUR)
    before = shop.head(order_id)
    refused = shop.pay(order_id)
    assert (refused.status, refused.code) == (409, "pay-by-passed")
    assert shop.head(order_id) == before


# woocommerce#8539: unpaid orders stayed pending for ever.
def test_an_order_that_nobody_pays_ends_by_itself(shop: Shop) -> None:
    order_id = shop.create(pay_by=in_an_hour(shop))
    shop.clock.advance(HOUR - timedelta(milliseconds=1))
    assert shop.sweep() == swept(0)
    shop.clock.advance(timedelta(milliseconds=1))
    assert shop.sweep() == swept(1)
    head = shop.head(order_id)
    assert (head.status, head.follow_up_at) == (PaymentStatus.CANCELLED, None)
    assert (head.last_event.type, head.last_event.detail) == ("OrderCancelled", {"reason": "expired"})
    assert shop.sweep() == swept(0)
    assert shop.pay(order_id).code == "order-cancelled"


def test_its_end_comes_on_time_by_a_timer(shop: Shop, timers: MemoryTimers, orders_table: TableConnection) -> None:
    order_id = shop.create(pay_by=in_an_hour(shop))
    shop.clock.advance(HOUR - timedelta(minutes=1))
    shop.sweep()
    assert [(timer.order_id, timer.due_at) for timer in timers.sent] == [(order_id, shop.head(order_id).pay_by)]


def test_a_pay_by_sooner_than_the_next_sweep_stands_in_the_event_that_timers_are_sent_for(shop: Shop) -> None:
    order_id = shop.create(pay_by=as_text(shop.clock.now() + timedelta(seconds=20)))
    head = shop.head(order_id)
    assert head.last_event.due_at == head.follow_up_at == head.pay_by


def test_a_payment_that_began_before_may_still_pay_after_pay_by(shop: Shop) -> None:
    order_id = shop.create(pay_by=in_an_hour(shop))
    shop.clock.advance(HOUR - timedelta(seconds=1))
    attempt_id = shop.pay(order_id).body["attempt_id"]
    shop.clock.advance(timedelta(minutes=5))
    shop.sweep()
    assert shop.status(order_id) == "in_payment"
    shop.money(attempt_id)
    head = shop.head(order_id)
    assert (head.status, head.due_at, head.follow_up_at) == (PaymentStatus.PAID, None, None)


def test_an_order_that_is_released_after_pay_by_ends_in_the_same_run(shop: Shop) -> None:
    order_id = shop.create(pay_by=in_an_hour(shop))
    shop.clock.advance(HOUR - timedelta(seconds=1))
    shop.pay(order_id)
    shop.clock.advance(TTL)
    shop.sweep()
    head = shop.head(order_id)
    assert (head.status, head.due_at, head.follow_up_at) == (PaymentStatus.CANCELLED, None, None)
    assert head.last_event.detail == {"reason": "expired"}


def test_a_release_before_pay_by_keeps_the_time_at_which_the_order_ends(shop: Shop) -> None:
    order_id = shop.create(pay_by=in_an_hour(shop))
    attempt_id = shop.pay(order_id).body["attempt_id"]
    assert shop.head(order_id).follow_up_at == shop.head(order_id).pay_by
    shop.cancel_payment(order_id, attempt_id)
    assert shop.head(order_id).follow_up_at == shop.head(order_id).pay_by


def test_a_payment_under_way_for_days_is_not_looked_at_each_minute_after_pay_by(shop: Shop) -> None:
    order_id = shop.create(pay_by=in_an_hour(shop))
    attempt_id = shop.pay(order_id).body["attempt_id"]
    shop.gateway.answer_with("void", VoidAnswer(VoidKind.PROCESSING))
    shop.cancel_payment(order_id, attempt_id)
    head = shop.head(order_id)
    assert (head.processing_until is not None, head.follow_up_at) == (True, None)


def test_a_release_that_waits_is_not_looked_at_for_its_end(shop: Shop) -> None:
    order_id = shop.create(pay_by=in_an_hour(shop))
    attempt_id = shop.pay(order_id).body["attempt_id"]
    shop.gateway.answer_with("void", OutcomeUnknown("sandbox", "read timeout"))
    shop.cancel_payment(order_id, attempt_id)
    head = shop.head(order_id)
    assert (head.status, head.follow_up_at) == (PaymentStatus.RELEASING, None)


@pytest.mark.parametrize("person", [SELLER, SERVICE], ids=lambda person: person.role)
def test_a_seller_and_a_service_move_and_remove_pay_by(shop: Shop, person: Person) -> None:
    order_id = shop.create(pay_by=in_an_hour(shop))
    later = as_text(shop.clock.now() + 3 * HOUR)
    moved = shop.edit(order_id, 1, person, pay_by=later)
    assert (moved.status, moved.body["pay_by"], moved.body["revision"]) == (200, later, 2)
    shop.clock.advance(2 * HOUR)
    shop.sweep()
    assert shop.pay(order_id, "in-time").status == 201
    shop.cancel_payment(order_id, shop.holder(order_id))
    removed = shop.edit(order_id, 2, person, pay_by=None)
    assert (removed.status, removed.body["pay_by"], shop.head(order_id).follow_up_at) == (200, None, None)
    shop.clock.advance(100 * HOUR)
    assert shop.sweep() == swept(0)


def test_a_seller_may_move_a_pay_by_that_has_passed_while_the_order_is_pending(shop: Shop) -> None:
    order_id = shop.create(pay_by=in_an_hour(shop))
    shop.clock.advance(HOUR)
    assert shop.edit(order_id, 1, SELLER, note="the buyer called").status == 200
    assert shop.edit(order_id, 2, SELLER, pay_by=in_an_hour(shop)).status == 200
    assert shop.pay(order_id).status == 201


def test_of_a_moved_pay_by_and_the_end_whoever_is_first_wins(shop: Shop, monkeypatch: pytest.MonkeyPatch) -> None:
    order_id = shop.create(pay_by=in_an_hour(shop))
    shop.clock.advance(HOUR)
    later = in_an_hour(shop)
    overtaking(shop, monkeypatch, "expire_order", lambda: shop.edit(order_id, 1, SELLER, pay_by=later))
    shop.sweep()
    head = shop.head(order_id)
    assert (head.status, head.follow_up_at) == (PaymentStatus.PENDING_PAYMENT, head.pay_by)


def test_an_end_whose_answer_was_lost_is_one_event(shop: Shop, monkeypatch: pytest.MonkeyPatch) -> None:
    order_id = shop.create(pay_by=in_an_hour(shop))
    shop.clock.advance(HOUR)
    apply = DynamoOrderStore.apply

    def lost(store: DynamoOrderStore, order: str, transition: Transition) -> Applied | Rejected:
        outcome = apply(store, order, transition)
        if transition.name == "expire_order":
            raise StoreUnavailable("UpdateItem: timeout")
        return outcome

    monkeypatch.setattr(DynamoOrderStore, "apply", lost)
    shop.sweep()
    shop.sweep()
    assert (shop.status(order_id), shop.head(order_id).version) == ("cancelled", 2)


def test_cash_after_pay_by_pays_for_an_order_that_has_not_ended(shop: Shop) -> None:
    order_id = shop.create(pay_by=in_an_hour(shop))
    shop.clock.advance(HOUR)
    body = {"method": "cash", "amount": 2500, "note": "receipt 4711"}
    assert shop.call("settlement", order_id, body=body, person=SELLER).status == 200
    head = shop.head(order_id)
    assert (head.status, head.follow_up_at) == (PaymentStatus.PAID, None)


def test_an_order_that_is_cancelled_or_paid_for_nothing_has_no_end_to_come(shop: Shop) -> None:
    cancelled, free = shop.create(pay_by=in_an_hour(shop)), shop.create(**FREE, pay_by=in_an_hour(shop))
    shop.call("order_cancel", cancelled)
    shop.pay(free)
    assert [shop.head(order_id).follow_up_at for order_id in (cancelled, free)] == [None, None]


def test_money_for_an_order_that_ended_goes_back(shop: Shop) -> None:
    order_id = shop.create(pay_by=in_an_hour(shop))
    attempt_id = shop.pay(order_id).body["attempt_id"]
    shop.cancel_payment(order_id, attempt_id)
    shop.clock.advance(HOUR)
    shop.sweep()
    shop.money(attempt_id)
    head = shop.head(order_id)
    assert (head.status, [refund.reason for refund in head.refunds_due]) == (PaymentStatus.CANCELLED, ["cancelled"])


def test_money_before_the_end_is_made_pays_though_pay_by_has_passed(shop: Shop) -> None:
    """The table decides by status and revision: money that came is money."""
    order_id = shop.create(pay_by=in_an_hour(shop))
    attempt_id = shop.pay(order_id).body["attempt_id"]
    shop.cancel_payment(order_id, attempt_id)
    shop.clock.advance(HOUR)
    shop.money(attempt_id)
    head = shop.head(order_id)
    assert (head.status, head.follow_up_at) == (PaymentStatus.PAID, None)


def test_stop_and_change_makes_an_order_not_payable_by_one_write(shop: Shop) -> None:
    order_id, attempt_id = shop.locked()
    later = in_an_hour(shop)
    stopped = shop.stop_and_change(order_id, attempt_id, 1, SELLER, payable=False, pay_by=later)
    assert (stopped.status, stopped.body["payable"], stopped.body["pay_by"]) == (200, False, later)
    assert shop.head(order_id).follow_up_at == shop.head(order_id).pay_by
    assert shop.pay(order_id, "again").code == "not-payable"


def test_a_payment_in_flight_is_not_touched_by_payable(shop: Shop) -> None:
    order_id, attempt_id = shop.locked()
    assert shop.edit(order_id, 1, SELLER, payable=False).code == "order-locked"
    shop.money(attempt_id)
    assert shop.status(order_id) == "paid"


# event-tickets#3852: the seats are sold to others by the time the money comes.
@pytest.mark.parametrize(
    ("order", "stack", "status"),
    [
        ("refund", LateMoney.ACCEPT, "pending_payment"),
        (None, LateMoney.REFUND, "pending_payment"),
        ("accept", LateMoney.REFUND, "paid"),
        (None, LateMoney.ACCEPT, "paid"),
    ],
)
def test_late_money_goes_back_where_order_or_stack_says_so(
    shop: Shop, monkeypatch: pytest.MonkeyPatch, order: str | None, stack: LateMoney, status: str
) -> None:
    ports = replace(shop.ports, rules=Rules(late_money=stack))
    monkeypatch.setattr(wiring, "make_ports", lambda: ports)
    wiring.ports.cache_clear()
    order_id = shop.create(late_money=order)
    attempt_id = shop.pay(order_id).body["attempt_id"]
    shop.cancel_payment(order_id, attempt_id)
    shop.money(attempt_id)
    head = shop.head(order_id)
    assert (head.status.value, len(head.refunds_due)) == (status, 0 if status == "paid" else 1)


def test_money_in_time_pays_whatever_is_said_of_late_money(shop: Shop) -> None:
    order_id = shop.create(late_money="refund")
    shop.money(shop.pay(order_id).body["attempt_id"])
    assert shop.status(order_id) == "paid"


BAD_TERMS = [
    ("payable", "no"),
    ("payable", None),
    ("pay_by", 1),
    ("pay_by", "tomorrow"),
    ("pay_by", "2027-01-01"),
    ("pay_by", "2027-01-01T00:00:00"),
    ("pay_by", "2027-02-30T00:00:00Z"),
    ("pay_by", "9999-12-31T23:59:59-23:59"),
    ("pay_by", "2027-01-01T00:00:00Z\n"),
    ("pay_by", "2020-01-01T00:00:00Z"),
    ("pay_by", "2028-01-01T00:00:00Z"),
    ("late_money", "keep"),
    ("late_money", False),
]


@pytest.mark.parametrize(("name", "value"), BAD_TERMS)
def test_a_wrong_term_is_named_and_nothing_is_written(shop: Shop, name: str, value: object) -> None:
    order = sample_body("order_create")
    refused = shop.call("order_create", "", body={**order, name: value}, person=SERVICE)
    assert (refused.status, refused.code) == (400, "invalid-request")
    assert [error["field"] for error in refused.body["errors"]] == [name]


@pytest.mark.parametrize(("name", "value"), [case for case in BAD_TERMS if case != ("payable", None)])
def test_an_edit_to_a_wrong_term_is_named_and_nothing_is_written(shop: Shop, name: str, value: object) -> None:
    order_id = shop.create()
    before = shop.head(order_id)
    refused = shop.edit(order_id, 1, SELLER, **{name: value})
    assert (refused.status, [error["field"] for error in refused.body["errors"]]) == (400, [name])
    assert shop.head(order_id) == before


def test_a_pay_by_with_another_offset_is_the_same_time_in_utc(shop: Shop) -> None:
    order = shop.read(shop.create(pay_by="2026-12-24T18:00:00.123456+02:00")).body
    assert order["pay_by"] == "2026-12-24T16:00:00.123Z"


def test_the_same_order_again_is_the_same_after_its_pay_by(shop: Shop) -> None:
    body = {**sample_body("order_create"), "pay_by": in_an_hour(shop)}
    first = shop.call("order_create", "", body=body, person=SERVICE)
    shop.clock.advance(2 * HOUR)
    again = shop.call("order_create", "", body=body, person=SERVICE)
    assert (first.status, again.status, again.body["order_id"]) == (201, 201, first.body["order_id"])


def test_an_order_with_a_pay_by_costs_no_more_to_lock_and_one_write_more_to_settle(
    shop: Shop, orders_table: TableConnection
) -> None:
    order_id = shop.create(pay_by=in_an_hour(shop))
    with Tap(orders_table).attached() as tap:
        attempt_id = shop.pay(order_id).body["attempt_id"]
    assert tap.sent == ["UpdateItem", "UpdateItem"]
    with Tap(orders_table).attached() as tap:
        shop.money(attempt_id)
    assert tap.sent == ["UpdateItem", "UpdateItem"]


def test_a_payment_that_outlasts_pay_by_needs_no_person(shop: Shop) -> None:
    order_id = shop.create(pay_by=in_an_hour(shop))
    shop.pay(order_id, expires_in=86_400)
    shop.clock.advance(timedelta(hours=3))
    shop.sweep()
    assert (shop.status(order_id), shop.operator("attention", "").body["orders"]) == ("in_payment", [])
